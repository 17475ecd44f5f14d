import { tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { knownWord } from '../../../src/compiler/library/library.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { operations } from '../../../src/runtime/lowering/operations.js';
import { initialWeights } from '../../../src/runtime/training/initial-weights.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { builtinWords } from '../../../src/words/words.js';
import { experimentOf, stepsOf, train } from './trial.js';

/** Two gradients, of the lengths 5 and 12, clipped. */
function clipped(word: string, max: number): readonly (readonly number[])[] {
  const lowering = knownWord(builtinWords, 'clip', word).lower(operations);
  return scoped(() =>
    lowering
      .clip({ max }, [tensor([3, -4], [2], 'float32'), tensor([12, 0], [1, 2], 'float32')], 13)
      .map((gradient) => [...gradient.dataSync()]),
  );
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('clip = norm(max)', () => {
  it('multiplies all gradients by max / (norm + 1e-6), the norm being that of all together: √(5² + 12²) = 13', () => {
    const factor = 6.5 / (13 + 1e-6);
    const [first = [], second = []] = clipped('norm', 6.5);
    expect(first[0]).toBeCloseTo(3 * factor, 6);
    expect(first[1]).toBeCloseTo(-4 * factor, 6);
    expect(second[0]).toBeCloseTo(12 * factor, 6);
    expect(second[1]).toBe(0);
  });

  it('leaves them alone while the norm is below max', () => {
    expect(clipped('norm', 13.5)).toEqual([
      [3, -4],
      [12, 0],
    ]);
  });
});

describe('clip = value(max)', () => {
  it('bounds every element by itself', () => {
    expect(clipped('value', 3.5)).toEqual([
      [3, -3.5],
      [3.5, 0],
    ]);
  });
});

describe('in a step of sgd(lr=1)', () => {
  const data = 'data digits(take=16, test=1) { center_crop(8) }  encoder { code: dense(4, activation=sigmoid) }';

  /** How far the first update moves each element, and the norm of the gradient that was recorded. */
  async function moved(clip: string): Promise<{ readonly by: readonly number[]; readonly norm: number }> {
    const statements = `${data}  train sgd(lr=1) { epochs = 1  batch = 16  ${clip} }`;
    const before = initialWeights(networkOf(experimentOf(statements), builtinWords), 1);
    const trained = await train(statements, { maxSteps: 1 });
    const [norm = 0] = stepsOf(trained, 'gradient_norm');
    return {
      by: trained.weights.flatMap(({ key, values }) => [...values].map((w, i) => w - (before.get(key)?.[i] ?? 0))),
      norm,
    };
  }

  const length = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

  it('norm bounds the length of the whole update; what is recorded is the norm before', async () => {
    const free = await moved('');
    expect(length(free.by)).toBeCloseTo(free.norm, 5);
    const max = free.norm / 4;
    const bound = await moved(`clip = norm(${max})`);
    expect(bound.norm).toBe(free.norm);
    expect(length(bound.by)).toBeCloseTo(max, 5);
    for (const [i, by] of bound.by.entries()) expect(by).toBeCloseTo((free.by[i] ?? 0) / 4, 6);
  });

  it('value bounds each element of it', async () => {
    const free = await moved('');
    const max = Math.max(...free.by.map(Math.abs)) / 3;
    const bound = await moved(`clip = value(${max})`);
    for (const [i, by] of bound.by.entries()) {
      expect(by).toBeCloseTo(Math.max(-max, Math.min(max, free.by[i] ?? 0)), 6);
    }
  });
});
