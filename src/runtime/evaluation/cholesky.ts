/**
 * Solves A X = B for a symmetric positive definite A, in float64: A = L Lᵀ, then substitution forward and back.
 *
 * @param a `[size, size]`; the lower triangle is read
 * @param b `[size, columns]`
 * @returns X, `[size, columns]`
 * @throws RangeError for a matrix that is not positive definite
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, size: number, columns: number): Float64Array {
  const lower = choleskyFactor(a, size);
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) subtractRow(x, columns, i, k, lower[i * size + k] ?? 0);
    divideRow(x, columns, i, lower[i * size + i] ?? 0);
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) subtractRow(x, columns, i, k, lower[k * size + i] ?? 0);
    divideRow(x, columns, i, lower[i * size + i] ?? 0);
  }
  return x;
}

/** L of A = L Lᵀ, row by row. */
function choleskyFactor(a: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (lower[i * size + k] ?? 0) * (lower[j * size + k] ?? 0);
      if (i !== j) {
        lower[i * size + j] = sum / (lower[j * size + j] ?? 0);
        continue;
      }
      if (!(sum > 0)) throw new RangeError('the matrix is not positive definite');
      lower[i * size + i] = Math.sqrt(sum);
    }
  }
  return lower;
}

function subtractRow(x: Float64Array, columns: number, to: number, from: number, factor: number): void {
  for (let c = 0; c < columns; c++) {
    x[to * columns + c] = (x[to * columns + c] ?? 0) - factor * (x[from * columns + c] ?? 0);
  }
}

function divideRow(x: Float64Array, columns: number, row: number, divisor: number): void {
  for (let c = 0; c < columns; c++) x[row * columns + c] = (x[row * columns + c] ?? 0) / divisor;
}
