import { type Command, Option } from '@commander-js/extra-typings';
import { builtinWords, didYouMeanMetric } from '../api/compiler.js';
import type { TableRequest } from '../api/results.js';
import { exitCodes, Failure } from './failure.js';
import { choiceOption, integerOption } from './options.js';
import type { Column, TableFormat } from './table-formats.js';

export interface MetricOptions {
  readonly metric?: string | undefined;
  readonly goal?: 'min' | 'max' | undefined;
  readonly of?: 'best' | 'last' | undefined;
}

export interface OrderOptions {
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
}

export function addMetricOptions(command: Command) {
  return command
    .option('--metric <names>', 'the metric that orders the table, and more to show: validation.loss,test.sse')
    .addOption(choiceOption('--goal <goal>', 'min or max', ['min', 'max']))
    .addOption(choiceOption('--of <which>', 'best (over the epochs) or last', ['best', 'last']));
}

/** Options shared by tables of trials. */
export function addTableOptions(command: Command) {
  return addMetricOptions(command)
    .option('--sort <column>', 'by a column; -column for the largest first')
    .addOption(integerOption('-n, --limit <n>', 'the first n rows; 0: all', 0));
}

export const intervalOption = choiceOption('--interval <method>', 'student or bootstrap', [
  'student',
  'bootstrap',
]).default('student');

/** Like {@link addTableOptions}, for tables with a row per setting, over several seeds. */
export function addReplicationOptions(command: Command) {
  return addTableOptions(command)
    .addOption(intervalOption)
    .addOption(
      new Option('--width <w>', 'say how many seeds a 95% interval of this width would need').argParser(intervalWidth),
    )
    .option('--per-seed', 'the value of each seed too');
}

function intervalWidth(text: string): number {
  const width = Number(text);
  if (width > 0 && Number.isFinite(width)) return width;
  throw new Failure(exitCodes.usage, `--width takes a number above 0, not '${text}'`, "it is the whole interval's");
}

export function tableRequest({ metric, goal, of }: MetricOptions): TableRequest {
  const [first, ...also] = (metric ?? '').split(',').map((name) => name.trim());
  return {
    words: builtinWords,
    metric: first || null,
    goal: goal ?? null,
    of: of ?? null,
    ...(first && also.length > 0 ? { also } : {}),
  };
}

/** Sorts and limits rows; `left` counts those not shown. @param enough default limit for people */
export function arrange<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { sort, limit }: OrderOptions,
  format: TableFormat,
  enough = 50,
): { readonly shown: readonly Row[]; readonly left: number } {
  const sorted = sort === undefined ? rows : sortBy(rows, columns, sort);
  const most = limit ?? (format === 'text' || format === 'md' ? enough : 0);
  const shown = most === 0 ? sorted : sorted.slice(0, most);
  return { shown, left: sorted.length - shown.length };
}

/** @throws Failure for an unknown column */
function sortBy<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string): readonly Row[] {
  const descending = sort.startsWith('-');
  const name = descending ? sort.slice(1) : sort;
  const column =
    columns.find(({ key }) => key === name) ??
    columns.find(({ heading }) => heading === name) ??
    columns.find(({ parameter }) => parameter !== undefined && `param.${parameter}` === name);
  if (!column) {
    const known = [...new Set(columns.map(({ key }) => key))];
    const hint = didYouMeanMetric(name, known) ?? `there are ${known.join(', ')}`;
    throw new Failure(exitCodes.usage, `--sort: there is no column '${name}'`, hint);
  }
  const keyed = rows.map((row) => ({ row, key: column.value(row) }));
  return keyed.sort((a, b) => compare(a.key, b.key, descending)).map(({ row }) => row);
}

/** Numbers sort before texts; missing and NaN values come last in both directions. */
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
