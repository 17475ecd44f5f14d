import { ownValue } from '../compiler/ir/value.js';
import type { ParameterValue } from '../runtime/events.js';
import type { Store } from '../runtime/store/store.js';
import type { Words } from '../words/word.js';
import { parameterHeading } from './settings.js';
import { type TableTrial, type TrialTable, tableOf } from './sweep-table.js';
import type { TableSubject } from './table-subject.js';

/** One row per trial, per metric and epoch, or per metric and step. */
export const exportedRows = ['trials', 'epochs', 'steps'] as const;
export type ExportedRows = (typeof exportedRows)[number];

/** `integer`: below 2^31; `long`: up to 2^53. */
export type ColumnType = 'text' | 'integer' | 'long' | 'double' | 'boolean';

export interface ExportColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export type Cell = string | number | boolean | null;

/** A table that is read while it is written, one run in memory at a time. */
export interface ExportTable {
  readonly columns: readonly ExportColumn[];
  rows(): Iterable<readonly Cell[]>;
}

/** @throws UsageError if there is no such sweep or run */
export function exportTable(store: Store, subject: TableSubject, rows: ExportedRows, words: Words): ExportTable {
  const table = tableOf(store, [subject], { words });
  const described = withAllParameters(store, table);
  switch (rows) {
    case 'trials':
      return trialRows(store, described);
    case 'epochs':
      return pointRows(described, ['epoch', 'integer'], (id) => epochPoints(store, id));
    case 'steps':
      return pointRows(described, ['step', 'integer'], (id) => stepPoints(store, id));
  }
}

interface Described {
  readonly trial: TableTrial;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** All params of a run, not only those that vary: the file must stand on its own. */
function withAllParameters(store: Store, { trials }: TrialTable): readonly Described[] {
  const ofRuns = store.trials.parameters(trials.flatMap(({ runId }) => runId ?? []));
  return trials.map((trial) => {
    const own = ofRuns.get(trial.runId ?? '') ?? [];
    return { trial, parameters: { ...Object.fromEntries(own.map((p) => [p.name, p.value])), ...trial.parameters } };
  });
}

/** Columns that every trial has, whatever it recorded. */
function describingColumns(trials: readonly Described[], taken: readonly string[]) {
  const names = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))];
  const fixed: readonly ExportColumn[] = [
    { name: 'sweep', type: 'text' },
    { name: 'trial', type: 'integer' },
    { name: 'seed', type: 'long' },
  ];
  const reserved = new Set([...taken, ...fixed.map(({ name }) => name)]);
  const parameters = names.map((name) => ({
    name: parameterHeading(name, reserved),
    type: typeOf(trials.map((one) => ownValue(one.parameters, name))),
  }));
  return {
    columns: [...fixed, ...parameters],
    cells: ({ trial, parameters: own }: Described): readonly Cell[] => [
      trial.sweepId,
      trial.trial,
      trial.seed,
      ...names.map((name, i) => cellOf(ownValue(own, name), parameters[i]?.type ?? 'text')),
    ],
  };
}

function trialRows(store: Store, trials: readonly Described[]): ExportTable {
  const runIds = trials.flatMap(({ trial }) => trial.runId ?? []);
  const finals = store.trials.finals(runIds);
  const endings = store.trials.endings(runIds);
  const metrics = [...new Set([...finals.values()].flatMap((one) => Object.keys(one)))].sort();
  const leading: readonly ExportColumn[] = [
    { name: 'run', type: 'text' },
    { name: 'state', type: 'text' },
    { name: 'seconds', type: 'double' },
    { name: 'trialId', type: 'text' },
    { name: 'weightsSha256', type: 'text' },
  ];
  const describing = describingColumns(trials, [...leading.map(({ name }) => name), ...metrics]);
  return {
    columns: [...leading, ...describing.columns, ...metrics.map((name): ExportColumn => ({ name, type: 'double' }))],
    *rows() {
      for (const one of trials) {
        const { runId, state, identity } = one.trial;
        const own = finals.get(runId ?? '');
        const { seconds = null, weightsSha256 = null } = endings.get(runId ?? '') ?? {};
        const measured = metrics.map((name) => (own && ownValue(own, name)) ?? null);
        yield [runId, state, seconds, identity, weightsSha256, ...describing.cells(one), ...measured];
      }
    },
  };
}

type Point = readonly [stage: string, time: number, metric: string, value: number];

function pointRows(
  trials: readonly Described[],
  [name, type]: readonly [string, ColumnType],
  pointsOf: (runId: string) => Iterable<Point>,
): ExportTable {
  const leading: readonly ExportColumn[] = [
    { name: 'run', type: 'text' },
    { name: 'stage', type: 'text' },
    { name, type },
    { name: 'metric', type: 'text' },
    { name: 'value', type: 'double' },
  ];
  const describing = describingColumns(
    trials,
    leading.map((column) => column.name),
  );
  return {
    columns: [...leading, ...describing.columns],
    *rows() {
      for (const one of trials) {
        const { runId } = one.trial;
        if (runId === null) continue;
        const described = describing.cells(one);
        for (const point of pointsOf(runId)) yield [runId, ...point, ...described];
      }
    },
  };
}

function* epochPoints(store: Store, id: string): Iterable<Point> {
  for (const { stage, epoch, metric, value } of store.readEpochs(id)) yield [stage, epoch, metric, value];
}

/** Steps of a series held in memory at a time. */
const STEPS = 65_536;

function* stepPoints(store: Store, id: string): Iterable<Point> {
  for (const { stage, metric } of store.listSeries(id)) {
    for (let from = 0; ; ) {
      const { firstStep, values } = store.readSeries(id, stage, metric, { from, to: from + STEPS });
      if (values.length === 0 && !hasLater(store, id, stage, metric, from)) break;
      for (const [i, value] of values.entries()) yield [stage, firstStep + i, metric, value];
      from += STEPS;
    }
  }
}

/** A resumed run's series may have a gap longer than one read. */
function hasLater(store: Store, id: string, stage: string, metric: string, from: number): boolean {
  return store.readSeriesBlocks(id, stage, metric).some(({ firstStep, steps }) => firstStep + steps > from);
}

function typeOf(values: readonly (ParameterValue | undefined)[]): ColumnType {
  const known = values.filter((value) => value !== undefined);
  if (known.every((value) => typeof value === 'number')) return 'double';
  return known.every((value) => typeof value === 'boolean') ? 'boolean' : 'text';
}

/** Lists become JSON, as does every non-text value in a column of mixed types. */
function cellOf(value: ParameterValue | undefined, type: ColumnType): Cell {
  if (value === undefined) return null;
  if (typeof value === 'object') return JSON.stringify(value);
  return type === 'text' ? String(value) : value;
}
