import { byteText } from '../../files/read-file.js';
import type { ByteSource } from './byte-source.js';
import { mostDataBytes } from './data-limits.js';
import { DatasetError } from './dataset-error.js';

/**
 * An array as stored in a file, in C order. Integers wider than a byte are Int32, or Float64 if any doesn't fit; floats
 * keep the file's precision.
 */
export interface StoredArray {
  readonly dims: readonly number[];
  readonly data: Uint8Array | Int32Array | Float32Array | Float64Array;
}

/** Integers, or floating-point numbers as stored. */
export type NumberKind = 'integer' | 'single' | 'double';

/** Supported element types. */
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
  | 'float16'
  | 'bfloat16'
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
  float16: { bytes: 2, kind: 'single', read: (view, at, little) => halves()[view.getUint16(at, little)] ?? 0 },
  bfloat16: { bytes: 2, kind: 'single', read: (view, at, little) => brainNumber(view.getUint16(at, little)) },
  float32: { bytes: 4, kind: 'single', read: (view, at, little) => view.getFloat32(at, little) },
  float64: { bytes: 8, kind: 'double', read: (view, at, little) => view.getFloat64(at, little) },
};

let halfNumbers: Float32Array | null = null;

/** The value of every float16: looking one up takes a tenth of the time that computing it does. */
function halves(): Float32Array {
  halfNumbers ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfNumber(bits));
  return halfNumbers;
}

/** Decodes IEEE 754 binary16: a sign bit, 5 exponent bits, 10 fraction bits. */
function halfNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const bits32 = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function brainNumber(bits: number): number {
  bits32.setUint32(0, bits << 16);
  return bits32.getFloat32(0);
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * The elements that bytes hold, into `out`: rounded to float32 if `out` is.
 * @param bytes on a boundary of four bytes, or copied
 */
export function decodeElements(
  bytes: Uint8Array,
  type: ElementType,
  littleEndian: boolean,
  out: Float32Array | Float64Array,
): void {
  const { bytes: width, read } = ELEMENTS[type];
  const { length } = out;
  const areNative = littleEndian === isLittleEndian && bytes.byteOffset % width === 0;
  if (areNative && type === 'float32') out.set(new Float32Array(bytes.buffer, bytes.byteOffset, length));
  else if (areNative && type === 'float64') out.set(new Float64Array(bytes.buffer, bytes.byteOffset, length));
  else if (areNative && type === 'float16') {
    const [encoded, numbers] = [new Uint16Array(bytes.buffer, bytes.byteOffset, length), halves()];
    for (let i = 0; i < length; i++) out[i] = numbers[encoded[i] ?? 0] ?? 0;
  } else {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < length; i++) out[i] = read(view, i * width, littleEndian);
  }
}

/** Location and layout of an array in a file. */
export interface ElementPlace {
  readonly source: ByteSource;
  /** Byte offset of the first element. */
  readonly start: number;
  /** Dimensions in storage order. */
  readonly dims: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
}

/** Bytes per element. */
export function elementBytes(type: ElementType): number {
  return ELEMENTS[type].bytes;
}

/** Bytes per element of an array that was read, while its integers fit into 32 bits. */
export function readBytesOf(type: ElementType): number {
  if (type === 'uint8') return 1;
  return ELEMENTS[type].kind === 'double' ? 8 : 4;
}

/** Whether examples are kept as other numbers than they are read as. */
export function isConverted(type: ElementType): boolean {
  return type !== 'uint8' && ELEMENTS[type].kind !== 'single';
}

/** @throws DatasetError wrong_format, truncated, trailing_bytes where an array does not fill its place */
export function requireFilled({ source, start, dims, type }: ElementPlace, path: string): void {
  if (!dims.every(Number.isSafeInteger)) {
    throw new DatasetError('wrong_format', path, `states the shape ${describedDims(dims)}`, 'make the file again');
  }
  requireLength(source.length - start, product(dims) * ELEMENTS[type].bytes, dims, type, path);
}

/** How many elements are decoded at a time. */
const elementsAtOnce = 2 ** 20;

/**
 * Reads an array's elements, or some of its rows, and no more of the file than needed.
 *
 * @param rows indices along the first dimension, in output order; null: all of them
 * @throws DatasetError too_large; wrong_value for a real number that is NaN or infinite (in float32)
 */
export function readElements(place: ElementPlace, path: string, rows: Uint32Array | null = null): StoredArray {
  const { source, start, dims, type } = place;
  const [, ...rest] = dims;
  const size = product(rest);
  if (rows !== null) {
    const runs = runsOf(rows).map(({ first, count }) => ({ first: first * size, count: count * size }));
    return { dims: [rows.length, ...rest], data: readRuns(place, path, runs) };
  }
  if (type === 'uint8' && source.memory !== null) {
    return { dims, data: source.memory.subarray(start, start + product(dims)) };
  }
  return { dims, data: readRuns(place, path, [{ first: 0, count: product(dims) }]) };
}

