import { isDeepStrictEqual } from 'node:util';
import type { OpenedFile } from '../../files/read-file.js';
import { mostArrayFileBytes } from './data-limits.js';
import type { Part, ValuesInMemory } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { type DrawnRows, drawExamples } from './drawn-rows.js';
import { openedFile, readPiece, versionOf } from './file-bytes.js';
import { unitValues } from './gather.js';
import { Scratch } from './scratch.js';
import {
  decodeElements,
  elementBytes,
  product,
  readElements,
  requireBelowLimit,
  type StoredArray,
  withRoom,
} from './stored-array.js';
import {
  areDouble,
  areDrawn,
  areInMemory,
  type RowFile,
  type RowsInFiles,
  rowCount,
  type StoredRows,
} from './stored-rows.js';

/** Files that stay open; there may be more shards than a process may open. */
const mostOpenFiles = 64;

/** Bytes of rows that are read at a time. */
const pieceBytes = 32 * 2 ** 20;

/** The files that were read last, by path. */
const open = new Map<string, { readonly file: OpenedFile; readonly version: RowFile['version'] }>();

/** @throws DatasetError not_found, unreadable; mismatch if it isn't the file it was */
function fileOf(wanted: RowFile): OpenedFile {
  const { path, version } = wanted;
  const known = open.get(path);
  open.delete(path);
  if (known !== undefined && isDeepStrictEqual(known.version, version)) {
    open.set(path, known);
    return known.file;
  }
  // Another file may have taken its name since it was read last.
  known?.file.close();
  for (const [oldest, { file }] of open) {
    if (open.size < mostOpenFiles) break;
    open.delete(oldest);
    file.close();
  }
  const file = openedFile(path, mostArrayFileBytes);
  open.set(path, { file, version });
  requireUnchanged(file, wanted);
  return file;
}

/** @throws DatasetError mismatch if a file was written to since it was looked at */
function requireUnchanged(file: OpenedFile, { path, place, version }: RowFile): void {
  const { size, modified, inode, isGone } = versionOf(file);
  const isSame = size === version.size && modified === version.modified && inode === version.inode;
  if (isSame && !isGone) return;
  open.delete(path);
  file.close();
  const other =
    size === version.size
      ? 'was changed after its checksum was computed'
      : `has ${size} bytes, and had ${version.size} when its checksum was computed`;
  const problem = isSame ? 'was deleted or replaced while it was in use' : other;
  throw new DatasetError('mismatch', place, problem, 'leave the file alone while it is trained on');
}

/** Index of each file's first row among all rows. */
const firstRows = new WeakMap<RowsInFiles, Float64Array>();

function firstRowsOf(rows: RowsInFiles): Float64Array {
  const known = firstRows.get(rows);
  if (known !== undefined) return known;
  let first = 0;
  const found = Float64Array.from(rows.files, ({ rows: count }) => {
    first += count;
    return first - count;
  });
  firstRows.set(rows, found);
  return found;
}

