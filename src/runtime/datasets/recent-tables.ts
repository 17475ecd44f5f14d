import { statSync } from 'node:fs';
import { type NumberTable, numbered, type ParsedTable, parsedTable, type TableColumns } from './csv-arrays.js';
import { mostArrayReadWhole } from './data-limits.js';
import type { SplitRequest } from './split.js';

/*
 * A table is looked at when its experiment is compiled and loaded when it is trained. It is parsed once for both: the
 * last two, of the training and the test, are kept in between.
 */

const kept = new Map<string, ParsedTable>();
const mostKept = 2;

/** Training needs the memory that a larger table would take. */
const mostKeptBytes = 2 ** 30;

/** Milliseconds; a sweep trains in other processes and never fetches its table. */
const keptFor = 60_000;

/** Identifies a table and how to read it. */
export interface TableReading {
  readonly path: string;
  readonly columns: TableColumns;
  /** The training table's classes, to which this table's new ones are appended; null if this is the training table. */
  readonly classes: readonly string[] | null;
  /** Null: all rows. */
  readonly mostRows: number | null;
}

/** Reads a table and keeps it for `loadedTable`. @throws DatasetError as `readTable` */
export function describedTable({ path, columns, classes, mostRows }: TableReading): NumberTable {
  const key = keyOf(path, columns, mostRows);
  const table = kept.get(key) ?? parsedTable(path, columns, mostRows);
  if (!kept.has(key) && table.examples.array.data.byteLength <= mostKeptBytes) keep(key, table);
  return numbered(table, columns.label, classes);
}

/** Reads a table, or takes the one that was kept. @throws DatasetError as `readTable` */
export function loadedTable({ path, columns, classes, mostRows }: TableReading): NumberTable {
  const key = keyOf(path, columns, mostRows);
  const table = kept.get(key) ?? parsedTable(path, columns, mostRows);
  kept.delete(key);
  return numbered(table, columns.label, classes);
}

function keep(key: string, table: ParsedTable): void {
  for (const oldest of kept.keys()) if (kept.size >= mostKept) kept.delete(oldest);
  kept.set(key, table);
  setTimeout(() => kept.delete(key), keptFor).unref();
}

/** A file that was changed in between is another one. */
function keyOf(path: string, columns: TableColumns, mostRows: number | null): string {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  const file = [status?.dev, status?.ino, status?.size, status?.mtimeNs, status?.ctimeNs].map(String);
  const {
    label,
    drop,
    features = null,
    conditions = [],
    categories = [],
    separator,
    decimal,
    thousands,
    header,
    comment,
    fill,
  } = columns;
  // An explicit default makes the same key as an absent value.
  const { encoding = 'utf_8', missing = 'error' } = columns;
  const written = { separator, decimal, thousands, header, comment, fill, encoding, missing };
  return JSON.stringify([path, file, { label, drop, features, conditions, categories, ...written }, mostRows]);
}

/**
 * Rows of a table to read: if it takes more than `mostArrayReadWhole`, only the first ones, if no others are used.
 * @param used the split, including the test examples to take from the table
 * @returns null for all
 */
export function rowsRead(
  path: string,
  { take, validation, test, shuffleSeed, classes, trainOn }: SplitRequest,
): number | null {
  if (classes !== undefined || trainOn !== undefined) return null;
  if (take === null || take < 1 || shuffleSeed !== null || (test ?? 0) > 0) return null;
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return bytes > mostArrayReadWhole ? take + validation : null;
}
