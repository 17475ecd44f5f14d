import { didYouMean } from '../../compiler/diagnostics/suggest.js';
import type { ArrayFile } from './array-part.js';
import { type CategoryFeatures, type ExpandedTable, expandedTable, textsOfFeatures } from './category-features.js';
import { withKnown } from './class-labels.js';
import type { CategoryColumn, ConditionColumn, ConditionRequest } from './condition-column.js';
import { type CsvRow, csvRows, SEPARATORS, type Separator } from './csv.js';
import { GroupFinder, indexDoubts, type TableDoubt } from './csv-doubts.js';
import { columnNames, declaredSeparator, separatorOf, type Unnamed, unnamedColumns } from './csv-layout.js';
import { isMissing, looksGrouped, looksLikeNumber, NumberReader } from './csv-numbers.js';
import { mostCategories } from './data-limits.js';
import { abridged, DatasetError, someOf } from './dataset-error.js';
import { contentPieces } from './file-bytes.js';
import { withRoom } from './stored-array.js';
import { textPieces } from './text-pieces.js';

/** Format of a table, as far as it is not detected; values are those of the language's arguments. */
export interface TableFormat {
  /** One of those that a `Separator` is. */
  readonly separator?: string;
  /** `.` or `,`. */
  readonly decimal?: string;
  readonly thousands?: string;
  /** Whether the first row names the columns; by default it does, and numbers in it are an error. */
  readonly header?: boolean;
  /** Prefix of the lines to skip. */
  readonly comment?: string;
  /** `windows_1252` if the file isn't UTF-8. */
  readonly encoding?: string;
  /** `drop` skips rows with a missing value or class. */
  readonly missing?: string;
  /** Replaces missing values, but not missing classes. */
  readonly fill?: number;
}

/** Columns to read: `label` holds the classes; the columns in `drop` are skipped. */
export interface TableColumns extends TableFormat {
  readonly label: string | null;
  readonly drop: readonly string[];
  /** Feature columns in output order, wherever they are in the table; null or absent: every other column. */
  readonly features?: readonly string[] | null;
  /** Columns that are conditions, and no features; absent if there are none. */
  readonly conditions?: readonly ConditionRequest[];
  /** Columns of texts that become a feature for each text; absent if there are none. */
  readonly categories?: readonly string[];
}

/** A table of numbers, with its classes if given. */
export interface NumberTable {
  /** The names of the features. */
  readonly features: readonly string[];
  /** Columns left over if the features were named. */
  readonly unused: readonly string[];
  /** [rows, features] */
  readonly examples: ArrayFile;
  /** [rows], whole numbers. */
  readonly labels: ArrayFile | null;
  /** Class names; null if classes are numbers or there are no labels. */
  readonly classes: readonly string[] | null;
  /** The columns that are conditions, as requested. */
  readonly conditions: readonly ConditionColumn[];
  /** The columns that have become several features. */
  readonly categories: readonly CategoryFeatures[];
  /** Number of each row in the file, from 1, if there are conditions or categories. */
  readonly rowNumbers: readonly number[];
  /** Columns that may be misread. */
  readonly doubts: readonly TableDoubt[];
}

