import { type Column, columnsOf } from './columns.js';
import { parseFilter } from './filter.js';
import { filterableMetrics } from './metrics.js';
import type { DashboardState } from './state.js';
import type { Trial } from './trial.js';

/** A table row: a trial, or all trials that differ only in the seed. */
export interface Row {
  /** The first, which represents the row. */
  readonly trial: Trial;
  readonly replicates: readonly Trial[];
}

export interface Rows {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** Error in the filter, which then hides nothing. */
  readonly error: string | null;
}

/** The table's rows, filtered and sorted. */
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

/** A filter applies while it is being typed. */
export function filterText({ ui }: DashboardState): string {
  return ui.prompt?.kind === 'filter' ? ui.prompt.text : ui.filter;
}

/** Groups trials with the same parameters. */
function groups(trials: readonly Trial[]): readonly Row[] {
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

/** Row of the selected trial or its group; -1 if the filter hides it. */
export function selectedRow(state: DashboardState, rows: readonly Row[]): number {
  const { selected } = state.ui;
  return rows.findIndex(({ replicates }) => replicates.some(({ trial }) => trial === selected));
}

/** Missing values come last in both directions; equal ones keep plan order. */
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
