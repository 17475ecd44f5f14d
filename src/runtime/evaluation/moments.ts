import { type Matrix, requireMatrix } from './matrix.js';
import type { Work } from './work.js';

/** Mean and covariance of the rows of a matrix, in float64. */
export interface Moments {
  /** `[columns]` */
  readonly mean: Float64Array;
  /** `[columns, columns]`, the sum over rows divided by their number. */
  readonly covariance: Float64Array;
}

/** Rows added up together: the matrix of sums is read and written once for all of them. */
export const together = 4;

/** Multiplications between two yields: some hundredths of a second. */
const turn = 3e7;

/**
 * The mean of the rows and their covariance E[x xᵀ] − E[x] E[x]ᵀ. Skips columns that are 0 in a few rows at a time, as
 * most are in pictures of digits; this changes no bit.
 *
 * @throws RangeError for a matrix without rows, or with the wrong number of values
 */
export function momentsOf(matrix: Matrix): Work<Moments> {
  return momentsOfChunks([matrix], matrix.columns, matrix.rows);
}

/**
 * Like `momentsOf`, for a matrix too large for memory, in chunks of rows.
 * @param chunks each but the last with a multiple of `together` rows
 * @param expected total number of rows, for reporting progress
 */
export function* momentsOfChunks(chunks: Iterable<Matrix>, columns: number, expected: number): Work<Moments> {
  const mean = new Float64Array(columns);
  const covariance = new Float64Array(columns * columns);
  let rows = 0;
  for (const chunk of chunks) {
    requireMatrix('moments', chunk);
    if (chunk.columns !== columns || rows % together !== 0) throw new RangeError('these are no chunks of one matrix');
    for (let row = 0; row < chunk.rows; row++) {
      for (let j = 0; j < columns; j++) mean[j] = (mean[j] ?? 0) + (chunk.values[row * columns + j] ?? 0);
    }
    const rowsOfTurn = together * Math.max(1, Math.floor((2 * turn) / (columns * columns * together)));
    for (let first = 0; first < chunk.rows; first += rowsOfTurn) {
      yield Math.min(1, (rows + first) / Math.max(1, expected));
      addProducts(covariance, chunk, first, Math.min(chunk.rows, first + rowsOfTurn));
    }
    rows += chunk.rows;
  }
  if (rows === 0) throw new RangeError('no examples have no mean');
  for (let j = 0; j < columns; j++) mean[j] = (mean[j] ?? 0) / rows;
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) {
      const value = (covariance[i * columns + j] ?? 0) / rows - (mean[i] ?? 0) * (mean[j] ?? 0);
      covariance[i * columns + j] = value;
      covariance[j * columns + i] = value;
    }
  }
  return { mean, covariance };
}

/** Adds Σ x xᵀ over the rows x from `first` to `end` to sums `[columns, columns]`; the upper triangle alone. */
function addProducts(sums: Float64Array, { values, columns }: Matrix, first: number, end: number): void {
  const used = new Int32Array(columns);
  const a = new Float64Array(columns);
  const b = new Float64Array(columns);
  const c = new Float64Array(columns);
  const d = new Float64Array(columns);
  for (let row = first; row < end; row += together) {
    const at = row * columns;
    let count = 0;
    for (let j = 0; j < columns; j++) {
      // Beyond the last row there is nothing, which counts as 0.
      const first = values[at + j] ?? 0;
      const second = values[at + columns + j] ?? 0;
      const third = values[at + 2 * columns + j] ?? 0;
      const fourth = values[at + 3 * columns + j] ?? 0;
      if (first === 0 && second === 0 && third === 0 && fourth === 0) continue;
      used[count] = j;
      a[count] = first;
      b[count] = second;
      c[count] = third;
      d[count] = fourth;
      count++;
    }
    for (let i = 0; i < count; i++) {
      const to = (used[i] ?? 0) * columns;
      const ai = a[i] ?? 0;
      const bi = b[i] ?? 0;
      const ci = c[i] ?? 0;
      const di = d[i] ?? 0;
      for (let j = i; j < count; j++) {
        const cell = to + (used[j] ?? 0);
        sums[cell] = (sums[cell] ?? 0) + (ai * (a[j] ?? 0) + bi * (b[j] ?? 0) + ci * (c[j] ?? 0) + di * (d[j] ?? 0));
      }
    }
  }
}
