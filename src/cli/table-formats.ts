import type { Command } from '@commander-js/extra-typings';
import { printable } from '../api/compiler.js';
import { parameterHeading } from '../api/results.js';
import { csvLine } from '../api/text.js';
import type { Console } from './console.js';
import { exitCodes, Failure } from './failure.js';
import { jsonLine } from './json.js';
import { table } from './table.js';

/** Output format of a table: aligned for people, or for programs. */
export type TableFormat = 'text' | 'json' | 'csv' | 'md';

export interface FormatOptions {
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
  readonly md?: boolean | undefined;
}

export interface Column<Row> {
  /** Column heading for people. */
  readonly heading: string;
  /** Its name in JSON and CSV. */
  readonly key: string;
  readonly text: (row: Row) => string;
  /** For JSON and CSV, at full precision. */
  readonly value: (row: Row) => unknown;
  /** Restricts the column to text and Markdown, or to JSON and CSV. */
  readonly only?: 'people' | 'programs';
  /** The param whose values the column has. */
  readonly parameter?: string;
}

/** Prefixes `param.` to params, in heading and key, that collide with another column. */
export function withParameterNames<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  const own = columns.filter(({ parameter }) => parameter === undefined);
  const others = new Set(own.flatMap(({ heading, key }) => [heading, key]));
  return columns.map((column) => {
    if (column.parameter === undefined) return column;
    const name = parameterHeading(column.parameter, others);
    return { ...column, heading: name, key: name };
  });
}

export function addFormatOptions(command: Command) {
  return command
    .option('--json', 'one object a line')
    .option('--csv', 'comma-separated, numbers with all digits')
    .option('--md', 'a Markdown table');
}

/** @throws Failure for more than one format */
export function formatOf({ json, csv, md }: FormatOptions): TableFormat {
  const asked = (['json', 'csv', 'md'] as const).filter((format) => ({ json, csv, md })[format]);
  if (asked.length > 1) {
    throw new Failure(exitCodes.usage, `--${asked.join(' and --')} together`, 'choose one of them');
  }
  return asked[0] ?? 'text';
}

export function printTable<Row>(
  console: Console,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  format: TableFormat,
): void {
  const text = formatTable(columns, rows, format);
  if (format === 'csv') console.data(text);
  else console.out(text);
}

export function formatTable<Row>(all: readonly Column<Row>[], rows: readonly Row[], format: TableFormat): string {
  const other = format === 'text' || format === 'md' ? 'programs' : 'people';
  const columns = all.filter(({ only }) => only !== other);
  switch (format) {
    case 'text':
      return table(
        columns.map(({ heading }) => heading),
        rows.map((row) => columns.map(({ text }) => text(row))),
      );
    case 'md':
      return markdown(columns, rows);
    case 'csv':
      return (
        csvLine(columns.map(({ key }) => key)) +
        rows.map((row) => csvLine(columns.map(({ value }) => value(row)))).join('')
      );
    case 'json':
      return rows
        .map((row) => jsonLine(Object.fromEntries(columns.map(({ key, value }) => [key, value(row)]))))
        .join('');
  }
}

function markdown<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(({ text }) => text(row)));
  const rules = columns.map((_, i) => (cells.every((row) => /^[-+]?[\d.,e+-]*%?$/.test(row[i] ?? '')) ? '--:' : '---'));
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |\n`;
  return (
    line(columns.map(({ heading }) => markdownText(heading))) +
    line(rules) +
    cells.map((row) => line(row.map(markdownText))).join('')
  );
}

/** Escapes text for Markdown: no markup, HTML, links or mentions. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/[\\`*_|<>[\]~#&!@]/g, '\\$&')
    .replace(/:(?=\/\/)|(?<=www)\./gi, '\\$&');
}
