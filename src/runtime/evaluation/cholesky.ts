import { between, type Work } from './work.js';

/**
 * Solves A X = B for a symmetric positive definite A, in float64: A = L Lᵀ, then substitution forward and back.
 *
 * @param a `[size, size]`; the lower triangle is read
 * @param b `[size, columns]`
 * @returns X, `[size, columns]`
 * @throws RangeError for a matrix that is not positive definite
 */
export function* solvePositiveDefinite(
  a: Float64Array,
  b: Float64Array,
  size: number,
  columns: number,
): Work<Float64Array> {
  const lower = yield* between(0, 0.9, choleskyFactor(a, size));
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    yield 0.9 + (0.05 * i) / size;
    for (let k = 0; k < i; k++) subtractRow(x, columns, i, k, lower[i * size + k] ?? 0);
    divideRow(x, columns, i, lower[i * size + i] ?? 0);
  }
  for (let i = size - 1; i >= 0; i--) {
    yield 1 - (0.05 * i) / size;
    for (let k = i + 1; k < size; k++) subtractRow(x, columns, i, k, lower[k * size + i] ?? 0);
    divideRow(x, columns, i, lower[i * size + i] ?? 0);
  }
  return x;
}

/** Columns that are finished before the rest of the matrix is touched again, and rows of a tile of it. */
const panel = 64;

/**
 * L of A = L Lᵀ, panel after panel, so that a large matrix is read once for each panel and not once for each row. Every
 * element loses its products in the order of the columns, so that its bits don't depend on the panels.
 */
function* choleskyFactor(a: Float64Array, size: number): Work<Float64Array> {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) lower.set(a.subarray(i * size, i * size + i + 1), i * size);
  for (let first = 0; first < size; first += panel) {
    const end = Math.min(size, first + panel);
    yield 1 - (1 - first / size) ** 3;
    for (let i = first; i < size; i++) finishRow(lower, size, i, first, Math.min(i + 1, end));
    for (let tile = end; tile < size; tile += panel) {
      yield 1 - (1 - first / size) ** 3;
      for (let i = tile; i < size; i++) takeProducts(lower, size, i, { first, end, tile });
    }
  }
  return lower;
}

/** The elements of a row from column `first` to `end`. */
function finishRow(lower: Float64Array, size: number, i: number, first: number, end: number): void {
  const row = i * size;
  for (let j = first; j < end; j++) {
    let sum = lower[row + j] ?? 0;
    for (let k = first; k < j; k++) sum -= (lower[row + k] ?? 0) * (lower[j * size + k] ?? 0);
    if (i !== j) {
      lower[row + j] = sum / (lower[j * size + j] ?? 0);
      continue;
    }
    if (!(sum > 0)) throw new RangeError('the matrix is not positive definite');
    lower[row + j] = Math.sqrt(sum);
  }
}

/** Takes the products over the columns `first` to `end` from a row's elements in a tile. */
function takeProducts(
  lower: Float64Array,
  size: number,
  i: number,
  { first, end, tile }: { readonly first: number; readonly end: number; readonly tile: number },
): void {
  const row = i * size;
  const last = Math.min(i + 1, tile + panel, size);
  for (let j = tile; j < last; j++) {
    const other = j * size;
    let sum = lower[row + j] ?? 0;
    for (let k = first; k < end; k++) sum -= (lower[row + k] ?? 0) * (lower[other + k] ?? 0);
    lower[row + j] = sum;
  }
}

function subtractRow(x: Float64Array, columns: number, to: number, from: number, factor: number): void {
  for (let c = 0; c < columns; c++) {
    x[to * columns + c] = (x[to * columns + c] ?? 0) - factor * (x[from * columns + c] ?? 0);
  }
}

function divideRow(x: Float64Array, columns: number, row: number, divisor: number): void {
  for (let c = 0; c < columns; c++) x[row * columns + c] = (x[row * columns + c] ?? 0) / divisor;
}
