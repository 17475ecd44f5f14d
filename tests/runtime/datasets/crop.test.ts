import { describe, expect, it } from 'vitest';
import { batchMaker } from '../../../src/runtime/datasets/batch.js';
import type { Part } from '../../../src/runtime/datasets/dataset.js';
import { windowsOf } from '../../../src/runtime/datasets/windows.js';
import { cropOf, transformWith } from './given-words.js';

/** Each value of an image of 2 channels, 5 rows and 6 columns says where it is: 100 channel + 10 row + column. */
const places = Float32Array.from({ length: 2 * 5 * 6 }, (_, i) => {
  const column = i % 6;
  const row = Math.floor(i / 6) % 5;
  return 100 * Math.floor(i / 30) + 10 * row + column;
});
const part: Part = {
  count: 3,
  values: Float32Array.from([...places, ...places.map((x) => x + 1000), ...places]),
  labels: null,
};
const start = { step: 0, firstExample: 0 };

describe('crops', () => {
  it('the middle window begins at ⌊(length - size) / 2⌋ of both sides, channel by channel', () => {
    const maker = batchMaker([2, 5, 6], [transformWith('center_crop', { size: [2, 3] })], 1);
    const target = new Float32Array(2 * maker.size);
    maker.fill(part, Uint32Array.of(1, 0), start, target);
    expect(maker.shape).toEqual([2, 2, 3]);
    const window = [11, 12, 13, 21, 22, 23, 111, 112, 113, 121, 122, 123];
    expect([...target]).toEqual([...window.map((x) => x + 1000), ...window]);
  });

  it('a random window is a window, every place equally likely', () => {
    const maker = batchMaker([2, 5, 6], [transformWith('random_crop', { size: [3, 2] })], 1);
    const indices = new Uint32Array(6000);
    const target = new Float32Array(indices.length * maker.size);
    maker.fill(part, indices, start, target);
    const counts = new Map<number, number>();
    for (let i = 0; i < indices.length; i++) {
      const corner = target[i * maker.size] ?? 0;
      const window = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121].map((offset) => corner + offset);
      expect([...target.subarray(i * maker.size, (i + 1) * maker.size)]).toEqual(window);
      counts.set(corner, (counts.get(corner) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24]);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    expect(chiSquared).toBeLessThan(36.1); // 0.001 at 14 degrees of freedom
  });

  it('differ between steps and seeds; an evaluation sees the same in chunks of any size', () => {
    const startsOf = (seed: number | 'evaluation', step: number, firstExample: number, count: number): number[] => {
      const { rows, columns } = windowsOf([1, 28, 28], [cropOf('random_crop', { size: [10, 10] })], seed).starts(
        count,
        {
          step,
          firstExample,
        },
      );
      return Array.from(rows, (row, i) => 28 * row + (columns[i] ?? 0));
    };
    expect(startsOf(1, 0, 0, 50)).toEqual(startsOf(1, 0, 0, 50));
    expect(startsOf(1, 0, 0, 50)).not.toEqual(startsOf(1, 1, 0, 50));
    expect(startsOf(1, 0, 0, 50)).not.toEqual(startsOf(2, 0, 0, 50));
    expect([...startsOf('evaluation', 0, 0, 30), ...startsOf('evaluation', 0, 30, 20)]).toEqual(
      startsOf('evaluation', 0, 0, 50),
    );
  });

  it('one window within the other', () => {
    const crops = [
      cropOf('center_crop', { size: [4, 4] }),
      cropOf('random_crop', { size: [3, 3] }),
      cropOf('random_crop', { size: [2, 2] }),
    ];
    const windows = windowsOf([1, 6, 6], crops, 1);
    const { rows, columns } = windows.starts(200, start);
    expect(windows.shape).toEqual([1, 2, 2]);
    expect(new Set(rows)).toEqual(new Set([1, 2, 3]));
    expect(new Set(columns)).toEqual(new Set([1, 2, 3]));
  });

  it('a window that does not fit, or of no image, is an error', () => {
    expect(() => batchMaker([1, 5, 6], [transformWith('center_crop', { size: [6, 6] })], 1)).toThrow(RangeError);
    expect(() => batchMaker([30], [transformWith('random_crop', { size: [1, 1] })], 1)).toThrow(RangeError);
  });
});
