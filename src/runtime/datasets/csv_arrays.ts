import type { ArrayFile } from './array_part.js';
import { decodeCsv, type TextTable } from './csv.js';
import { mostTextBytes } from './data_limits.js';
import { abridged, DatasetError, someOf } from './dataset_error.js';
import { readContent } from './file_bytes.js';
import { withRoom } from './stored_array.js';

/** What of a table is used: `label` is the column of the classes, the columns of `drop` are left out. */
export interface TableColumns {
  readonly label: string | null;
  readonly drop: readonly string[];
  /** The features, in this order, wherever the table has them; null or absent: every other column. */
  readonly features?: readonly string[] | null;
}

/** A table of numbers, with its classes where they are given. */
export interface NumberTable {
  /** The names of the features. */
  readonly features: readonly string[];
  /** Columns that nothing was said of, where the features were named. */
  readonly unused: readonly string[];
  /** [rows, features] */
  readonly examples: ArrayFile;
  /** [rows], whole numbers from 0. */
  readonly labels: ArrayFile | null;
  /** What the classes are called; null where they are the numbers themselves, or there are none. */
  readonly classes: readonly string[] | null;
}

const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** What programs write where a value is missing, in small letters. */
const MISSING = new Set(['', 'na', 'n/a', '#n/a', 'nan', 'null', 'none', 'nil', '?', '-', '.']);

/**
 * Reads a table, gzipped or not. Numbers are rounded to float32. Classes are whole numbers from 0; if one of them is no
 * number they are all texts, numbered in the order of their UTF-16 units.
 *
 * @param classes of the training table, which a test table has no others than; null where this is the training table
 * @throws DatasetError not_found, unreadable, too_large, truncated, and what `decodeCsv` throws; unknown_name for a column
 *   of `label` or `drop`, mismatch for features that the table doesn't have;
 *   missing_value, wrong_type, wrong_value with the row and the column; wrong_shape when no column is left
 */
export function readTable(path: string, columns: TableColumns, classes: readonly string[] | null = null): NumberTable {
  const table = decodeCsv(readContent(path, mostTextBytes), path);
  requireColumns('drop', columns.drop, table.columns, path);
  requireColumns('label', columns.label === null ? [] : [columns.label], table.columns, path);
  const left = new Set([...columns.drop, columns.label]);
  const others = table.columns.filter((name) => !left.has(name));
  const wanted = columns.features ?? others;
  requireFeatures(wanted, table.columns, path);
  const place = new Map(table.columns.map((name, column) => [name, column]));
  const features = wanted.map((name) => ({ name, column: place.get(name) ?? 0 }));
  if (features.length === 0) {
    throw new DatasetError('wrong_shape', path, 'has no column of numbers left', 'drop fewer columns');
  }
  const data = withRoom(path, () => new Float32Array(table.rowCount * features.length));
  let at = 0;
  let number = 1;
  for (const row of table.rows()) {
    number++;
    for (const { name, column } of features) data[at++] = numberOf(row[column] ?? '', { path, row: number, name });
  }
  const examples = { path, array: { dims: [table.rowCount, features.length], data } };
  const used = new Set(wanted);
  const read = { features: wanted, unused: others.filter((name) => !used.has(name)), examples };
  if (columns.label === null) return { ...read, labels: null, classes: null };
  return { ...read, ...classesOf(table, columns.label, path, classes) };
}

/** Where a value is. */
interface Cell {
  readonly path: string;
  readonly row: number;
  readonly name: string;
}

function wrong(reason: 'missing_value' | 'wrong_type' | 'wrong_value', cell: Cell, problem: string, hint: string) {
  return new DatasetError(reason, cell.path, `row ${cell.row}, column '${abridged(cell.name)}': ${problem}`, hint);
}

function numberOf(field: string, cell: Cell): number {
  const text = present(field, cell);
  if (!NUMBER.test(text)) {
    const decimal = /^[+-]?\d+,\d+$/.test(text) ? 'write a point before the decimals' : null;
    const hint = decimal ?? `make it a number, or leave the column out with drop=["${abridged(cell.name)}"]`;
    throw wrong('wrong_type', cell, `'${abridged(text)}' is no number`, hint);
  }
  const value = Math.fround(Number(text));
  if (!Number.isFinite(value)) {
    throw wrong('wrong_value', cell, `${abridged(text)} doesn't fit into float32`, 'give it in other units');
  }
  return value;
}

function present(field: string, cell: Cell): string {
  const text = field.trim();
  if (!MISSING.has(text.toLowerCase())) return text;
  const written = text === '' ? '' : ` ('${text}')`;
  throw wrong(
    'missing_value',
    cell,
    `the value is missing${written}`,
    'fill it in, or leave out the row or the column',
  );
}

function classesOf(
  table: TextTable,
  label: string,
  path: string,
  known: readonly string[] | null,
): Pick<NumberTable, 'labels' | 'classes'> {
  const column = table.columns.indexOf(label);
  const cell = (i: number): Cell => ({ path, row: i + 2, name: label });
  const texts: string[] = [];
  for (const row of table.rows()) texts.push(present(row[column] ?? '', cell(texts.length)));
  const array = (data: Int32Array): ArrayFile => ({ path, array: { dims: [data.length], data } });
  if (known === null && texts.every((text) => NUMBER.test(text))) {
    return { labels: array(Int32Array.from(texts, (text, i) => classNumber(text, cell(i)))), classes: null };
  }
  const classes = known ?? [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const labels = Int32Array.from(texts, (text, i) => {
    const number = numbers.get(text);
    if (number !== undefined) return number;
    throw wrong('wrong_value', cell(i), `the training examples have no class '${abridged(text)}'`, 'leave out the row');
  });
  return { labels: array(labels), classes };
}

function classNumber(text: string, cell: Cell): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw wrong('wrong_value', cell, `${abridged(text)} is no class`, 'count the classes from 0, or name them');
}

function requireFeatures(wanted: readonly string[], columns: readonly string[], path: string): void {
  const known = new Set(columns);
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length === 0) return;
  const problem = `doesn't have the ${missing.length === 1 ? 'column' : 'columns'} ${someOf(missing)}`;
  throw new DatasetError('mismatch', path, problem, `its columns are ${someOf(columns)}`);
}

function requireColumns(
  argument: 'label' | 'drop',
  names: readonly string[],
  columns: readonly string[],
  path: string,
): void {
  const known = new Set(columns);
  const name = names.find((wanted) => !known.has(wanted));
  if (name === undefined) return;
  const hint = `its columns are ${someOf(columns)}`;
  throw new DatasetError('unknown_name', path, `has no column '${abridged(name)}'`, hint, { argument });
}
