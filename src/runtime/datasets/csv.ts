import { DatasetError } from './dataset_error.js';

/** A table of texts. Row 1 is that of the names, as a spreadsheet counts. */
export interface TextTable {
  readonly columns: readonly string[];
  /** Row 2 and those after it, each with as many fields as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

/** One field with the comma or the line's end after it: quoted, with "" for a quote, or plain. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/**
 * Decodes a file of comma-separated values as RFC 4180 has it: UTF-8 (a byte order mark is left out), fields in quotes may
 * have commas and line ends in them, lines end in CRLF or LF, the last one's may be left out. The first row names the
 * columns; spaces around a name that isn't in quotes don't count.
 *
 * @param path for messages
 * @throws DatasetError wrong_format; ragged_row for a row that is shorter or longer than the first, a blank line too
 */
export function decodeCsv(bytes: Uint8Array, path: string): TextTable {
  const [header, ...rows] = records(textOf(bytes, path), path);
  const columns = (header ?? []).map((name) => name.trim());
  checkNames(columns, path);
  rows.forEach((row, i) => {
    if (row.length !== columns.length) throw ragged(row, i + 2, columns.length, path);
  });
  if (rows.length === 0) {
    throw new DatasetError('wrong_shape', path, 'has no rows after its header', 'give some examples');
  }
  return { columns, rows };
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DatasetError('wrong_format', path, 'is not text in UTF-8', 'save it as CSV in UTF-8', { cause: error });
  }
}

function records(text: string, path: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  // Where a row is begun, the text's end is the end of an empty last field.
  while (at < text.length || row.length > 0) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text);
    if (match === null) throw misquoted(text.slice(at), rows.length + 1, row.length + 1, path);
    const [whole, quoted, plain, end] = match;
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (end !== ',') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

function misquoted(rest: string, row: number, column: number, path: string): DatasetError {
  const place = `row ${row}, column ${column}`;
  if (!rest.startsWith('"')) {
    const inside = `has a quote, or a line end of another kind, inside of a field: ${place}`;
    return new DatasetError('wrong_format', path, inside, 'put the field in quotes, and write "" for a quote in it');
  }
  const problem = `has a field in quotes that doesn't end in one, or goes on after it: ${place}`;
  return new DatasetError('wrong_format', path, problem, 'write "" for a quote within quotes');
}

function checkNames(columns: readonly string[], path: string): void {
  const [first = ''] = columns;
  if (columns.length === 1 && /[;\t]/.test(first)) {
    const hint = 'separate the columns with commas';
    throw new DatasetError('wrong_format', path, 'has columns that are separated by something else', hint);
  }
  columns.forEach((name, i) => {
    if (name === '') {
      const problem = `row 1, column ${i + 1}: the column has no name`;
      throw new DatasetError('wrong_format', path, problem, 'name every column in the first row');
    }
    if (columns.indexOf(name) < i) {
      const problem = `row 1, column ${i + 1}: there is another column '${name}'`;
      throw new DatasetError('wrong_format', path, problem, 'give every column a name of its own');
    }
  });
  const numbers = columns.map(Number);
  const counted = numbers.every((n, i) => n === (numbers[0] ?? 0) + i);
  if (numbers.every(Number.isFinite) && !counted) {
    const problem = `row 1 has numbers (${columns.slice(0, 3).join(', ')}), where the names of the columns should be`;
    throw new DatasetError('wrong_format', path, problem, 'name the columns in the first row');
  }
}

function ragged(row: readonly string[], number: number, columns: number, path: string): DatasetError {
  const blank = row.length === 1 && row[0] === '';
  const fields = `${row.length} ${row.length === 1 ? 'value' : 'values'}`;
  const at = Math.min(row.length, columns) + 1;
  const problem = blank
    ? `row ${number} is blank`
    : `row ${number} has ${fields} for ${columns} columns (${row.length < columns ? `none in column ${at}` : `one too many in column ${at}`})`;
  return new DatasetError('ragged_row', path, problem, blank ? 'remove it' : 'give every row a value for each column');
}
