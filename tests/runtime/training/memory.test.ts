import { memory } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { trainTrial } from '../../../src/runtime/training/train-trial.js';
import { builtinWords } from '../../../src/words/words.js';
import { digitsOf, experimentOf } from './trial.js';

/** What is held after each of the epochs, once every hundred. */
async function heldAlong(statements: string): Promise<readonly { readonly tensors: number; readonly bytes: number }[]> {
  await chooseBackend('simd', { threads: 1 });
  const experiment = experimentOf(statements);
  const held: { readonly tensors: number; readonly bytes: number }[] = [];
  await trainTrial({
    experiment,
    data: digitsOf(experiment),
    seed: 1,
    library: builtinWords,
    backend: 'simd',
    clock: () => 0,
    emit(event) {
      if (event.event !== 'epoch' || event.epoch % 100 !== 0) return;
      const info = memory();
      if (!('numBytesReserved' in info)) throw new TypeError('the backend does not say what it holds');
      held.push({ tensors: info.numTensors, bytes: Number(info.numBytesReserved) });
    },
  });
  return held;
}

test('a hundred thousand steps hold no more than the first of them', { timeout: 300_000 }, async () => {
  const held = await heldAlong(`
    data digits(take=200, validation=20) { center_crop(8) }
    corrupt masking(0.2)
    encoder { code: dense(4, activation=sigmoid) }
    decoder tied(encoder, output=sigmoid)
    loss mse() + kl_sparsity(rho=0.1, beta=1)
    train adam(lr=0.001) { epochs = 1000  batch = 2  evaluate_every = 50 }`);
  expect(held).toHaveLength(10);
  for (const later of held) expect(later).toEqual(held[0]);
});
