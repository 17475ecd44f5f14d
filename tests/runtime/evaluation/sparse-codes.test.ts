import { describe, expect, it } from 'vitest';
import { ExplainedVariance } from '../../../src/runtime/evaluation/explained-variance.js';
import { NormRatio } from '../../../src/runtime/evaluation/norm-ratio.js';
import { Sparsity } from '../../../src/runtime/evaluation/sparsity.js';
import { matrixOf } from './codes.js';

describe('fve', () => {
  const [count, columns] = [12, 5];
  const rows = (first: number, last: number, value: (i: number) => number) =>
    matrixOf(
      Array.from({ length: last - first }, (_, r) =>
        Array.from({ length: columns }, (_, c) => value((first + r) * columns + c)),
      ),
    );
  const seen = (i: number) => Math.fround(Math.fround(((i * 7) % 13) / 13) + 3);
  const made = (i: number) => Math.fround(seen(i) + Math.fround(((i * 5) % 11) / 44));
  const fve = (...parts: readonly number[]) => {
    const explained = new ExplainedVariance();
    for (const [i, first] of parts.entries()) {
      const last = parts[i + 1] ?? count;
      explained.add(rows(first, last, seen), rows(first, last, made));
    }
    return explained.fraction;
  };

  // x and y in NumPy by the same formulas, in float64 afterwards.
  it("is scikit-learn's r2_score(multioutput='variance_weighted'), in one chunk and in three", () => {
    expect(fve(0)).toBeCloseTo(0.7764830828522956, 12);
    expect(fve(0, 1, 7)).toBeCloseTo(0.7764830828522956, 12);
  });

  it('keeps its digits far from zero, and has no value where nothing varies', () => {
    const far = new ExplainedVariance();
    far.add(matrixOf([[2 ** 23], [2 ** 23 + 2]]), matrixOf([[2 ** 23], [2 ** 23 + 1]]));
    expect(far.fraction).toBe(0.5);
    const alike = new ExplainedVariance();
    alike.add(matrixOf([[3], [3]]), matrixOf([[3], [4]]));
    expect(() => alike.fraction).toThrow('no variance to explain');
  });
});

describe('shrinkage', () => {
  it('is the mean norm of reconstructions over that of examples, and no example that is almost 0 decides it', () => {
    const ratio = new NormRatio();
    ratio.add(matrixOf([[3, 4]]), matrixOf([[0, 2.5]]));
    ratio.add(
      matrixOf([
        [1e-9, 0],
        [-1, 0],
      ]),
      matrixOf([
        [0, 1],
        [3, -4],
      ]),
    );
    expect(ratio.ratio).toBeCloseTo((2.5 + 1 + 5) / (5 + 1e-9 + 1), 8);
    expect(() => new NormRatio().ratio).toThrow('all examples are 0');
    expect(() => ratio.add(matrixOf([[1]]), matrixOf([[1, 2]]))).toThrow('the shapes differ');
  });
});

describe('sparsity', () => {
  it('counts what is not 0, of either sign, and the units that never are', () => {
    const sparsity = new Sparsity();
    sparsity.add(matrixOf([[0, 2, 0, -1, 0]]));
    sparsity.add(
      matrixOf([
        [0, -0, 0, 3, 0],
        [0, 1, 0, 1e-30, 0],
      ]),
    );
    expect(sparsity.l0).toBeCloseTo(5 / 3, 12);
    expect(sparsity.dead).toBe(3 / 5);
  });
});
