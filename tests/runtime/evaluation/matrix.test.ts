import { describe, expect, it } from 'vitest';
import { type Matrix, stacked } from '../../../src/runtime/evaluation/matrix.js';
import { matrixOf } from './codes.js';

describe('stacked rows', () => {
  it('are those of all chunks, in their order', () => {
    const chunks = [
      matrixOf([
        [1, 2],
        [3, 4],
      ]),
      matrixOf([[5, 6]]),
    ];
    expect(stacked(chunks, 3)).toEqual(
      matrixOf([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
  });

  it('need only one chunk at once', () => {
    const alive: Float32Array[] = [];
    function* chunks(): Generator<Matrix> {
      for (let i = 0; i < 3; i++) {
        // Whoever kept the one before would have it overwritten.
        const values = alive[0] ?? new Float32Array(2);
        alive[0] = values.fill(i);
        yield { values, rows: 1, columns: 2 };
      }
    }
    expect([...stacked(chunks(), 3).values]).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('are as many as was said', () => {
    const one = [matrixOf([[1, 2]])];
    for (const rows of [0, 2]) expect(() => stacked(one, rows)).toThrow(RangeError);
    expect(stacked([], 0).rows).toBe(0);
  });
});
