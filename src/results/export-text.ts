import type { ExportTable } from './export-rows.js';

/** Characters per chunk. */
const CHUNK = 65_536;

/** CSV with a header line. */
export function* csvText({ columns, rows }: ExportTable): Iterable<string> {
  yield* inChunks(withHeading(csvLine(columns.map(({ name }) => name)), rows(), csvLine));
}

/** JSON lines. Non-finite numbers are the strings `"NaN"`, `"Infinity"` or `"-Infinity"`. */
export function* jsonText({ columns, rows }: ExportTable): Iterable<string> {
  const keys = columns.map(({ name }) => JSON.stringify(name));
  const line = (cells: readonly unknown[]) =>
    `{${cells.map((cell, i) => `${keys[i] ?? '""'}:${jsonCell(cell)}`).join(',')}}\n`;
  yield* inChunks(withHeading('', rows(), line));
}

function jsonCell(cell: unknown): string {
  if (typeof cell === 'number' && !Number.isFinite(cell)) return `"${cell}"`;
  return JSON.stringify(cell ?? null);
}

function* withHeading<Row>(heading: string, rows: Iterable<Row>, line: (row: Row) => string): Iterable<string> {
  yield heading;
  for (const row of rows) yield line(row);
}

function* inChunks(lines: Iterable<string>): Iterable<string> {
  let chunk: string[] = [];
  let length = 0;
  for (const line of lines) {
    chunk.push(line);
    length += line.length;
    if (length < CHUNK) continue;
    yield chunk.join('');
    chunk = [];
    length = 0;
  }
  if (length > 0) yield chunk.join('');
}

/**
 * A line of CSV (RFC 4180). Non-finite numbers are `nan`, `inf` or `-inf`, which pandas, R and numpy parse; a missing
 * value is an empty cell.
 */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return csvNumber(value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}
