import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isSystemError } from '../../files/system-error.js';
import type { ArrayFile } from './array-part.js';
import { mostShards } from './data-limits.js';
import { DatasetError } from './dataset-error.js';
import type { OpenArray } from './open-array.js';
import { describedDims, type StoredArray, withRoom } from './stored-array.js';
import { joinedRows } from './stored-rows.js';

/** Whether a path names several files: its last part has a `*`, which stands for any text. */
export function isPattern(path: string): boolean {
  return basename(path).includes('*');
}

/**
 * The files that a pattern names, ordered by their names as Python's `sorted` orders them. Hidden files are left out, as
 * a shell leaves them out.
 * @returns none if the folder can't be read
 */
export function matchingFiles(pattern: string): readonly string[] {
  const [folder, name] = [dirname(pattern), basename(pattern)];
  const matches = matcher(name);
  const found = namesIn(folder).filter((each) => matches(each) && !each.startsWith('.'));
  return found.sort(byCodePoint).map((each) => join(folder, each));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** @throws DatasetError not_found, too_large */
function shardsOf(pattern: string): readonly string[] {
  const files = matchingFiles(pattern);
  if (files.length === 0) {
    throw new DatasetError(
      'not_found',
      pattern,
      'no file has such a name',
      'a * stands for any text in the name of a file; folders are named in full',
    );
  }
  if (files.length > mostShards) {
    const problem = `${files.length} files have such names, more than the limit of ${mostShards}`;
    throw new DatasetError('too_large', pattern, problem, 'put several into one file');
  }
  return files;
}

/** Compares a name with the parts of a pattern between its stars, each at its first place, without going back. */
function matcher(pattern: string): (name: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop() ?? '';
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    let from = first.length;
    for (const part of others) {
      const at = name.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= name.length - last.length;
  };
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Lets `use` read one array of a file. */
export type WithArrayOf = <T>(path: string, use: (array: OpenArray) => T) => T;

/** What the head of a file says of its array. */
type ArrayHead = Omit<OpenArray, 'read'>;

interface Shard {
  readonly file: string;
  readonly array: ArrayHead;
  /** Place of its first row among those of all shards. */
  readonly first: number;
  readonly rows: number;
}

/**
 * One array out of the rows of several files, one file after the other. Only their headers are read here, and no file
 * stays open.
 *
 * @param withArray opens a file; the array that it hands over must not be read after its return
 * @throws DatasetError not_found, too_large; mismatch for shards of different shapes or types
 */
export function shardedArray(pattern: string, withArray: WithArrayOf): OpenArray {
  const shards: Shard[] = [];
  let count = 0;
  for (const file of shardsOf(pattern)) {
    const array = withArray(file, ({ read: _, ...head }) => head);
    const [rows = 0] = array.dims;
    const first = shards[0]?.array;
    if (first !== undefined) requireAlike(first, array);
    shards.push({ file, array, first: count, rows });
    count += rows;
  }
  const [{ array } = { array: null }] = shards;
  if (array === null) throw new RangeError('a pattern without files');
  const bytes = shards.reduce((sum, shard) => sum + shard.array.bytes, 0);
  const dims = [count, ...array.dims.slice(1)];
  return {
    path: pattern,
    dims,
    bytes,
    type: array.type,
    isReadByRows: shards.every((shard) => shard.array.isReadByRows),
    readingBytes: array.readingBytes,
    inFiles: joinedRows(shards.map((shard) => shard.array.inFiles)),
    read: (rows) => readShards(pattern, dims, shards, rows, withArray),
  };
}

function requireAlike(first: ArrayHead, { path, dims, type }: ArrayHead): void {
  const sameRows = dims.length === first.dims.length && dims.slice(1).every((size, i) => size === first.dims[i + 1]);
  if (sameRows && type === first.type) return;
  const described = (array: Pick<ArrayHead, 'dims' | 'type'>) => `${describedDims(array.dims)} of ${array.type}`;
  const problem = `is an array of shape ${described({ dims, type })}, and ${first.path} has ${described(first)}`;
  throw new DatasetError('mismatch', path, problem, 'shards have examples of one shape and one type');
}

/** @param rows places among those of all shards, in the order that they come out; null: all */
function readShards(
  pattern: string,
  dims: readonly number[],
  shards: readonly Shard[],
  rows: Uint32Array | null,
  withArray: WithArrayOf,
): ArrayFile {
  const [count = 0, ...rest] = dims;
  const size = rest.reduce((product, n) => product * n, 1);
  const length = (rows?.length ?? count) * size;
  let data: StoredArray['data'] | null = null;
  const wantedOf = rows && placesByShard(shards, rows);
  for (const [i, shard] of shards.entries()) {
    const places = wantedOf?.[i] ?? null;
    // Even without any rows, the first shard tells the type of their values.
    if (places?.length === 0 && data !== null) continue;
    const read = withArray(shard.file, (array) => {
      requireAlike(shard.array, array);
      if (array.dims[0] !== shard.rows) {
        const problem = `has ${array.dims[0] ?? 0} rows, and had ${shard.rows}`;
        throw new DatasetError('mismatch', shard.array.path, problem, 'leave the file alone while it is read');
      }
      return array.read(rows && rowsAt(rows, places ?? [], shard.first)).array.data;
    });
    data = withRoom(pattern, () => roomFor(data, read, length));
    if (places === null) data.set(read, shard.first * size);
    for (const [row, place] of places?.entries() ?? []) {
      data.set(read.subarray(row * size, (row + 1) * size), place * size);
    }
  }
  if (data === null) throw new RangeError('a pattern without files');
  return { path: pattern, array: { dims: [rows?.length ?? count, ...rest], data } };
}

/** For each shard, the places in `rows` of those that it has. */
function placesByShard(shards: readonly Shard[], rows: Uint32Array): readonly (readonly number[])[] {
  const places = shards.map((): number[] => []);
  rows.forEach((row, place) => {
    let [low, high] = [0, shards.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((shards[middle]?.first ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    places[low]?.push(place);
  });
  return places;
}

/** The rows at some places, counted within a shard. */
function rowsAt(rows: Uint32Array, places: readonly number[], first: number): Uint32Array {
  return Uint32Array.from(places, (place) => (rows[place] ?? first) - first);
}

/** The values so far, in an array that the next ones fit into: integers that exceed 32 bits make all float64. */
function roomFor(data: StoredArray['data'] | null, next: StoredArray['data'], length: number): StoredArray['data'] {
  if (data !== null) return data instanceof Int32Array && next instanceof Float64Array ? Float64Array.from(data) : data;
  if (next instanceof Uint8Array) return new Uint8Array(length);
  if (next instanceof Int32Array) return new Int32Array(length);
  return next instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}
