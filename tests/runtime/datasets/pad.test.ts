import { describe, expect, it } from 'vitest';
import { closed, open } from '../../../src/compiler/ir/interval.js';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import { pad } from '../../../src/words/transform/pad.js';
import { transformWith } from './given-words.js';

/** What becomes of an image of 2×3, 1 to 6, and of one of 7 to 12 beside it. */
function padded(size: readonly [number, number], mode: string, value = 0): readonly number[][] {
  const part = { count: 1, values: Float32Array.from({ length: 12 }, (_, i) => i + 1), labels: null };
  const maker = batchMaker([2, 2, 3], [transformWith('pad', { size, mode, value })], 1);
  const [, rows = 0, columns = 0] = maker.shape;
  const target = new Float32Array(2 * rows * columns);
  maker.fill(part, Uint32Array.of(0), { step: 0, firstExample: 0 }, target);
  return Array.from({ length: 2 * rows }, (_, row) => [...target.subarray(row * columns, (row + 1) * columns)]);
}

describe('pad', () => {
  // numpy.pad(numpy.arange(1, 7).reshape(2, 3), ((1, 1), (2, 2)), mode=…)
  it('constant: one number all around', () => {
    expect(padded([1, 2], 'constant', 0.5).slice(0, 4)).toEqual([
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.5, 0.5, 1, 2, 3, 0.5, 0.5],
      [0.5, 0.5, 4, 5, 6, 0.5, 0.5],
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    ]);
  });

  it('reflect: mirrored at the border pixels, which are not repeated', () => {
    expect(padded([1, 2], 'reflect').slice(0, 4)).toEqual([
      [6, 5, 4, 5, 6, 5, 4],
      [3, 2, 1, 2, 3, 2, 1],
      [6, 5, 4, 5, 6, 5, 4],
      [3, 2, 1, 2, 3, 2, 1],
    ]);
  });

  it('edge: the border pixels again, of each channel', () => {
    expect(padded([1, 2], 'edge')).toEqual([
      [1, 1, 1, 2, 3, 3, 3],
      [1, 1, 1, 2, 3, 3, 3],
      [4, 4, 4, 5, 6, 6, 6],
      [4, 4, 4, 5, 6, 6, 6],
      [7, 7, 7, 8, 9, 9, 9],
      [7, 7, 7, 8, 9, 9, 9],
      [10, 10, 10, 11, 12, 12, 12],
      [10, 10, 10, 11, 12, 12, 12],
    ]);
  });

  it('on two sides alone', () => {
    expect(padded([0, 1], 'constant')[0]).toEqual([0, 1, 2, 3, 0]);
    expect(padded([1, 0], 'constant')[0]).toEqual([0, 0, 0]);
  });

  it('a number beyond the data widens their range', () => {
    const range = (mode: 'constant' | 'edge', value: number) => pad.range({ size: [1, 1], mode, value }, open(0, 1));
    expect(range('constant', -1)).toEqual(closed(-1, 1));
    expect(range('constant', 0)).toEqual({ ...open(0, 1), lowOpen: false });
    expect(range('constant', 0.5)).toEqual(open(0, 1));
    expect(range('edge', -1)).toEqual(open(0, 1));
  });
});
