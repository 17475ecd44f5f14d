import { beforeAll, describe, expect, it } from 'vitest';
import { parameterCount } from '../../../src/compiler/ir/experiment.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { compileStatements } from '../../compiler/library/statements.js';
import { experimentOf, type Trained, train } from './trial.js';

beforeAll(async () => {
  await chooseBackend('simd');
});

const statements = (frozen: string) => `data digits(take=48, validation=16, test=16) { center_crop(10) }
  encoder { h: dense(12, frozen=${frozen})  batch_norm(frozen=${frozen})  relu()  code: dense(4) }
  decoder { dense(12, activation=relu)  dense(input.size, activation=sigmoid) }
  train adamw(lr=0.01, weight_decay=0.1) { epochs = 2  batch = 16 }`;

function weightsOf({ weights }: Pick<Trained, 'weights'>): ReadonlyMap<string, readonly number[]> {
  return new Map(weights.map(({ key, values }) => [key, [...values]]));
}

describe('a frozen layer', () => {
  it('keeps its weights and running statistics, and the others learn', async () => {
    const start = weightsOf(await train(statements('true'), { maxSteps: 0 }));
    const trained = weightsOf(await train(statements('true')));
    const moved = [...trained].filter(([key, values]) => values.join() !== start.get(key)?.join()).map(([key]) => key);
    expect(moved).toEqual([
      'encoder/2/weight',
      'encoder/2/bias',
      'decoder/0/weight',
      'decoder/0/bias',
      'decoder/1/weight',
      'decoder/1/bias',
    ]);
    const others = weightsOf(await train(statements('false')));
    expect([...others].filter(([key, values]) => values.join() !== start.get(key)?.join())).toHaveLength(12);
  });

  it('counts as no parameter', () => {
    const { encoder, decoder } = experimentOf(statements('true'));
    expect(parameterCount(encoder)).toBe(4 * 12 + 4);
    expect(parameterCount(decoder)).toBe(12 * 4 + 12 + 100 * 12 + 100);
  });

  it('is not pretrained, and something has to be left to train', () => {
    const problems = (text: string) =>
      compileStatements(text).diagnostics.map(({ code, message }) => `${code} ${message}`);
    const rest = 'decoder tied(encoder, output=sigmoid)  pretrain autoencoder() { epochs = 1  batch = 16 }';
    expect(problems(`encoder { h: dense(12, frozen=true, activation=sigmoid)  code: dense(4) }  ${rest}`)).toEqual([
      "AE508 the layer 'h' is frozen, so that nothing may train it",
    ]);
    expect(problems('encoder { code: dense(4, frozen=true) }  decoder { dense(input.size, frozen=true) }')).toEqual([
      'AE509 all layers with weights are frozen, so that there is nothing to train',
    ]);
  });

  it('has a tied opposite that shares the weight and learns a bias of its own', async () => {
    const text = `data digits(take=48, validation=16, test=16) { center_crop(10) }
      encoder { code: dense(12, frozen=true, activation=relu) }
      decoder tied(encoder, output=sigmoid)
      train adam(lr=0.01) { epochs = 1  batch = 16 }`;
    const start = weightsOf(await train(text, { maxSteps: 0 }));
    const trained = weightsOf(await train(text));
    const moved = [...trained].filter(([key, values]) => values.join() !== start.get(key)?.join()).map(([key]) => key);
    expect(moved).toEqual(['decoder/0/bias']);
  });
});
