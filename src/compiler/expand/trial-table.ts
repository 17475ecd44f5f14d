import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Expression, Identifier } from '../syntax/ast.js';
import { parseExpression } from '../syntax/parse.js';
import type { Source, Span } from '../syntax/source.js';
import type { World } from '../world.js';
import { parsePiece } from './piece.js';
import { callOf, sameValueKey } from './value-text.js';

/** An explicit list of trials: columns are axes, and each row has a value for every one. */
export interface TrialTable {
  readonly columns: readonly Identifier[];
  readonly rows: readonly (readonly Expression[])[];
  /** Span that names the file. */
  readonly span: Span | null;
}

interface Field {
  /** Start of the value without its quotes. */
  readonly start: number;
  readonly end: number;
}

/** One field with the following comma or line ending, as in RFC 4180: `"[1, 2]"`, with `""` for a quote, or plain. */
const fieldPattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/**
 * Reads a file of trials: comma-separated values whose first row names the axes; every other row is a trial. Values are
 * expressions, as after `=`; quote those with a comma.
 * @param from the file that names it; null for the command line
 * @returns null after reporting the errors
 */
export function readTrialTable(
  path: string,
  span: Span | null,
  from: Source | null,
  world: Pick<World, 'readTable'>,
  collector: DiagnosticCollector,
): TrialTable | null {
  const source = world.readTable(path, from);
  if ('problem' in source) {
    collector.error('AE701', `cannot read '${path}': ${source.problem}`, span);
    return null;
  }
  const records = recordsOf(source, collector);
  const [header, ...rows] = records ?? [];
  if (records === null) return null;
  if (header === undefined || rows.length === 0) {
    const message = `'${path}' has no trials: its first row names the axes, and the others are the trials`;
    collector.error('AE602', message, span);
    return null;
  }
  const columns = header.map((field) => columnOf(field, source, collector));
  const named = columns.filter((column) => column !== null);
  const names = header.map(({ start, end }) => source.text.slice(start, end).trim());
  const read: (readonly Expression[])[] = [];
  let wrong = 0;
  for (const row of rows) {
    const values = rowOf(row, names, source, collector);
    if (values) read.push(values);
    else if (++wrong === mostWrongRows) break;
  }
  if (wrong === mostWrongRows) {
    collector.error('AE605', `'${path}' may have more invalid rows than these ${mostWrongRows}`, span);
  }
  return named.length === columns.length && wrong === 0 ? { columns: named, rows: read, span } : null;
}

/** Drops some columns, and rows that become duplicates. */
export function withoutColumns(table: TrialTable, isLeftOut: (column: Identifier) => boolean): TrialTable {
  if (!table.columns.some(isLeftOut)) return table;
  const isKept = table.columns.map((column) => !isLeftOut(column));
  const rows = table.rows.map((row) => row.filter((_, i) => isKept[i] === true));
  const distinct = new Map(rows.map((row) => [row.map(sameValueKey).join('\n'), row]));
  return { ...table, columns: table.columns.filter((_, i) => isKept[i] === true), rows: [...distinct.values()] };
}

/** Invalid rows after which reading stops. */
const mostWrongRows = 20;

/** Fields of every row; ignores blank lines at the end. */
function recordsOf(source: Source, collector: DiagnosticCollector): readonly (readonly Field[])[] | null {
  const { text } = source;
  const end = text.trimEnd().length;
  const rows: Field[][] = [];
  let row: Field[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < end || row.length > 0) {
    fieldPattern.lastIndex = at;
    const match = fieldPattern.exec(text);
    if (match === null) {
      collector.error('AE605', 'this field continues after its closing quotation mark', {
        source,
        start: at,
        end: at + 1,
      });
      return null;
    }
    const [whole, quoted, plain = '', after = ''] = match;
    const start = quoted === undefined ? at : at + 1;
    row.push({ start, end: start + (quoted ?? plain).length });
    at += whole.length;
    if (after !== ',') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

function columnOf({ start, end }: Field, source: Source, collector: DiagnosticCollector): Identifier | null {
  const name = source.text.slice(start, end).trim();
  const span = { source, start, end: Math.max(end, start + 1) };
  if (/^[A-Za-z_]\w*$/.test(name)) return { name, span };
  collector.error('AE605', name === '' ? 'this column has no name' : `'${name}' is not the name of an axis`, span, {
    hint: 'the first row names the axes: rho,beta',
  });
  return null;
}

function rowOf(
  row: readonly Field[],
  names: readonly string[],
  source: Source,
  collector: DiagnosticCollector,
): readonly Expression[] | null {
  const [first, last] = [row[0], row.at(-1)];
  if (row.length !== names.length) {
    const span = { source, start: first?.start ?? 0, end: last?.end ?? 0 };
    const values = `${row.length} value${row.length === 1 ? '' : 's'}`;
    collector.error('AE605', `this row has ${values} for ${names.length} columns`, span);
    return null;
  }
  const values = row.map((field, i) => cellValue(field, names[i] ?? '', source, collector));
  const read = values.filter((value) => value !== null);
  return read.length === values.length ? read : null;
}

function cellValue(
  { start, end }: Field,
  column: string,
  source: Source,
  collector: DiagnosticCollector,
): Expression | null {
  if (source.text.slice(start, end).trim() === '') {
    collector.error('AE605', `this row has no value for '${column}'`, { source, start, end: Math.max(end, start + 1) });
    return null;
  }
  const written = source.text.slice(start, end);
  // Doubled quotation marks differ from the file's text, so show such a field by itself.
  const { value, diagnostics } = written.includes('""')
    ? parseExpression({ path: `${source.path}, '${column}'`, text: written.replaceAll('""', '"') })
    : parsePiece(source, start, end);
  collector.addAll(diagnostics);
  return column === 'data' && value?.kind === 'name' ? callOf({ name: value.name, span: value.span }) : value;
}