/** Infinity as pandas, R, NumPy and spreadsheets write it. */
const INFINITE = /^[+-]?(inf(inity)?|∞|1\.?#INF)$/i;

const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Reads a table, gzipped or not, row by row, so that only its numbers take memory. Classes are whole numbers; if any is
 * not a number, all are texts, numbered in the order of their UTF-16 units. Empty rows at the end of the table are
 * ignored.
 *
 * @param classes of the training table, to which this table's new ones are appended; null if this is the training table
 * @throws DatasetError not_found, unreadable, too_large, truncated, and anything `csvRows` throws; ragged_row;
 *   unknown_name for a missing column of `label` or `drop`; mismatch for missing features; missing_value, wrong_type,
 *   wrong_value with the row and the column; wrong_shape if no column is left
 */
export function readTable(path: string, columns: TableColumns, classes: readonly string[] | null = null): NumberTable {
  return numbered(parsedTable(path, columns), columns.label, classes);
}

/** A table whose classes have no numbers yet. */
export interface ParsedTable extends Omit<NumberTable, 'labels' | 'classes'> {
  /** One label per row, as written. */
  readonly labels: readonly LabelText[];
}

/**
 * Like {@link readTable}, but leaves class labels unnumbered.
 * @param mostRows reads no more examples than this; null reads all
 */
export function parsedTable(path: string, columns: TableColumns, mostRows: number | null = null): ParsedTable {
  const content = contentPieces(path)[Symbol.iterator]();
  try {
    return parsed(content, path, columns, mostRows);
  } finally {
    // The file is open until then.
    content.return?.();
  }
}

/** @param known as in `readTable` */
export function numbered(
  { labels, ...table }: ParsedTable,
  label: string | null,
  known: readonly string[] | null,
): NumberTable {
  if (label === null) return { ...table, labels: null, classes: null };
  return { ...table, ...classesOf(labels, label, table.examples.path, known) };
}

/** Names of the columns of a table, of which only the beginning is read. @throws DatasetError as `readTable` */
export function columnsOfTable(path: string): readonly string[] {
  const content = contentPieces(path)[Symbol.iterator]();
  try {
    const [header] = rowsOf(content, path, {}).rows;
    return header === undefined ? [] : columnNames(header.fields, true, header.row, path);
  } finally {
    content.return?.();
  }
}

function rowsOf(content: Iterator<Uint8Array>, path: string, columns: TableFormat) {
  const comment = columns.comment ?? null;
  const encoding = columns.encoding === 'windows_1252' ? columns.encoding : 'utf_8';
  const pieces = textPieces({ [Symbol.iterator]: () => content }, encoding, path)[Symbol.iterator]();
  const beginning = firstPiece(pieces);
  const declared = declaredSeparator(beginning);
  const said = columns.separator ?? declared;
  const separator = SEPARATORS.find((one) => one === said) ?? separatorOf(beginning, comment);
  const rows = csvRows(rejoined(beginning, pieces), separator, comment, path);
  return { separator, rows: withoutBeginning(rows, declared !== null) };
}

/** The rows from the first one that has something in it, which is not the one that declares the separator. */
function* withoutBeginning(rows: Iterable<CsvRow>, declares: boolean): Iterable<CsvRow> {
  let isDeclaration = declares;
  let hasBegun = false;
  for (const row of rows) {
    hasBegun ||= !isDeclaration && !isEmpty(row);
    isDeclaration = false;
    if (hasBegun) yield row;
  }
}

function parsed(
  content: Iterator<Uint8Array>,
  path: string,
  columns: TableColumns,
  mostRows: number | null,
): ParsedTable {
  const { rows, separator } = rowsOf(content, path, columns);
  let table: RowReader | null = null;
  for (const row of rows) {
    if (table === null) {
      const names = columnNames(row.fields, columns.header ?? null, row.row, path);
      table = new RowReader(path, names, row.row, columns, separator);
      if (columns.header !== false) continue;
    }
    table.read(row);
    if (table.count === mostRows) break;
  }
  if (table === null || table.count === 0) {
    throw new DatasetError('wrong_shape', path, 'has no rows after its header', 'give some examples');
  }
  const { unused, labels, rowNumbers } = table;
  const { features, values, categories } = table.expanded();
  const examples = { path, array: { dims: [table.count, features.length], data: values } };
  const conditions = table.conditions();
  return { features, unused, examples, doubts: table.doubts(), labels, conditions, categories, rowNumbers };
}

function firstPiece(pieces: Iterator<string>): string {
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) if (next.value !== '') return next.value;
  return '';
}

