import { type Column, columnsOf } from './columns.js';
import { parseFilter } from './filter.js';
import { filterableMetrics } from './metrics.js';
import type { DashboardState } from './state.js';
import type { Trial } from './trial.js';

/** A row of the table: a trial, or all trials that differ in their seed only. */
export interface Row {
  /** The first, which stands for the row. */
  readonly trial: Trial;
  readonly replicates: readonly Trial[];
}

export interface Rows {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** What is wrong with the filter, which then hides nothing. */
  readonly error: string | null;
}

/** What the table lists, filtered and sorted. */
export function rowsOf(state: DashboardState): Rows {
  const columns = columnsOf(state);
  const filter = parseFilter(filterText(state), columns, filterableMetrics(state.trials));
  const kept = typeof filter === 'function' ? state.trials.filter(filter) : state.trials;
  const { column, descending } = state.ui.sort;
  const by = columns.find(({ id }) => id === column) ?? columns[0];
  const sorted = by === undefined ? kept : sortedBy(kept, by, descending);
  const rows = state.ui.grouped ? groups(sorted) : sorted.map((trial) => ({ trial, replicates: [trial] }));
  return { rows, columns, error: typeof filter === 'function' ? null : filter.error };
}

/** While a filter is written, what is there of it holds already. */
export function filterText({ ui }: DashboardState): string {
  return ui.prompt?.kind === 'filter' ? ui.prompt.text : ui.filter;
}

/** Trials with the same parameters, by their first. */
export function groups(trials: readonly Trial[]): readonly Row[] {
  const bySetting = new Map<string, Trial[]>();
  for (const trial of trials) {
    const key = settingKey(trial);
    const group = bySetting.get(key);
    if (group) group.push(trial);
    else bySetting.set(key, [trial]);
  }
  return [...bySetting.values()].flatMap((replicates) => {
    const [trial] = replicates;
    return trial === undefined ? [] : [{ trial, replicates }];
  });
}

export function settingKey({ parameters }: Trial): string {
  return JSON.stringify(parameters);
}

/** Row of the selected trial, or of the trials it is among; -1 where the filter hides it. */
export function selectedRow(state: DashboardState, rows: readonly Row[]): number {
  const { selected } = state.ui;
  return rows.findIndex(({ replicates }) => replicates.some(({ trial }) => trial === selected));
}

/** What has no value comes last in both directions; equals stay in the order of the plan. */
function sortedBy(trials: readonly Trial[], { value }: Column, descending: boolean): readonly Trial[] {
  const sign = descending ? -1 : 1;
  return trials
    .map((trial) => ({ trial, key: value(trial) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      if (typeof a.key === 'number' && typeof b.key === 'number') return sign * compareNumbers(a.key, b.key);
      return sign * String(a.key).localeCompare(String(b.key), 'en', { numeric: true });
    })
    .map(({ trial }) => trial);
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
}
