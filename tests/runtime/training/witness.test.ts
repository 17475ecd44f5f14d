import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { encodeChain } from '../../../src/runtime/training/chain-file.js';
import type { TrainingState } from '../../../src/runtime/training/state.js';
import { train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

const statements = `data digits(take=24, test=8) { center_crop(8) }
  corrupt masking(0.2)
  encoder { h1: dense(6, activation=sigmoid)  dropout(0.2)  code: dense(4, activation=sigmoid) }
  decoder tied(encoder, output=sigmoid)
  pretrain rbm(on=[h1]) { epochs = 1  batch = 6 }
  pretrain autoencoder(on=[code]) { epochs = 1  batch = 6 }
  loss mse()
  train adam() { epochs = 2  batch = 6 }`;

describe('what a training leaves of itself', () => {
  it('has every tensor of a witness step, in the order of execution', async () => {
    const { chain } = await train(statements);
    const last = chain.witnesses.filter(({ stage }) => stage === 'train').at(-1);
    expect(last?.step).toBe(8);
    expect(last?.tensors.map(({ name }) => name)).toEqual([
      'input',
      'target',
      'output encoder[0]',
      'output encoder[1]',
      'output encoder[2]',
      'noise encoder.1 mask',
      'output encoder[3]',
      'output encoder[4]',
      'output encoder[5]',
      'output decoder[0]',
      'output decoder[1]',
      'output decoder[2]',
      'output decoder[3]',
      'output decoder[4]',
      ...[
        'encoder.0.weight',
        'encoder.0.bias',
        'encoder.2.weight',
        'encoder.2.bias',
        'decoder.0.bias',
        'decoder.1.bias',
      ].map((name) => `gradient ${name}`),
      ...[
        'encoder.0.weight',
        'encoder.0.bias',
        'encoder.2.weight',
        'encoder.2.bias',
        'decoder.0.bias',
        'decoder.1.bias',
      ].flatMap((name) => [`mean of ${name}`, `square of ${name}`, `update ${name}`]),
    ]);
    const machine = chain.witnesses.find(({ stage }) => stage === 'pretrain');
    expect(machine?.tensors.map(({ name }) => name)).toEqual([
      'input',
      'noise encoder.0 hidden_0',
      'model',
      ...['weight', 'visible_bias', 'bias'].map((name) => `gradient encoder.0.${name}`),
      ...['weight', 'bias', 'visible_bias'].flatMap((name) => [
        `velocity of encoder.0.${name}`,
        `update encoder.0.${name}`,
      ]),
    ]);
  });

  it('is the same, byte by byte, after an interruption in any stage', async () => {
    const states: TrainingState[] = [];
    const whole = await train(statements);
    await train(statements, { checkpoints: { due: (step) => step === 3, save: (state) => states.push(state) } });
    expect(states).toHaveLength(3);
    for (const state of states) {
      const { chain } = await train(statements, { resumeFrom: structuredClone(state) });
      expect(encodeChain(chain)).toEqual(encodeChain(whole.chain));
    }
  });

  it('does not depend on who is shown its tensors', async () => {
    const plain = await train(statements);
    const watched = await train(statements, { chain: { alsoWitness: () => true } });
    expect(watched.chain.links).toEqual(plain.chain.links);
    expect(watched.weightsSha256).toBe(plain.weightsSha256);
    expect(watched.chain.witnesses).toHaveLength(4 + 4 + 8);
  });
});
