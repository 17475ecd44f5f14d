import type { ArrayFile } from './array-part.js';
import { DatasetError } from './dataset-error.js';
import {
  describedDims,
  type ElementPlace,
  type ElementRun,
  type ElementType,
  elementBytes,
  product,
  readBytesOf,
  readElements,
  readRuns,
  reordered,
  runsOf,
  type StoredArray,
} from './stored-array.js';
import type { RowsInFiles } from './stored-rows.js';

/** Axis order of images: channels before rows, or after columns. */
export type Layout = 'nchw' | 'nhwc';

/** An array in an open file, of which only the header has been read. */
export interface OpenArray {
  readonly path: string;
  readonly dims: readonly number[];
  readonly type: ElementType;
  /** How many bytes its elements take. */
  readonly bytes: number;
  /** Whether some rows are read without the others. */
  readonly isReadByRows: boolean;
  /** Bytes of memory per element while it is read. */
  readonly readingBytes: number;
  /** Its rows in files; null if they are in memory, or in another order. */
  readonly inFiles: RowsInFiles | null;
  /**
   * @param rows places along the first dimension, in the order that they come out; null: all of them
   * @throws DatasetError truncated, too_large; wrong_value for a real number that is not finite in float32
   */
  read(rows: Uint32Array | null): ArrayFile;
}

/** @param order of the stored elements; `place.dims` are in storage order, so reversed for Fortran */
export function openArray(place: ElementPlace, path: string, order: 'c' | 'fortran' = 'c'): OpenArray {
  const bytes = product(place.dims) * elementBytes(place.type);
  if (order === 'c') {
    return {
      path,
      dims: place.dims,
      type: place.type,
      bytes,
      isReadByRows: true,
      readingBytes: readBytesOf(place.type),
      inFiles: rowsInFile(place, path),
      read: (rows) => ({ path, array: readElements(place, path, rows) }),
    };
  }
  const dims = [...place.dims].reverse();
  return {
    path,
    dims,
    type: place.type,
    bytes,
    isReadByRows: product(dims.slice(1)) <= mostRuns,
    readingBytes: 2 * readBytesOf(place.type),
    inFiles: null,
    read: (rows) => {
      if (rows !== null) {
        const runs = runsOfRows(dims, rows);
        if (runs !== null) return inCOrder(readRuns(place, path, runs), [rows.length, ...dims.slice(1)], path);
      }
      const whole = inCOrder(readElements(place, path).data, dims, path);
      return rows === null ? whole : rowsOf(whole, rows);
    },
  };
}

function rowsInFile({ source: { file }, start, dims, type, littleEndian }: ElementPlace, path: string) {
  const [rows = 0, ...shape] = dims;
  return file === undefined
    ? null
    : { files: [{ ...file, place: path, start: file.start + start, rows }], shape, type, littleEndian };
}

/** @param data in Fortran order */
function inCOrder(data: StoredArray['data'], dims: readonly number[], path: string): ArrayFile {
  const strides = dims.map((_, axis) => product(dims.slice(0, axis)));
  return { path, array: { dims, data: reordered(data, dims, strides, path) } };
}

/** Beyond it, an array is read faster as a whole. */
const mostRuns = 2 ** 18;

/**
 * Runs of elements that make up some rows of an array in Fortran order, where a row is scattered all over the file.
 * @returns null if there are too many runs to be worth it
 */
function runsOfRows([count = 0, ...rest]: readonly number[], rows: Uint32Array): readonly ElementRun[] | null {
  const columns = product(rest);
  const blocks = runsOf(rows);
  if (blocks.length * columns > mostRuns) return null;
  return Array.from({ length: columns }, (_, column) => column * count).flatMap((start) =>
    blocks.map((block) => ({ first: start + block.first, count: block.count })),
  );
}

/** Some rows of an array that is in memory. */
export function rowsOf({ path, array: { dims, data } }: ArrayFile, rows: Uint32Array): ArrayFile {
  const [, ...rest] = dims;
  const size = product(rest);
  const chosen = data.slice(0, rows.length * size);
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * size, (row + 1) * size), i * size);
  });
  return { path, array: { dims: [rows.length, ...rest], data: chosen } };
}

/**
 * Whether `[n, a, b, c]` is more likely `c` channels of `a`×`b` pixels than `a` channels of `b`×`c`: the last dimension
 * is small, like colours, or the images would be square.
 */
function seemsChannelsLast(a: number, b: number, c: number): boolean {
  const hasColours = c <= 4 && c !== 2 && b > 4;
  const isSquare = a === b && b !== c;
  return a > 4 && (hasColours || isSquare);
}

/**
 * Moves the channels of an array of images first: [n, channels, height, width].
 *
 * @param layout as specified; null if not
 * @throws DatasetError wrong_shape if no layout was specified and channels seem to come last; later, for an array
 *   without channels
 */
export function withChannelsFirst(array: OpenArray, layout: Layout | null): OpenArray {
  const { path, dims } = array;
  const [count = 0, second = 0, third = 0, last = 0] = dims;
  if (layout === null && dims.length === 4 && seemsChannelsLast(second, third, last)) {
    const problem = `is an array of shape ${describedDims(dims)}: ${second} channels of ${third}×${last} pixels, or images of ${second}×${third} with ${last} ${last === 1 ? 'channel' : 'channels'}?`;
    const hint = 'write layout=nhwc if the channels come last, layout=nchw if they come first';
    throw new DatasetError('wrong_shape', path, problem, hint, { argument: 'layout' });
  }
  if (layout !== 'nhwc') return array;
  if (dims.length !== 4) {
    const problem = `is an array of shape ${describedDims(dims)}, and layout=nhwc is for [n, height, width, channels]`;
    throw new DatasetError('wrong_shape', path, problem, 'leave layout out', { argument: 'layout' });
  }
  return {
    ...array,
    dims: [count, last, second, third],
    readingBytes: array.readingBytes + readBytesOf(array.type),
    inFiles: null,
    read(rows) {
      const { data, dims: read } = array.read(rows).array;
      const shape = [read[0] ?? 0, last, second, third];
      const strides = [second * third * last, 1, third * last, last];
      return { path, array: { dims: shape, data: reordered(data, shape, strides, path) } };
    },
  };
}
