import { DatasetError } from './dataset_error.js';

/**
 * An array as a file holds it, in C order. Whole numbers wider than a byte are Int32, or Float64 where one doesn't fit; real ones
 * are what the file has.
 */
export interface StoredArray {
  readonly dims: readonly number[];
  readonly data: Uint8Array | Int32Array | Float32Array | Float64Array;
}

/** Real numbers as they are stored, or whole ones. */
export type NumberKind = 'integer' | 'single' | 'double';

/** The types of elements that are read. */
export type ElementType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float32'
  | 'float64';

interface Element {
  readonly bytes: number;
  readonly kind: NumberKind;
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number;
}

const ELEMENTS: Readonly<Record<ElementType, Element>> = {
  bool: { bytes: 1, kind: 'integer', read: (view, at) => view.getUint8(at) },
  uint8: { bytes: 1, kind: 'integer', read: (view, at) => view.getUint8(at) },
  int8: { bytes: 1, kind: 'integer', read: (view, at) => view.getInt8(at) },
  uint16: { bytes: 2, kind: 'integer', read: (view, at, little) => view.getUint16(at, little) },
  int16: { bytes: 2, kind: 'integer', read: (view, at, little) => view.getInt16(at, little) },
  uint32: { bytes: 4, kind: 'integer', read: (view, at, little) => view.getUint32(at, little) },
  int32: { bytes: 4, kind: 'integer', read: (view, at, little) => view.getInt32(at, little) },
  uint64: { bytes: 8, kind: 'integer', read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  int64: { bytes: 8, kind: 'integer', read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  float32: { bytes: 4, kind: 'single', read: (view, at, little) => view.getFloat32(at, little) },
  float64: { bytes: 8, kind: 'double', read: (view, at, little) => view.getFloat64(at, little) },
};

/**
 * The array whose elements follow one another from `start` to the end of `bytes`.
 *
 * @throws DatasetError truncated, trailing_bytes; wrong_value for a real number that is NaN or infinite (in float32)
 */
export function readElements(
  bytes: Uint8Array,
  start: number,
  dims: readonly number[],
  type: ElementType,
  littleEndian: boolean,
  path: string,
): StoredArray {
  const element = ELEMENTS[type];
  if (!dims.every(Number.isSafeInteger)) {
    throw new DatasetError('wrong_format', path, `states the shape ${describedDims(dims)}`, 'make the file again');
  }
  const count = dims.reduce((product, n) => product * n, 1);
  requireLength(bytes.byteLength - start, count * element.bytes, dims, type, path);
  if (type === 'uint8') return { dims, data: bytes.subarray(start) };
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const read = (i: number): number => element.read(view, i * element.bytes, littleEndian);
  return { dims, data: storedNumbers(count, read, element.kind, path) };
}

/**
 * Numbers as arrays are stored: whole ones in 32 bits, or in float64 where one of them doesn't fit (beyond 2⁵³ rounded to it).
 *
 * @throws DatasetError wrong_value for a real number that is NaN or infinite (in float32)
 */
export function storedNumbers(
  count: number,
  read: (index: number) => number,
  kind: NumberKind,
  path: string,
): Int32Array | Float32Array | Float64Array {
  if (kind === 'integer') return wholeNumbers(count, read, path);
  const data = withRoom(path, () => (kind === 'double' ? new Float64Array(count) : new Float32Array(count)));
  for (let i = 0; i < count; i++) {
    const value = read(i);
    data[i] = value;
    if (!Number.isFinite(Math.fround(value))) throw unusable(value, i, path);
  }
  return data;
}

function wholeNumbers(count: number, read: (index: number) => number, path: string): Int32Array | Float64Array {
  const data = withRoom(path, () => new Int32Array(count));
  for (let i = 0; i < count; i++) {
    const value = read(i);
    if ((value | 0) !== value) {
      const wide = withRoom(path, () => new Float64Array(count));
      for (let j = 0; j < count; j++) wide[j] = read(j);
      return wide;
    }
    data[i] = value;
  }
  return data;
}

/** @throws DatasetError too_large where the machine has no room for an array */
export function withRoom<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = 'needs more memory than is free';
    throw new DatasetError('too_large', path, problem, 'use a part of the data', { cause: error });
  }
}

function requireLength(actual: number, expected: number, dims: readonly number[], type: string, path: string): void {
  const content = `${describedDims(dims)} of ${type} take ${expected} bytes, and the file has ${actual} of them`;
  if (actual < expected) throw new DatasetError('truncated', path, content, 'copy or make the file again');
  if (actual > expected) throw new DatasetError('trailing_bytes', path, content, 'copy or make the file again');
}

/** `[60000, 28, 28]`; a file may state any number of dimensions. */
export function describedDims(dims: readonly number[]): string {
  return `[${dims.slice(0, 8).join(', ')}${dims.length > 8 ? `, … (${dims.length} dimensions)` : ''}]`;
}

function unusable(value: number, index: number, path: string): DatasetError {
  const problem = `element ${index} is ${value}, not a finite float32`;
  return new DatasetError('wrong_value', path, problem, 'remove or replace such values');
}
