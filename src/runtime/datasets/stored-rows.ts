import type { SourceFile } from './byte-source.js';
import type { Part, ValuesInMemory } from './dataset.js';
import type { DrawnRows } from './drawn-rows.js';
import type { Precision } from './precision.js';
import type { ElementType } from './stored-array.js';

/** One file's rows of an array, which begin at `start`. */
export interface RowFile extends SourceFile {
  /** Names the file, and its tensor, in messages. */
  readonly place: string;
  readonly rows: number;
}

/** An array whose rows lie in files in C order, one file after the other. Plain values, so that threads can share it. */
export interface RowsInFiles {
  readonly files: readonly RowFile[];
  /** Shape of one row. */
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
}

/** Examples that stay in their files, and are read whenever they are needed. */
export interface StoredRows {
  readonly rows: RowsInFiles;
  /** The row of each example; null if they are all rows, in order. */
  readonly chosen: Uint32Array | null;
  /** Precision of the numbers that are read; bytes mean byte / 255. */
  readonly precision: Precision;
}

/** Returns whether examples are in memory, rather than read or drawn whenever they are needed. */
export function areInMemory(values: Part['values']): values is ValuesInMemory {
  return ArrayBuffer.isView(values);
}

/** Returns whether examples that are not in memory are drawn, rather than read from files. */
export function areDrawn(values: StoredRows | DrawnRows): values is DrawnRows {
  return 'world' in values;
}

/** Whether examples are kept, and worked with, in float64. */
export function areDouble(values: Part['values']): boolean {
  if (areInMemory(values)) return values instanceof Float64Array;
  return !areDrawn(values) && values.precision === 'double';
}

/** Memory that examples take, in bytes. */
export function bytesInMemory(values: Part['values']): number {
  if (areInMemory(values)) return values.byteLength;
  return areDrawn(values) ? 0 : (values.chosen?.byteLength ?? 0);
}

export function rowCount({ files }: RowsInFiles): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

/** The rows of several arrays as one; null unless all lie in files alike. */
export function joinedRows(parts: readonly (RowsInFiles | null)[]): RowsInFiles | null {
  const [first] = parts;
  if (!first) return null;
  const alike = parts.flatMap((part) => (part?.littleEndian === first.littleEndian ? [part] : []));
  return alike.length < parts.length ? null : { ...first, files: alike.flatMap(({ files }) => files) };
}
