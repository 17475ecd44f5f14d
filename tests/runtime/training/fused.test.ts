import { setBackend } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { SimdBackend } from '../../../src/runtime/backend/simd/simd-backend.js';
import { fusedOperations } from '../../../src/runtime/lowering/fused-operations.js';
import { ownDataNames, shortened, shortenedNames } from './shortened.js';
import { digitsOf, experimentOf, stepsOf, trainOn } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd', { threads: 1 });
});
afterEach(() => vi.restoreAllMocks());

function withoutFusing(): void {
  vi.spyOn(SimdBackend.prototype, 'fusedOperations', 'get').mockReturnValue(null);
  expect(fusedOperations()).toBeNull();
}

describe('fused kernels move no bit of', () => {
  // The matrix trains the others without fusing.
  it.each(shortenedNames.filter((name) => !ownDataNames.includes(name)))('%s', async (name) => {
    const experiment = shortened(name, 'digits(take=150, validation=20, test=1)');
    const data = digitsOf(experiment);
    expect(fusedOperations()).not.toBeNull();
    const fused = await trainOn(data, experiment, { maxSteps: 2 });
    withoutFusing();
    const separate = await trainOn(data, experiment, { maxSteps: 2 });
    expect(fused.weightsSha256).toBe(separate.weightsSha256);
    expect(fused.metrics).toEqual(separate.metrics);
  });

  it('a loss on what is between a layer and its activation', async () => {
    const statements = `
      data digits(take=64, test=4) { center_crop(10) }
      encoder { before: dense(8)  sigmoid()  code: dense(4, activation=tanh) }
      decoder { dense(input.size, activation=sigmoid) }
      loss mse() + 0.1 * l2(on=before)
      train adam(lr=0.01) { epochs = 2  batch = 16 }`;
    const experiment = experimentOf(statements);
    const fused = await trainOn(digitsOf(experiment), experiment);
    withoutFusing();
    const separate = await trainOn(digitsOf(experiment), experiment);
    expect(stepsOf(fused, 'loss')).toEqual(stepsOf(separate, 'loss'));
    expect(fused.weightsSha256).toBe(separate.weightsSha256);
  });
});

it('another backend has no fused operations', async () => {
  await chooseBackend('cpu');
  expect(fusedOperations()).toBeNull();
  await setBackend('simd');
});
