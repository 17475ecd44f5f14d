import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from '../../../src/runtime/evaluation/cholesky.js';
import { completed } from '../../../src/runtime/evaluation/work.js';

/** Of a formula, with a heavy diagonal. */
function symmetric(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return (((i * j * 7 + (i + j) * 13) % 101) / 101 - 0.5) / size + (i === j ? 1.5 : 0);
  });
}

/** Row by row, each element's products in the order of the columns. */
function byRows(a: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  const at = (i: number, j: number) => lower[i * size + j] ?? 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / at(j, j);
    }
  }
  return lower;
}

describe('the solution of A X = B', () => {
  it.each([1, 2, 63, 64, 65, 200])('has the bits of the factor that is made row by row, of size %d', (size) => {
    const a = symmetric(size);
    const lower = byRows(a, size);
    const at = (i: number, j: number) => lower[i * size + j] ?? 0;
    const b = Float64Array.from({ length: size }, (_, i) => ((i * 37) % 11) - 5);
    const x = b.slice();
    const set = (i: number, value: number) => {
      x[i] = value;
    };
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < i; k++) set(i, (x[i] ?? 0) - at(i, k) * (x[k] ?? 0));
      set(i, (x[i] ?? 0) / at(i, i));
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let k = i + 1; k < size; k++) set(i, (x[i] ?? 0) - at(k, i) * (x[k] ?? 0));
      set(i, (x[i] ?? 0) / at(i, i));
    }
    const solved = completed(solvePositiveDefinite(a, b, size, 1));
    expect(solved).toEqual(x);
    const products = Array.from({ length: size }, (_, i) =>
      solved.reduce((sum, value, j) => sum + value * (a[i * size + j] ?? 0), 0),
    );
    products.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i] ?? Number.NaN, 9);
    });
  });

  it('is refused of a matrix that is not positive definite', () => {
    expect(() => completed(solvePositiveDefinite(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 2, 1))).toThrow(
      /definite/,
    );
  });
});
