import { groupedText } from '../../text/number-text.js';
import { mostFieldCharacters } from './data-limits.js';
import { DatasetError } from './dataset-error.js';

/** Separator of a row's values. A run of blanks counts as one, and blanks at either end of a row are ignored. */
export type Separator = (typeof SEPARATORS)[number];

export const SEPARATORS = [',', ';', '\t', '|', ' '] as const;

/** A row as written. */
export interface CsvRow {
  readonly fields: readonly string[];
  /** Row number as in a spreadsheet, from 1, counting blank rows and comments. */
  readonly row: number;
}

/**
 * Yields the rows of a table in RFC 4180 format: quoted fields may contain separators and line ends. Lines end in CRLF,
 * LF or CR; the last line end is optional. Only the current row is in memory.
 *
 * @param text in pieces
 * @param comment prefix of the lines to skip; null if there are none
 * @throws DatasetError wrong_format for a field whose quotes violate RFC 4180; too_large for an unterminated one
 */
export function* csvRows(
  text: Iterable<string>,
  separator: Separator,
  comment: string | null,
  path: string,
): Iterable<CsvRow> {
  const reader = new FieldReader(text[Symbol.iterator](), separator);
  for (let row = 1; ; row++) {
    if (comment !== null && reader.skipsLine(comment)) continue;
    const fields: string[] = [];
    if (reader.isAtEnd()) return;
    do {
      const problem = reader.next();
      if (problem !== null) throw misread(problem, row, fields.length + 1, path);
      fields.push(reader.value);
    } while (!reader.endsRow);
    yield { fields, row };
  }
}

type FieldProblem = 'quote inside' | 'after quotes' | 'no end' | 'too long';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const TAB = 0x09;

/**
 * Reads field after field, visiting every character once: a regular expression would backtrack on unterminated fields.
 */
class FieldReader {
  readonly #pieces: Iterator<string>;
  readonly #separator: number;
  readonly #blanks: boolean;
  #text = '';
  #at = 0;
  value = '';
  endsRow = false;

  constructor(pieces: Iterator<string>, separator: Separator) {
    this.#pieces = pieces;
    this.#separator = separator.charCodeAt(0);
    this.#blanks = separator === ' ';
  }

  isAtEnd(): boolean {
    if (this.#blanks) this.#skipBlanks();
    return this.#code() < 0;
  }

  /** Goes behind the line if it begins with a text. */
  skipsLine(beginning: string): boolean {
    while (this.#text.length - this.#at < beginning.length && this.#more());
    if (!this.#text.startsWith(beginning, this.#at)) return false;
    for (let code = this.#code(); code >= 0 && code !== LF && code !== CR; code = this.#code()) this.#at++;
    this.#endLine();
    return true;
  }

  /** Reads the next field of the row. */
  next(): FieldProblem | null {
    if (this.#code() !== QUOTE) return this.#plain();
    return this.#quoted();
  }

  #plain(): FieldProblem | null {
    let start = this.#at;
    for (;;) {
      const text = this.#text;
      let at = this.#at;
      while (at < text.length && !this.#endsField(text.charCodeAt(at))) at++;
      this.#at = at;
      if (at < text.length) break;
      if (at - start > mostFieldCharacters) return 'too long';
      if (!this.#more(start)) break;
      start = 0;
    }
    this.value = this.#text.slice(start, this.#at);
    return this.#code() === QUOTE ? 'quote inside' : this.#end('quote inside');
  }

  #quoted(): FieldProblem | null {
    let start = this.#at + 1;
    let doubled = false;
    this.#at = start;
    for (;;) {
      const quote = this.#text.indexOf('"', this.#at);
      this.#at = quote < 0 ? this.#text.length : quote + 1;
      if (this.#at - start > mostFieldCharacters) return 'too long';
      // A quote at the end of a piece may be the first of two.
      if (this.#at >= this.#text.length && this.#more(start)) {
        start = 0;
        if (quote >= 0) this.#at--;
        continue;
      }
      if (quote < 0) return 'no end';
      if (this.#text.charCodeAt(this.#at) !== QUOTE) break;
      doubled = true;
      this.#at++;
    }
    const inside = this.#text.slice(start, this.#at - 1);
    this.value = doubled ? inside.replaceAll('""', '"') : inside;
    return this.#end('after quotes');
  }

  /** Goes on after the separator or line end at the place where a field ends. */
  #end(otherwise: FieldProblem): FieldProblem | null {
    if (this.#blanks) this.#skipBlanks();
    const code = this.#code();
    this.endsRow = true;
    if (code < 0) return null;
    if (code === LF || code === CR) {
      this.#endLine();
      return null;
    }
    this.endsRow = false;
    // Separating blanks have already been skipped.
    if (this.#blanks) return null;
    if (code !== this.#separator) return otherwise;
    this.#at++;
    return null;
  }

  #endLine(): void {
    const code = this.#code();
    if (code >= 0) this.#at++;
    if (code === CR && this.#code() === LF) this.#at++;
  }

  #skipBlanks(): void {
    for (let code = this.#code(); code === BLANK || code === TAB; code = this.#code()) this.#at++;
  }

  #endsField(code: number): boolean {
    return code === this.#separator || code === LF || code === CR || code === QUOTE || (this.#blanks && code === TAB);
  }

  /** The current character code; -1 at the end. */
  #code(): number {
    if (this.#at >= this.#text.length && !this.#more()) return -1;
    return this.#text.charCodeAt(this.#at);
  }

  /** Appends another piece, keeping the text from `from` on. @returns false if there is none */
  #more(from: number = this.#at): boolean {
    for (let next = this.#pieces.next(); next.done !== true; next = this.#pieces.next()) {
      if (next.value === '') continue;
      this.#text = this.#text.slice(from) + next.value;
      this.#at -= from;
      return true;
    }
    return false;
  }
}

function misread(problem: FieldProblem, row: number, column: number, path: string): DatasetError {
  const place = `row ${row}, column ${column}`;
  const hint = 'put the field in quotes, and write "" for a quote in it';
  switch (problem) {
    case 'quote inside':
      return new DatasetError('wrong_format', path, `has a quote inside of a field: ${place}`, hint);
    case 'after quotes':
    case 'no end': {
      const what = `has a field in quotes that doesn't end in one, or goes on after it: ${place}`;
      return new DatasetError('wrong_format', path, what, 'write "" for a quote within quotes');
    }
    case 'too long': {
      const what = `has a field of more than ${groupedText(mostFieldCharacters)} characters: ${place}`;
      return new DatasetError('too_large', path, what, 'close its quotes, or leave it out');
    }
  }
}