/** The last file whose first row is at most `row`. */
function fileWith(row: number, firsts: Float64Array): number {
  let [low, high] = [0, firsts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((firsts[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

const raw = new Scratch((count) => new Uint8Array(count));
let units: Float32Array | null = null;

/**
 * Reads or draws examples into `out`, one after the other, as examples in memory of their precision would be copied.
 * @throws DatasetError not_found, unreadable, truncated; mismatch if a file was written to since it was looked at
 */
export function readExamples(
  values: StoredRows | DrawnRows,
  indices: Uint32Array,
  out: Float32Array | Float64Array,
): void {
  if (areDrawn(values)) {
    drawExamples(values, indices, out);
    return;
  }
  const { rows, chosen, precision } = values;
  const size = product(rows.shape);
  if (out.length !== indices.length * size)
    throw new RangeError(`${indices.length} rows of ${size} in ${out.length} numbers`);
  const rowBytes = size * elementBytes(rows.type);
  const atOnce = Math.max(1, Math.floor(pieceBytes / rowBytes));
  for (let first = 0; first < indices.length; first += atOnce) {
    const some = indices.subarray(first, first + atOnce);
    const bytes = raw.of(some.length * rowBytes);
    readRows(rows, chosen === null ? some : some.map((index) => chosen[index] ?? 0), rowBytes, bytes);
    decode(rows, precision, bytes, out.subarray(first * size, (first + some.length) * size));
  }
}

/** Reads all examples into memory. @throws DatasetError as {@link readExamples}; too_large */
export function valuesOfRows(stored: StoredRows, dims: readonly number[], path: string): Float32Array | Float64Array {
  const [count = 0] = dims;
  const isDouble = stored.precision === 'double';
  const bytes = product(dims) * (isDouble ? Float64Array : Float32Array).BYTES_PER_ELEMENT;
  requireBelowLimit(bytes, path);
  const values = withRoom(path, () => (isDouble ? new Float64Array(product(dims)) : new Float32Array(product(dims))));
  readExamples(
    stored,
    Uint32Array.from({ length: count }, (_, i) => i),
    values,
  );
  return values;
}

/** The values of examples, a portion after the other: as they are in memory, or as {@link readExamples} gives them. */
export function* rawExamples({ values, count }: Part, indices: Uint32Array): Generator<ValuesInMemory> {
  if (areInMemory(values)) {
    const size = values.length / count;
    for (const row of indices) yield values.subarray(row * size, (row + 1) * size);
    return;
  }
  const size = areDrawn(values) ? values.world.dim : product(values.rows.shape);
  const numbers = areDouble(values) ? Float64Array : Float32Array;
  const atOnce = Math.max(1, Math.floor(pieceBytes / (size * numbers.BYTES_PER_ELEMENT)));
  for (let first = 0; first < indices.length; first += atOnce) {
    const some = indices.subarray(first, first + atOnce);
    const read = new numbers(some.length * size);
    readExamples(values, some, read);
    yield read;
  }
}

function decode(
  { type, littleEndian }: RowsInFiles,
  precision: StoredRows['precision'],
  bytes: Uint8Array,
  out: Float32Array | Float64Array,
): void {
  if (type === 'uint8') {
    units ??= unitValues();
    for (let i = 0; i < out.length; i++) out[i] = units[bytes[i] ?? 0] ?? 0;
    return;
  }
  if (precision === 'double' || out instanceof Float32Array) {
    decodeElements(bytes, type, littleEndian, out);
    return;
  }
  const rounded = new Float32Array(out.length);
  decodeElements(bytes, type, littleEndian, rounded);
  out.set(rounded);
}

/** Fills `bytes` with rows, one after the other. */
function readRows(rows: RowsInFiles, wanted: Uint32Array, rowBytes: number, bytes: Uint8Array): void {
  const firsts = firstRowsOf(rows);
  const touched = new Set<number>();
  let index = 0;
  for (let i = 0; i < wanted.length; ) {
    const row = wanted[i] ?? 0;
    const end = (at: number) => (firsts[at] ?? 0) + (rows.files[at]?.rows ?? 0);
    if (row < (firsts[index] ?? 0) || row >= end(index)) index = fileWith(row, firsts);
    const from = rows.files[index];
    if (from === undefined || row >= end(index)) throw new RangeError(`there is no row ${row}`);
    let count = 1;
    while (i + count < wanted.length && wanted[i + count] === row + count && row + count < end(index)) count++;
    touched.add(index);
    const place = from.start + (row - (firsts[index] ?? 0)) * rowBytes;
    const piece = bytes.subarray(i * rowBytes, (i + count) * rowBytes);
    if (readPiece(fileOf(from), piece, place) < piece.length) throw cutOff(from);
    i += count;
  }
  // Afterwards, so that nothing that was read is of another version.
  for (const at of touched) {
    const from = rows.files[at];
    if (from !== undefined) requireUnchanged(fileOf(from), from);
  }
}

function cutOff({ place }: RowFile): DatasetError {
  return new DatasetError('truncated', place, 'ends while it is read', 'copy or make the file again');
}

/**
 * The rows that are examples, decoded, a piece at a time and each value checked.
 *
 * @throws DatasetError as {@link readExamples}, and wrong_value for a real number that is not finite in float32
 */
export function* checkedPieces(rows: RowsInFiles, chosen: Uint32Array | null): Generator<StoredArray['data']> {
  const firsts = firstRowsOf(rows);
  const rowBytes = Math.max(1, product(rows.shape) * elementBytes(rows.type));
  const atOnce = Math.max(1, Math.floor(pieceBytes / rowBytes));
  const total = chosen?.length ?? rowCount(rows);
  for (let at = 0; at < total; ) {
    const index = fileWith(chosen?.[at] ?? at, firsts);
    const from = rows.files[index];
    if (from === undefined) throw new RangeError('rows of no file');
    const first = firsts[index] ?? 0;
    const inFile = (i: number) => {
      const row = chosen?.[i] ?? i;
      return row >= first && row < first + from.rows;
    };
    let end = at + 1;
    while (end < Math.min(total, at + atOnce) && inFile(end)) end++;
    const places = Uint32Array.from({ length: end - at }, (_, i) => (chosen?.[at + i] ?? at + i) - first);
    const file = fileOf(from);
    const source = {
      length: file.size,
      memory: null,
      read: (into: Uint8Array, place: number) => readPiece(file, into, place),
    };
    const { type, littleEndian, shape } = rows;
    const dims = [from.rows, ...shape];
    yield readElements({ source, start: from.start, dims, type, littleEndian }, from.place, places).data;
    requireUnchanged(fileOf(from), from);
    at = end;
  }
}
