import { type StoredArray, withRoom } from './stored_array.js';

/** How the values of examples are kept and worked with. */
export type Precision = 'single' | 'double';

/**
 * What a column may be larger than what it varies by, for float32: beyond it, rounding would cost more than 6 of the 24 bits
 * that tell its values apart, as it does for the seconds since 1970 or for years.
 */
const mostOffset = 64;

/**
 * Double where float32 would cost a column of features too much. Of images, whose pixels have one scale, all values are one
 * column. A column that never varies says nothing.
 */
export function precisionFor({ dims, data }: StoredArray): Precision {
  if (data instanceof Uint8Array) return 'single';
  const columns = dims.length === 2 ? (dims[1] ?? 1) : 1;
  const low = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0, column = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (value < (low[column] ?? 0)) low[column] = value;
    if (value > (high[column] ?? 0)) high[column] = value;
    column = column + 1 === columns ? 0 : column + 1;
  }
  const needs = low.some((least, column) => {
    const greatest = high[column] ?? least;
    const size = Math.max(Math.abs(least), Math.abs(greatest));
    return greatest > least && size > mostOffset * (greatest - least);
  });
  return needs ? 'double' : 'single';
}

/** @throws DatasetError too_large */
export function valuesIn(
  precision: Precision,
  data: StoredArray['data'],
  path: string,
): Uint8Array | Float32Array | Float64Array {
  if (data instanceof Uint8Array) return data;
  if (precision === 'double')
    return data instanceof Float64Array ? data : withRoom(path, () => Float64Array.from(data));
  return data instanceof Float32Array ? data : withRoom(path, () => Float32Array.from(data));
}
