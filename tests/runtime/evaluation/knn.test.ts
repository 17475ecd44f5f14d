import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNeighbours } from '../../../src/runtime/evaluation/knn.js';
import { completed } from '../../../src/runtime/evaluation/work.js';
import { formulaCodes, matrixOf } from './codes.js';

describe('knn', () => {
  // scikit-learn's KNeighborsClassifier: expected.py. No two distances are equal there; votes may be, at k = 3 and 5 with
  // four classes, and then scikit-learn takes the lowest class.
  it.each([
    [1, 52],
    [3, 52],
    [5, 49],
  ])('classifies as brute force does, with k = %d', (k, right) => {
    const counted = completed(nearestNeighbours({ train: formulaCodes(120, 0), test: formulaCodes(60, 600), k }));
    expect(counted).toBe(right / 60);
  });

  it('gives an equal vote to the class of the nearest', () => {
    const train = { examples: matrixOf([[0], [4], [5], [1]]), labels: [0, 1, 1, 0] };
    const predicts = (x: number, label: number) =>
      completed(nearestNeighbours({ train, test: { examples: matrixOf([[x]]), labels: [label] }, k: 4 }));
    expect(predicts(0.4, 0)).toBe(1);
    expect(predicts(4.4, 1)).toBe(1);
  });

  it('takes the earlier of two examples that are equally near', () => {
    const test = { examples: matrixOf([[0]]), labels: [1] };
    const train = { examples: matrixOf([[1], [-1]]), labels: [1, 0] };
    expect(completed(nearestNeighbours({ train, test, k: 1 }))).toBe(1);
    expect(completed(nearestNeighbours({ train: { ...train, labels: [0, 1] }, test, k: 1 }))).toBe(0);
  });

  it('finds the neighbour that comparing every pair finds, whatever the number of values', () => {
    const part = (rows: number, columns: number) =>
      fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      });
    const parts = fc.integer({ min: 1, max: 20 }).chain((columns) => fc.tuple(part(12, columns), part(4, columns)));
    fc.assert(
      fc.property(parts, ([train, test]) => {
        const squared = (a: readonly number[], b: readonly number[]) =>
          a.reduce((sum, value, j) => sum + (value - (b[j] ?? 0)) * (value - (b[j] ?? 0)), 0);
        const nearest = test.map((row) => {
          const distances = train.map((other) => squared(row, other));
          return distances.indexOf(Math.min(...distances));
        });
        // Every training example is a class of its own.
        const labels = train.map((_, i) => i);
        const found = completed(
          nearestNeighbours({
            train: { examples: matrixOf(train), labels },
            test: { examples: matrixOf(test), labels: nearest },
            k: 1,
          }),
        );
        expect(found).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses more neighbours than there are examples', () => {
    const part = { examples: matrixOf([[1], [2]]), labels: [0, 1] };
    expect(() => completed(nearestNeighbours({ train: part, test: part, k: 3 }))).toThrow(RangeError);
  });
});
