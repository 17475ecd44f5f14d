import type { Command } from 'commander';
import { didYouMeanMetric } from '../compiler/diagnostics/suggest.js';
import type { IntervalMethod } from '../results/compare.js';
import type { TableRequest } from '../results/sweep-table.js';
import { exitCodes, Failure } from './failure.js';
import { wholeNumber } from './options.js';
import type { Column, FormatOptions, TableFormat } from './table-formats.js';

/** The options that the tables of trials have in common. */
export interface TableOptions extends FormatOptions {
  readonly db: string;
  readonly metric?: string;
  readonly goal?: string;
  readonly of?: string;
  readonly sort?: string;
  readonly limit?: string;
}

export function addTableOptions(command: Command): Command {
  return command
    .option('--metric <names>', 'the metric that orders the table, and more to show: validation.loss,test.sse')
    .option('--goal <goal>', 'min or max')
    .option('--of <which>', 'best (over the epochs) or last')
    .option('--sort <column>', 'by a column; -column for the largest first')
    .option('-n, --limit <n>', 'the first n rows; 0: all');
}

export function tableRequest({ metric, goal, of }: TableOptions): TableRequest {
  const [first, ...also] = (metric ?? '').split(',').map((name) => name.trim());
  return {
    metric: first || null,
    goal: oneOf('goal', goal, ['min', 'max']),
    of: oneOf('of', of, ['best', 'last']),
    ...(first && also.length > 0 ? { also } : {}),
  };
}

/** @throws Failure for another word; null for none */
export function oneOf<Word extends string>(
  name: string,
  text: string | undefined,
  words: readonly Word[],
): Word | null {
  if (text === undefined) return null;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Failure(exitCodes.usage, `--${name} takes ${words.join(' or ')}, not '${text}'`);
}

export function intervalMethod(text: string | undefined): IntervalMethod {
  return oneOf('interval', text, ['student', 'bootstrap']) ?? 'student';
}

/**
 * Rows in the order asked for, and the first of them; `left` is how many are not shown.
 *
 * @param enough rows that are printed for people unless more are asked for
 */
export function arrange<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { sort, limit }: Pick<TableOptions, 'sort' | 'limit'>,
  format: TableFormat,
  enough = 50,
): { readonly shown: readonly Row[]; readonly left: number } {
  const sorted = sort === undefined ? rows : sortBy(rows, columns, sort);
  const most = wholeNumber('limit', limit, 0) ?? (format === 'text' || format === 'md' ? enough : 0);
  const shown = most === 0 ? sorted : sorted.slice(0, most);
  return { shown, left: sorted.length - shown.length };
}

/** @throws Failure for a column that is not there */
function sortBy<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string): readonly Row[] {
  const descending = sort.startsWith('-');
  const name = descending ? sort.slice(1) : sort;
  const column =
    columns.find(({ key }) => key === name) ??
    columns.find(({ heading }) => heading === name) ??
    columns.find(({ parameter }) => parameter !== undefined && `param.${parameter}` === name);
  if (!column) {
    const known = columns.map(({ key }) => key);
    const hint = didYouMeanMetric(name, known) ?? `there are ${known.join(', ')}`;
    throw new Failure(exitCodes.usage, `--sort: there is no column '${name}'`, hint);
  }
  const keyed = rows.map((row) => ({ row, key: column.value(row) }));
  return keyed.sort((a, b) => compare(a.key, b.key, descending)).map(({ row }) => row);
}

/** Numbers by size, before texts by their letters; what is not there, or is no number, comes last in either direction. */
function compare(a: unknown, b: unknown, descending: boolean): number {
  const [first, second] = [isMissing(a), isMissing(b)];
  if (first || second) return Number(first) - Number(second);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : textOrder(a, b);
  return descending ? -order : order;
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || Number.isNaN(value);
}

function textOrder(a: unknown, b: unknown): number {
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  const [first, second] = [String(a), String(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
