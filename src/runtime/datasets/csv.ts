import { abridged, DatasetError } from './dataset_error.js';

/** A table of texts. Row 1 is that of the names, as a spreadsheet counts. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Row 2 and those after it, each with as many fields as there are columns; split anew each time, so that none is kept. */
  rows(): Iterable<readonly string[]>;
}

/**
 * Decodes a file of comma-separated values as RFC 4180 has it: UTF-8 (a byte order mark is left out), fields in quotes may
 * have commas and line ends in them, lines end in CRLF or LF, the last one's may be left out. The first row names the
 * columns; spaces around a name that isn't in quotes don't count.
 *
 * @param path for messages
 * @throws DatasetError wrong_format; ragged_row for a row that is shorter or longer than the first, a blank line too
 */
export function decodeCsv(bytes: Uint8Array, path: string): TextTable {
  const text = textOf(bytes, path);
  let columns: readonly string[] = [];
  let uneven: DatasetError | null = null;
  let rowCount = 0;
  for (const fields of records(text, path)) {
    if (rowCount === 0) columns = fields.map((name) => name.trim());
    else if (fields.length !== columns.length) uneven ??= ragged(fields, rowCount + 1, columns.length, path);
    rowCount++;
  }
  checkNames(columns, path);
  if (uneven !== null) throw uneven;
  if (rowCount < 2) {
    throw new DatasetError('wrong_shape', path, 'has no rows after its header', 'give some examples');
  }
  return { columns, rowCount: rowCount - 1, rows: () => withoutHeader(records(text, path)) };
}

function* withoutHeader(rows: Iterable<readonly string[]>): Iterable<readonly string[]> {
  let isHeader = true;
  for (const row of rows) {
    if (!isHeader) yield row;
    isHeader = false;
  }
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DatasetError('wrong_format', path, 'is not text in UTF-8', 'save it as CSV in UTF-8', { cause: error });
  }
}

/** @throws DatasetError wrong_format for a field whose quotes are not those of RFC 4180 */
function* records(text: string, path: string): Iterable<readonly string[]> {
  const fields = new FieldReader(text);
  let row: string[] = [];
  let rows = 0;
  // Where a row is begun, the text's end is the end of an empty last field.
  while (fields.at < text.length || row.length > 0) {
    const { at } = fields;
    if (!fields.next()) throw misquoted(text[at] === '"', rows + 1, row.length + 1, path);
    row.push(fields.value);
    if (!fields.endsRow) continue;
    yield row;
    row = [];
    rows++;
  }
}

/** Reads one field after the other, looking at every character once: a regular expression would go back in what has no end. */
class FieldReader {
  readonly #text: string;
  at = 0;
  value = '';
  endsRow = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns false where the field is not one */
  next(): boolean {
    return this.#text[this.at] === '"' ? this.#quoted() : this.#plain();
  }

  #quoted(): boolean {
    const start = this.at + 1;
    let doubled = false;
    for (let quote = this.#text.indexOf('"', start); quote >= 0; quote = this.#text.indexOf('"', quote + 2)) {
      if (this.#text[quote + 1] === '"') {
        doubled = true;
        continue;
      }
      const inside = this.#text.slice(start, quote);
      this.value = doubled ? inside.replaceAll('""', '"') : inside;
      return this.#end(quote + 1);
    }
    return false;
  }

  #plain(): boolean {
    let end = this.at;
    while (end < this.#text.length && !endsField(this.#text.charCodeAt(end))) end++;
    this.value = this.#text.slice(this.at, end);
    return this.#end(end);
  }

  /** Goes on after the comma or line end at a place, if there is one or the text is at its end. */
  #end(place: number): boolean {
    const after = this.#text[place];
    this.endsRow = after !== ',';
    const length = after === ',' || after === '\n' ? 1 : after === '\r' && this.#text[place + 1] === '\n' ? 2 : 0;
    this.at = place + length;
    return length > 0 || after === undefined;
  }
}

/** `"`, `,`, and line ends. */
function endsField(code: number): boolean {
  return code === 0x22 || code === 0x2c || code === 0x0a || code === 0x0d;
}

function misquoted(isQuoted: boolean, row: number, column: number, path: string): DatasetError {
  const place = `row ${row}, column ${column}`;
  if (!isQuoted) {
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
  const seen = new Set<string>();
  columns.forEach((name, i) => {
    if (name === '') {
      const problem = `row 1, column ${i + 1}: the column has no name`;
      throw new DatasetError('wrong_format', path, problem, 'name every column in the first row');
    }
    if (seen.has(name)) {
      const problem = `row 1, column ${i + 1}: there is another column '${abridged(name)}'`;
      throw new DatasetError('wrong_format', path, problem, 'give every column a name of its own');
    }
    seen.add(name);
  });
  const numbers = columns.map(Number);
  const counted = numbers.every((n, i) => n === (numbers[0] ?? 0) + i);
  if (numbers.every(Number.isFinite) && !counted) {
    const problem = `row 1 has numbers (${columns.slice(0, 3).map(abridged).join(', ')}), where the names of the columns should be`;
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
