import type { SourceFile } from './byte-source.js';
import type { Part } from './dataset.js';
import type { Precision } from './precision.js';
import type { ElementType } from './stored-array.js';

/** One file's rows of an array. */
export interface RowFile extends SourceFile {
  /** Names the file, and its tensor, in messages. */
  readonly place: string;
  /** Byte offset of the first row. */
  readonly start: number;
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

/** Whether examples stay in their files. */
export function areStored(values: Part['values']): values is StoredRows {
  return !ArrayBuffer.isView(values);
}

/** Whether examples are kept, and worked with, in float64. */
export function areDouble(values: Part['values']): boolean {
  return areStored(values) ? values.precision === 'double' : values instanceof Float64Array;
}

/** Memory that examples take, in bytes. */
export function bytesInMemory(values: Part['values']): number {
  return areStored(values) ? (values.chosen?.byteLength ?? 0) : values.byteLength;
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
