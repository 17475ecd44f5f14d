import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InitialValue } from '../../../src/compiler/ir/experiment.js';
import { networkOf } from '../../../src/runtime/lowering/network-of-experiment.js';
import { stream } from '../../../src/runtime/random/stream.js';
import { drawInitialValue, initialWeights } from '../../../src/runtime/training/initial-weights.js';
import { orthogonalMatrix } from '../../../src/runtime/training/orthogonal.js';
import { builtinWords } from '../../../src/words/words.js';
import { experimentOf } from './trial.js';

const draw = (initial: InitialValue, shape: readonly number[]) =>
  drawInitialValue(initial, shape, stream({ seed: 1, path: 'encoder/0', purpose: 'weight' }));

function moments(values: Float32Array): { mean: number; std: number; least: number; most: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  return { mean, std, least: Math.min(...values), most: Math.max(...values) };
}

describe('a weight starts from its distribution', () => {
  const shape = [100, 400];

  it('uniform: within the bound, with the standard deviation bound / √3', () => {
    const { mean, std, least, most } = moments(draw({ kind: 'uniform', bound: 0.05 }, shape));
    expect(least).toBeGreaterThanOrEqual(-0.05);
    expect(most).toBeLessThan(0.05);
    expect(Math.abs(mean)).toBeLessThan(0.001);
    expect(std).toBeCloseTo(0.05 / Math.sqrt(3), 3);
  });

  it('normal', () => {
    const { mean, std } = moments(draw({ kind: 'normal', mean: 2, std: 0.1 }, shape));
    expect(mean).toBeCloseTo(2, 2);
    expect(std).toBeCloseTo(0.1, 2);
  });

  it('truncated normal: nothing beyond two standard deviations', () => {
    const { least, most, std } = moments(draw({ kind: 'truncated_normal', mean: 1, std: 0.1 }, shape));
    expect(least).toBeGreaterThan(0.8);
    expect(most).toBeLessThan(1.2);
    expect(std).toBeCloseTo(0.088, 3);
  });

  it('constant', () => {
    expect([...draw({ kind: 'constant', value: 0.25 }, [3])]).toEqual([0.25, 0.25, 0.25]);
  });
});

it('directions have the norm, row by row, and point everywhere', () => {
  const shape = [300, 40];
  const values = draw({ kind: 'directions', norm: 0.1 }, shape);
  for (let row = 0; row < 300; row++) {
    expect(Math.hypot(...values.subarray(row * 40, (row + 1) * 40))).toBeCloseTo(0.1, 7);
  }
  const { mean, std } = moments(values);
  expect(Math.abs(mean)).toBeLessThan(0.0005);
  expect(std).toBeCloseTo(0.1 / Math.sqrt(40), 4);
});

describe('an orthogonal start', () => {
  it('has orthonormal rows, or columns where there are fewer, times the gain', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, columns, seed) => {
          const random = new Float32Array(rows * columns);
          stream({ seed, path: 'encoder/0', purpose: 'weight' }).normal(random, 0);
          const q = orthogonalMatrix(random, rows, columns, 3);
          const byRow = rows <= columns;
          const [count, length] = byRow ? [rows, columns] : [columns, rows];
          const at = (vector: number, i: number) =>
            q[byRow ? vector * columns + i : i * columns + vector] ?? Number.NaN;
          for (let a = 0; a < count; a++) {
            for (let b = 0; b < count; b++) {
              let dot = 0;
              for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
              expect(dot).toBeCloseTo(a === b ? 9 : 0, 5);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is the Q of the decomposition with a positive diagonal: the first row keeps its direction', () => {
    const q = orthogonalMatrix(Float32Array.of(3, 4, 1, 0), 2, 2, 1);
    for (const [i, x] of [0.6, 0.8, 0.8, -0.6].entries()) expect(q[i]).toBeCloseTo(x, 6);
  });

  it('of a kernel counts as the matrix [out, in · height · width]', () => {
    const kernel = draw({ kind: 'orthogonal', gain: 1 }, [2, 3, 2, 2]);
    const dot = (a: number, b: number) =>
      Array.from({ length: 12 }, (_, i) => (kernel[12 * a + i] ?? 0) * (kernel[12 * b + i] ?? 0)).reduce(
        (s, x) => s + x,
        0,
      );
    expect([dot(0, 0), dot(1, 1)].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([1, 1]);
    expect(dot(0, 1)).toBeCloseTo(0, 5);
  });
});

describe('the weights of a network', () => {
  const start = (statements: string, seed = 1) =>
    initialWeights(networkOf(experimentOf(statements), builtinWords), seed);

  it('depend on seed, block and position alone: a layer more moves those after it', () => {
    const short = start('encoder { a: dense(8)  code: dense(5) }  decoder { dense(input.size) }');
    const long = start(
      'encoder { a: dense(8, activation=relu)  b: dense(6)  c: dense(5) }  decoder { dense(input.size) }',
    );
    expect(long.get('encoder/0/weight')).toEqual(short.get('encoder/0/weight'));
    expect(long.get('decoder/0/weight')).toEqual(short.get('decoder/0/weight'));
    expect(start('encoder { code: dense(8) }', 2).get('encoder/0/weight')).not.toEqual(short.get('encoder/0/weight'));
  });

  it('stand in structural order, and a tied weight has no value of its own', () => {
    const tied = start('encoder { dense(8)  code: dense(5) }  decoder tied(encoder, output=sigmoid)');
    expect([...tied.keys()]).toEqual([
      'encoder/0/weight',
      'encoder/0/bias',
      'encoder/1/weight',
      'encoder/1/bias',
      'decoder/0/bias',
      'decoder/1/bias',
    ]);
  });

  it('of a dense layer are within ±1/√inputs, as PyTorch draws them', () => {
    const { least, most } = moments(start('encoder { code: dense(60) }').get('encoder/0/weight') ?? new Float32Array());
    expect(most).toBeLessThan(1 / 28);
    expect(most).toBeGreaterThan(0.99 / 28);
    expect(least).toBeLessThan(-0.99 / 28);
  });
});