/** Elements that follow one another in the file. */
export interface ElementRun {
  readonly first: number;
  readonly count: number;
}

/** Numbers in a row that follow one another. */
export function runsOf(rows: Uint32Array): readonly ElementRun[] {
  const runs: ElementRun[] = [];
  for (let i = 0; i < rows.length; ) {
    const first = rows[i] ?? 0;
    let count = 1;
    while (i + count < rows.length && rows[i + count] === first + count) count++;
    runs.push({ first, count });
    i += count;
  }
  return runs;
}

/** Elements of an array, in the order of the runs. @throws DatasetError as `readElements` */
export function readRuns(place: ElementPlace, path: string, runs: readonly ElementRun[]): StoredArray['data'] {
  const { source, start, type } = place;
  const { bytes, kind } = ELEMENTS[type];
  const length = runs.reduce((sum, { count }) => sum + count, 0);
  const numbers = new NumberStore(length, kind, type === 'uint8', path);
  const piece = new Uint8Array(Math.min(elementsAtOnce, length) * bytes);
  let end = 0;
  const placed = runs.map(({ first, count }) => {
    end += count;
    return { first, count, at: end - count };
  });
  // As they lie in the file, which may be unpacked as it is read.
  placed.sort((a, b) => a.first - b.first);
  for (const { first, count, at } of placed) {
    for (let done = 0; done < count; done += elementsAtOnce) {
      const part = piece.subarray(0, Math.min(elementsAtOnce, count - done) * bytes);
      if (source.read(part, start + (first + done) * bytes) < part.length) {
        throw new DatasetError('truncated', path, 'ends while it is read', 'copy or make the file again');
      }
      numbers.take(part, place, first + done, at + done);
    }
  }
  return numbers.data;
}

/** Stores numbers like arrays: integers in 32 bits, or in float64 if any doesn't fit (rounded beyond 2⁵³). */
class NumberStore {
  data: Uint8Array | Int32Array | Float32Array | Float64Array;
  readonly #path: string;

  constructor(length: number, kind: NumberKind, isBytes: boolean, path: string) {
    this.#path = path;
    const bytes = length * (isBytes ? 1 : kind === 'double' ? 8 : 4);
    requireBelowLimit(bytes, path);
    this.data = withRoom(path, () => {
      if (isBytes) return new Uint8Array(length);
      if (kind === 'integer') return new Int32Array(length);
      return kind === 'double' ? new Float64Array(length) : new Float32Array(length);
    });
  }

  /**
   * @param first where its first element is in the file, for messages
   * @param at where it goes
   */
  take(piece: Uint8Array, { type, littleEndian, dims }: ElementPlace, first: number, at: number): void {
    if (this.data instanceof Uint8Array) {
      this.data.set(piece, at);
      return;
    }
    const { bytes, kind, read } = ELEMENTS[type];
    if (kind !== 'integer' && !(this.data instanceof Int32Array)) {
      const numbers = this.data.subarray(at, at + piece.length / bytes);
      decodeElements(piece, type, littleEndian, numbers);
      for (let i = 0; i < numbers.length; i++) {
        const value = numbers[i] ?? Number.NaN;
        if (!Number.isFinite(Math.fround(value))) throw unusable(value, first + i, dims, this.#path);
      }
      return;
    }
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let i = 0; i * bytes < piece.length; i++) {
      const value = read(view, i * bytes, littleEndian);
      if (this.data instanceof Int32Array && (value | 0) !== value) {
        const { data } = this;
        this.data = withRoom(this.#path, () => Float64Array.from(data));
      }
      this.data[at + i] = value;
    }
  }
}

/** @throws DatasetError too_large */
export function requireBelowLimit(bytes: number, path: string): void {
  if (bytes <= mostDataBytes) return;
  const problem = `takes ${byteText(bytes)} in memory, more than the limit of ${byteText(mostDataBytes)}`;
  throw new DatasetError('too_large', path, problem, 'use a part of the data');
}

/**
 * An array whose elements lie in another order, in C order.
 *
 * @param dims of the result
 * @param strides how far the elements of the result are apart in `data`, along each dimension
 */
export function reordered(
  data: StoredArray['data'],
  dims: readonly number[],
  strides: readonly number[],
  path: string,
): StoredArray['data'] {
  const result = withRoom(path, () => data.slice());
  const index = dims.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] ?? 0;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (next < (dims[axis] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= stride * (next - 1);
    }
  }
  return result;
}

export function product(dims: readonly number[]): number {
  return dims.reduce((all, n) => all * n, 1);
}

/** @throws DatasetError too_large if the array can't be allocated */
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

/** @param index of the element in the whole array */
function unusable(value: number, index: number, dims: readonly number[], path: string): DatasetError {
  const size = product(dims.slice(1));
  const row = dims.length > 1 ? `: value ${index % size} of row ${Math.floor(index / size)}, counted from 0` : '';
  const problem = `element ${index} is ${value}, not a finite float32${row}`;
  return new DatasetError('wrong_value', path, problem, 'remove or replace such values');
}