function* rejoined(first: string, rest: Iterator<string>): Iterable<string> {
  yield first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

function isEmpty({ fields }: CsvRow): boolean {
  return fields.every((field) => field.trim() === '');
}

/** The class of a row as it was written. */
interface LabelText {
  readonly text: string;
  readonly row: number;
}

/** Parses the rows of a table in order. */
class RowReader {
  readonly features: readonly string[];
  readonly unused: readonly string[];
  readonly labels: LabelText[] = [];
  readonly rowNumbers: number[] = [];
  count = 0;
  readonly #path: string;
  readonly #names: readonly string[];
  readonly #format: TableColumns;
  readonly #separator: Separator;
  readonly #places: Uint32Array;
  readonly #label: number | null;
  readonly #unnamed: ReadonlyMap<number, Unnamed>;
  readonly #numbers: NumberReader;
  /** Null if the format specifies a thousands or decimal separator. */
  readonly #groups: GroupFinder | null;
  readonly #texts = new Map<string, string>();
  readonly #conditions: readonly ReadCondition[];
  readonly #categories: readonly ReadCondition[];
  /** Both. */
  readonly #texted: readonly ReadCondition[];
  #data = new Float64Array(0);
  /** Rows without a value that an example has not followed yet. */
  #empty: CsvRow[] = [];

  constructor(path: string, names: readonly string[], row: number, format: TableColumns, separator: Separator) {
    const dropped = new Set(format.drop);
    this.#path = path;
    this.#names = names;
    this.#format = format;
    this.#separator = separator;
    this.#unnamed = unnamedColumns(names, dropped, row, path);
    // If features are named, this table may lack columns dropped from another one.
    if (!format.features) requireColumns('drop', format.drop, names, path);
    requireColumns('label', format.label === null ? [] : [format.label], names, path);
    this.#label = format.label === null ? null : names.indexOf(format.label);
    const asked = format.conditions ?? [];
    const areConditions = new Set(asked.map(({ name }) => name));
    requireColumns('condition', [...areConditions], names, path);
    const categories = (format.categories ?? []).filter((name) => !areConditions.has(name));
    requireColumns('categories', categories, names, path);
    const reading = (one: ConditionRequest) => ({ ...one, place: names.indexOf(one.name), numbers: [], texts: [] });
    this.#conditions = asked.map(reading);
    this.#categories = categories.map((name) => reading({ name, kind: 'category' }));
    this.#texted = [...this.#conditions, ...this.#categories];
    const taken = new Set([...areConditions, ...categories]);
    const others = names.filter(
      (name, i) => !dropped.has(name) && !taken.has(name) && i !== this.#label && !this.#unnamed.has(i),
    );
    const expanded = new Set(
      categories.flatMap((name) => textsOfFeatures(format.features ?? [], name).map((text) => `${name}=${text}`)),
    );
    this.features = format.features?.filter((name) => !expanded.has(name)) ?? others;
    requireFeatures(this.features, names, others, path);
    if (this.features.length + categories.length === 0) {
      const [problem, hint] =
        asked.length === 0
          ? ['has no column of numbers left', 'drop fewer columns']
          : ['has no column left to reconstruct: all are conditions', 'give the condition fewer columns'];
      throw new DatasetError('wrong_shape', path, problem, hint);
    }
    const place = new Map(names.map((name, i) => [name, i]));
    this.#places = Uint32Array.from(this.features, (name) => place.get(name) ?? 0);
    const used = new Set(this.features);
    this.unused = others.filter((name) => !used.has(name));
    const given = format.decimal === '.' || format.decimal === ',' ? format.decimal : null;
    const ungrouped = format.thousands === '.' ? ',' : separator === ',' || format.thousands === ',' ? '.' : null;
    const decimal = given ?? ungrouped;
    this.#numbers = new NumberReader({ decimal, thousands: format.thousands ?? null });
    this.#groups = given === null && format.thousands === undefined ? new GroupFinder(this.features, separator) : null;
  }

  read(row: CsvRow): void {
    if (isEmpty(row)) {
      if (this.#empty.length < mostEmptyRows) this.#empty.push(row);
      return;
    }
    for (const empty of this.#empty) this.#take(empty);
    this.#empty = [];
    this.#take(row);
  }

  doubts(): readonly TableDoubt[] {
    return [...(this.#groups?.doubts() ?? []), ...indexDoubts(this.features, this.values())];
  }

  /** @throws DatasetError missing_value for a category that `fill` cannot stand for */
  conditions(): readonly ConditionColumn[] {
    return this.#conditions.map((read): ConditionColumn => {
      const { name, kind, numbers } = read;
      const isNumber = kind !== 'category' && !numbers.some(Number.isNaN);
      return isNumber ? { kind: 'number', name, values: Float64Array.from(numbers) } : this.#categoryColumn(read);
    });
  }

  /** The features with those of categories. @throws DatasetError like `expandedTable` */
  expanded(): ExpandedTable {
    if (this.#categories.length === 0) return { features: this.features, values: this.values(), categories: [] };
    const columns = this.#categories.map((read) => this.#categoryColumn(read));
    const known = this.#format.features ?? null;
    const place = { path: this.#path, rowNumbers: this.rowNumbers };
    return expandedTable(this.features, this.values(), columns, known, place);
  }

  #categoryColumn({ name, place, texts }: ReadCondition): CategoryColumn {
    const gap = texts.indexOf(null);
    if (gap >= 0) throw this.#missing('', { row: this.rowNumbers[gap] ?? 0 }, place, false);
    const distinct = [...new Set(texts)].flatMap((text) => text ?? []).sort((a, b) => (a < b ? -1 : 1));
    if (distinct.length > mostCategories) {
      const [found, most] = [distinct.length, mostCategories].map((count) => count.toLocaleString('en'));
      const problem = `column '${abridged(name)}' has ${found} different texts, and ${most} are the limit`;
      throw new DatasetError('too_large', this.#path, problem, 'drop the column, or write fewer texts');
    }
    const places = new Map(distinct.map((text, i) => [text, i]));
    const values = Int32Array.from(texts, (text) => places.get(text ?? '') ?? 0);
    return { kind: 'category', name, texts: distinct, values };
  }

  /** [count, features] */
  values(): Float64Array {
    return this.#data.subarray(0, this.count * this.#places.length);
  }

  #take(row: CsvRow): void {
    const { fields } = row;
    const { missing, fill } = this.#format;
    const dropMissing = missing === 'drop';
    // In a table of one column it is a gap.
    if (isBlank(row) && this.#names.length > 1) return;
    if (!this.#fits(fields)) throw ragged(row, this.#names, this.#separator, this.#path);
    if (dropMissing && this.#hasGap(fields)) return;
    this.#checkUnnamed(row);
    const start = this.count * this.#places.length;
    this.#makeRoom(start + this.#places.length);
    let at = start;
    for (const place of this.#places) {
      const text = (fields[place] ?? '').trim();
      const number = this.#numbers.read(text);
      if (!Number.isFinite(Math.fround(number))) {
        if (!isMissing(text)) throw this.#unreadable(text, number, row, place);
        if (fill === undefined) throw this.#missing(text, row, place);
        this.#data[at++] = fill;
        continue;
      }
      this.#groups?.look(at - start, text);
      this.#data[at++] = number;
    }
    if (this.#label !== null) {
      const text = (fields[this.#label] ?? '').trim();
      if (isMissing(text)) throw this.#missing(text, row, this.#label);
      this.labels.push({ text: this.#kept(text), row: row.row });
    }
    for (const column of this.#texted) this.#takeText(column, row);
    if (this.#texted.length > 0) this.rowNumbers.push(row.row);
    this.count++;
  }

  #takeText({ place, kind, numbers, texts }: ReadCondition, row: CsvRow): void {
    const text = (row.fields[place] ?? '').trim();
    if (isMissing(text)) {
      const { fill } = this.#format;
      if (fill === undefined || kind === 'category') throw this.#missing(text, row, place, kind !== 'category');
      numbers.push(fill);
      texts.push(null);
      return;
    }
    const number = this.#numbers.read(text);
    const isText = kind === 'category' || (kind === null && Number.isNaN(number) && !INFINITE.test(text));
    if (!isText && !Number.isFinite(Math.fround(number))) throw this.#unreadable(text, number, row, place);
    numbers.push(number);
    texts.push(this.#kept(text));
  }

  /** Whether a row has a value for each column; separators at the end of it, or of the header, are no values. */
  #fits(fields: readonly string[]): boolean {
    const count = this.#names.length;
    if (fields.length === count) return true;
    if (fields.length > count) return fields.every((field, i) => i < count || field.trim() === '');
    return fields.length > 1 && this.#names.every((name, i) => i < fields.length || name === '');
  }

  /** One copy of a text, which doesn't hold the piece of the file that it stood in. */
  #kept(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const copy = Buffer.from(text, 'utf16le').toString('utf16le');
    this.#texts.set(copy, copy);
    return copy;
  }

  #hasGap(fields: readonly string[]): boolean {
    const isGap = (place: number): boolean => isMissing((fields[place] ?? '').trim());
    if (this.#label !== null && isGap(this.#label)) return true;
    return this.#places.some(isGap) || this.#texted.some(({ place }) => isGap(place));
  }

  #makeRoom(length: number): void {
    if (length <= this.#data.length) return;
    const larger = withRoom(this.#path, () => new Float64Array(Math.max(length, this.#data.length * 2, 1024)));
    larger.set(this.#data);
    this.#data = larger;
  }

  #checkUnnamed({ fields, row }: CsvRow): void {
    for (const [place, kind] of this.#unnamed) {
      const text = (fields[place] ?? '').trim();
      const right = kind === 'empty' ? text === '' : !looksLikeNumber(text) || Number.isInteger(Number(text));
      if (right) continue;
      const problem = `column ${place + 1} has no name in the first row, and '${abridged(text)}' in row ${row}`;
      const hint = 'name it; only an index (a first column of whole numbers or texts) and empty columns need no name';
      throw new DatasetError('wrong_format', this.#path, problem, hint);
    }
  }

  #unreadable(text: string, number: number, { fields, row }: CsvRow, place: number): DatasetError {
    const cell = { path: this.#path, row, name: this.#names[place] ?? '' };
    if (!Number.isNaN(number)) {
      return wrong('wrong_value', cell, `${abridged(text)} doesn't fit into float32`, 'give it in other units');
    }
    if (INFINITE.test(text)) {
      const hint = 'replace infinite values, or leave such rows out: df.replace([inf, -inf], nan).dropna() in pandas';
      return wrong('wrong_value', cell, `'${abridged(text)}' is not a finite number`, hint);
    }
    return wrong('wrong_type', cell, `'${abridged(text)}' is no number`, this.#numberHint(text, fields));
  }

  #numberHint(text: string, fields: readonly string[]): string {
    if (looksGrouped(text) || looksLikeNumber(text)) {
      const [comma, point] = [text.lastIndexOf(','), text.lastIndexOf('.')];
      if (comma > point && !text.includes(',', comma + 1) && text.indexOf(',') === comma) {
        const grouped = /,\d{3}$/.test(text) ? '; thousands="," if it stands between groups of digits' : '';
        const group = /[.' _\u00a0\u202f]/.exec(text)?.[0];
        const thousands = group === undefined ? '' : ` and thousands="${group}"`;
        return `write decimal=","${thousands} if the comma stands before the decimals${grouped}`;
      }
      const group = /[.,' _\u00a0\u202f]/.exec(text)?.[0] ?? ',';
      return `write thousands="${group}" if it stands between groups of digits`;
    }
    // All columns of text at once, so that they need not be found one by one.
    const texts = [...this.#places]
      .filter((i) => {
        const field = (fields[i] ?? '').trim();
        return !isMissing(field) && Number.isNaN(this.#numbers.read(field));
      })
      .map((i) => this.#names[i] ?? '');
    const list = `${texts
      .slice(0, 8)
      .map((name) => `"${abridged(name)}"`)
      .join(', ')}${texts.length > 8 ? ', …' : ''}`;
    const columns = texts.length > 1 ? 'columns' : 'column';
    if (this.count > 0) {
      return `the rows above have a number there: correct it, or leave the row out; categories=[${list}] if the numbers only name something`;
    }
    const sign = /^(\D?)[\d.,]*\d(\D?)$/u.exec(text);
    if (text.startsWith('\u2212')) return 'write - for the minus sign';
    if (sign !== null) return `write the numbers without '${sign[1] || sign[2]}'`;
    const above =
      texts.length === this.#places.length && texts.length > 1 ? 'remove the row if it is a second header, ' : '';
    return `${above}make it a number, give each text a feature with categories=[${list}], ${this.#labelHint(texts)}or leave the ${columns} out with drop=[${list}]`;
  }

  /** Suggests that a column of texts may be the classes, unless they are known. */
  #labelHint([text = '', ...others]: readonly string[]): string {
    if (this.#label !== null || this.#format.features) return '';
    return others.length === 0
      ? `write label="${abridged(text)}" if it names the classes, `
      : 'write label= if one of them names the classes, ';
  }

  #missing(
    text: string,
    { row }: Pick<CsvRow, 'row'>,
    place: number,
    canBeFilled = place !== this.#label,
  ): DatasetError {
    const cell = { path: this.#path, row, name: this.#names[place] ?? '' };
    const written = text === '' ? '' : ` ('${text}')`;
    if (this.#names.filter((name) => name === '').length > this.#names.length / 2) {
      const hint = 'the first row names the columns: remove what stands above them';
      return wrong('missing_value', cell, `the value is missing${written}`, hint);
    }
    const fill = canBeFilled ? ', fill=0 puts a number in its place' : '';
    return wrong(
      'missing_value',
      cell,
      `the value is missing${written}`,
      `missing=drop leaves out rows with gaps${fill}, or drop the column`,
    );
  }
}

/** A column that is being read as a condition, or as categories. */
interface ReadCondition extends ConditionRequest {
  readonly place: number;
  /** NaN for a text. */
  readonly numbers: number[];
  /** As written; null for a gap that was filled. */
  readonly texts: (string | null)[];
}

/** Rows without a value that are remembered; one that an example follows is enough for an error. */
const mostEmptyRows = 1000;

/** Location of a value. */
interface Cell {
  readonly path: string;
  readonly row: number;
  readonly name: string;
}

function wrong(reason: 'missing_value' | 'wrong_type' | 'wrong_value', cell: Cell, problem: string, hint: string) {
  return new DatasetError(reason, cell.path, `row ${cell.row}, column '${abridged(cell.name)}': ${problem}`, hint);
}

function classesOf(
  written: readonly LabelText[],
  label: string,
  path: string,
  known: readonly string[] | null,
): Pick<NumberTable, 'labels' | 'classes'> {
  const cell = (i: number): Cell => ({ path, row: written[i]?.row ?? 0, name: label });
  const array = (data: Int32Array | Float64Array): ArrayFile => ({ path, array: { dims: [data.length], data } });
  if (known === null && written.every(({ text }) => NUMBER.test(text))) {
    return { labels: array(Float64Array.from(written, ({ text }, i) => classNumber(text, cell(i)))), classes: null };
  }
  const classes = withKnown(known ?? [], new Set(written.map(({ text }) => text)));
  const numbers = new Map(classes.map((name, i) => [name, i]));
  return { labels: array(Int32Array.from(written, ({ text }) => numbers.get(text) ?? 0)), classes };
}

function classNumber(text: string, cell: Cell): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw wrong('wrong_value', cell, `${abridged(text)} is no class`, 'give whole numbers or names, one for each class');
}

/** @param others the columns that may be features */
function requireFeatures(
  wanted: readonly string[],
  columns: readonly string[],
  others: readonly string[],
  path: string,
): void {
  const known = new Set(columns);
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length === 0) return;
  const named = new Set(wanted);
  const extra = others.filter((name) => !named.has(name));
  const instead = extra.length === 0 ? '' : `, and has ${someOf(extra)} instead`;
  const problem = `doesn't have the ${missing.length === 1 ? 'column' : 'columns'} ${someOf(missing)}${instead}`;
  throw new DatasetError('mismatch', path, problem, `its columns are ${someOf(columns)}`);
}

function requireColumns(
  argument: 'label' | 'drop' | 'condition' | 'categories',
  names: readonly string[],
  columns: readonly string[],
  path: string,
): void {
  const known = new Set(columns);
  const name = names.find((wanted) => !known.has(wanted));
  if (name === undefined) return;
  const hint = didYouMean(name, columns) ?? `its columns are ${someOf(columns)}`;
  throw new DatasetError('unknown_name', path, `has no column '${abridged(name)}'`, hint, { argument });
}

function ragged({ fields, row }: CsvRow, names: readonly string[], separator: Separator, path: string): DatasetError {
  const columns = names.length;
  const values = `${fields.length} ${fields.length === 1 ? 'value' : 'values'}`;
  const at = Math.min(fields.length, columns) + 1;
  const place = fields.length < columns ? `none in column ${at}` : `one too many in column ${at}`;
  const problem = `row ${row} has ${values} for ${columns} columns (${place})`;
  const name = { ',': 'a comma', ';': 'a semicolon', '\t': 'a tab', '|': 'a bar', ' ': 'blanks' }[separator];
  const usual = `give every row a value for each column; if it is not ${name} that separates them, write separator=`;
  const first = fields[0]?.trim() ?? '';
  const isNumbered = fields.length === columns + 1 && looksLikeNumber(first);
  const hint = [names[0], first].some((text) => text?.startsWith('#'))
    ? 'comment="#" leaves out the lines that begin with it'
    : columns === 1 && fields.length > 1
      ? `the first row names the columns: remove what stands above them; ${usual}`
      : isNumbered
        ? `name the first column too if it numbers the rows, as R writes them without a name (col.names=NA leaves one); ${usual}`
        : usual;
  return new DatasetError('ragged_row', path, problem, hint);
}

function isBlank({ fields }: CsvRow): boolean {
  return fields.length === 1 && fields[0]?.trim() === '';
}
