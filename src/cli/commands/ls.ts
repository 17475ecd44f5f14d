import { ownValue } from '../../api/compiler.js';
import { usualMetrics } from '../../api/metrics.js';
import {
  type RunOutcome,
  type RunSummary,
  readDetails,
  readStore,
  readTrialTable,
  type Store,
  type SweepSummary,
  type TableTrial,
  type TrialDetails,
} from '../../api/results.js';
import { groupedText, numberText, timeText } from '../../api/text.js';
import { defineCommand, joined } from '../command.js';
import type { Console } from '../console.js';
import { exitCodes } from '../failure.js';
import { jsonLine } from '../json.js';
import { databaseOption } from '../options.js';
import { addFormatOptions, type Column, formatOf, printTable, type TableFormat } from '../table-formats.js';
import { addTableOptions, arrange, type MetricOptions, type OrderOptions, tableRequest } from '../table-options.js';
import { trialColumns } from '../trial-columns.js';

interface ListOptions extends MetricOptions, OrderOptions {
  readonly runs?: boolean | undefined;
}

/** Most metrics with a column. */
const mostMetrics = 4;

/** Lists sweeps and standalone runs, or the trials of one sweep. */
export const command = defineCommand({
  about: 'List sweeps and runs, or the trials of one sweep.',
  examples: ['aedsl ls', 'aedsl ls s1 --sort rho', 'aedsl ls --runs --csv'],
  usage: (command) =>
    joined(
      command
        .argument('[sweep]', 'a sweep (s3, or by name), or a run')
        .addOption(databaseOption('the results'))
        .option('--runs', 'all runs, those of sweeps too'),
      joined(addTableOptions(command), addFormatOptions(command)),
    ),
  run({ console, refuse }, [subject], options) {
    const format = formatOf(options);
    if (subject === undefined)
      refuse(['metric', 'goal', 'of'], 'is for the trials of a sweep', 'name one: aedsl ls s3');
    else refuse(['runs'], 'lists the runs of all sweeps', `leave it out, or ${subject}`);
    return readStore(options.db, (store) => {
      if (subject === undefined) listAll(console, store, options, format);
      else listTrials(console, store, subject, options, format);
      return exitCodes.ok;
    });
  },
});

function listAll(console: Console, store: Store, options: ListOptions, format: TableFormat): void {
  const most = options.limit ?? 50;
  const limit = most === 0 ? Number.MAX_SAFE_INTEGER : most;
  const sweeps = options.runs ? [] : store.sweeps(limit);
  const runs: readonly (RunSummary | RunOutcome)[] = options.runs
    ? store.listRuns({ limit })
    : store.trials.outsideSweeps(limit);
  const ids = runs.map(({ id }) => id);
  const metrics = format === 'json' ? store.trials.finals(ids) : store.trials.finals(ids, usualMetrics('loss'));
  const rows = runs.map((run) => ({ run, metrics: metrics.get(run.id) ?? {} }));
  if (sweeps.length === 0 && runs.length === 0 && format === 'text') console.out('no runs yet\n');
  if (format === 'csv' || format === 'json') {
    const listed = [
      ...sweeps.map((sweep): Listed => ({ sweep, row: null })),
      ...rows.map((row): Listed => ({ sweep: null, row })),
    ];
    const columns = listedColumns(runColumns(rows), sweeps.length > 0);
    const { shown } = arrange(listed, columns, { ...options, limit: 0 }, format);
    if (format === 'csv') printTable(console, columns, shown, format);
    else for (const each of shown) console.out(jsonLine(listedJson(each)));
    return;
  }
  // A column that is not there is refused before anything is printed.
  const columns = runColumns(rows);
  const { shown } = arrange(rows, columns, { ...options, limit: 0 }, format);
  if (sweeps.length > 0) printTable(console, sweepColumns, sweeps, format);
  if (sweeps.length > 0 && runs.length > 0) console.out('\n');
  if (runs.length > 0) printTable(console, columns, shown, format);
}

function listTrials(console: Console, store: Store, subject: string, options: ListOptions, format: TableFormat): void {
  const table = readTrialTable(store, [subject], tableRequest(options));
  const columnsFor = (trials: readonly TableTrial[]) => trialColumns(table, readDetails(store, table, trials));
  // Only sorting needs the values of all rows.
  const sorting = options.sort === undefined ? [] : columnsFor(table.trials);
  const { shown, left } = arrange(table.trials, sorting, options, format);
  if (format === 'json') {
    const details = readDetails(store, table, shown);
    const onFront = table.front && new Set([...table.front.settings].flatMap(({ trials }) => trials));
    for (const trial of shown) {
      const json = trialJson(trial, details(trial), table.choice.metric);
      console.out(jsonLine(onFront === null ? json : { ...json, front: trial.ended && onFront.has(trial) }));
    }
  } else printTable(console, columnsFor(shown), shown, format);
  if (left > 0) console.err(`${groupedText(left)} more: -n 0 shows all\n`);
}

/** Uses the names documented in `docs/events.md`. */
export function runJson(run: RunSummary | RunOutcome, metrics: Readonly<Record<string, number>>) {
  const { id: runId, identity: trialId, ...rest } = run;
  return { runId, trialId, ...rest, metrics };
}

/** A trial as JSON: `value` is that of `metric`; `metrics` are the other requested ones. */
export function trialJson(
  { identity: trialId, ...trial }: TableTrial,
  { also, seconds, weightsSha256 }: TrialDetails,
  metric: string,
) {
  return { ...trial, seconds, weightsSha256, trialId, metric, metrics: also };
}

/** `complete, evaluation failed`: a training is complete even if its evaluation fails. */
export function statusText({ status, evaluation }: Pick<RunSummary, 'status' | 'evaluation'>): string {
  switch (evaluation) {
    case 'pending':
      return `${status}, not evaluated`;
    case 'failed':
      return `${status}, evaluation failed`;
    case 'complete':
    case null:
      return status;
  }
}

interface RunRow {
  readonly run: RunSummary | RunOutcome;
  readonly metrics: Readonly<Record<string, number>>;
}

function runColumns(rows: readonly RunRow[]): readonly Column<RunRow>[] {
  const of = (key: string, value: (row: RunRow) => string | number | null): Column<RunRow> => ({
    heading: key,
    key,
    text: (row) => String(value(row) ?? ''),
    value,
  });
  return [
    of('run', ({ run }) => run.id),
    of('experiment', ({ run }) => run.experiment),
    { ...of('status', ({ run }) => run.status), text: ({ run }) => statusText(run) },
    of('seed', ({ run }) => run.seed),
    of('backend', ({ run }) => run.backend),
    of('data', ({ run }) => run.data),
    ...usualMetrics('loss')
      .filter((name) => rows.some(({ metrics }) => Object.hasOwn(metrics, name)))
      .slice(0, mostMetrics)
      .map((name) => ({
        heading: name,
        key: name,
        text: ({ metrics }: RunRow) => (Object.hasOwn(metrics, name) ? numberText(metrics[name] ?? Number.NaN) : ''),
        value: ({ metrics }: RunRow) => ownValue(metrics, name) ?? null,
      })),
    { ...of('started', ({ run }) => run.started), text: ({ run }) => timeText(run.started) },
    { ...of('weights', ({ run }) => run.weightsSha256), text: ({ run }) => run.weightsSha256?.slice(0, 12) ?? '' },
  ];
}

const sweepColumns: readonly Column<SweepSummary>[] = [
  { heading: 'sweep', key: 'sweep', text: ({ id }) => id, value: ({ id }) => id },
  { heading: 'name', key: 'name', text: ({ name }) => name, value: ({ name }) => name },
  {
    heading: 'experiment',
    key: 'experiment',
    text: ({ experiment }) => experiment,
    value: ({ experiment }) => experiment,
  },
  { heading: 'status', key: 'status', text: ({ status }) => status, value: ({ status }) => status },
  { heading: 'trials', key: 'trials', text: ({ trials }) => String(trials), value: ({ trials }) => trials },
  {
    heading: 'of them',
    key: 'counts',
    text: ({ counts }) => countsText(counts),
    value: ({ counts }) => counts,
  },
  { heading: 'backend', key: 'backend', text: ({ backend }) => backend, value: ({ backend }) => backend },
  { heading: 'started', key: 'started', text: ({ started }) => timeText(started), value: ({ started }) => started },
];

/** A row of the CSV, which has sweeps and runs in one table. */
type Listed = { readonly sweep: SweepSummary; readonly row: null } | { readonly sweep: null; readonly row: RunRow };

function listedJson({ sweep, row }: Listed) {
  if (sweep === null) return runJson(row.run, row.metrics);
  const { id: sweepId, ...rest } = sweep;
  return { sweepId, ...rest };
}

/** The columns of both kinds, without duplicates. */
function listedColumns(ofRuns: readonly Column<RunRow>[], withSweeps: boolean): readonly Column<Listed>[] {
  const ofSweeps = withSweeps ? sweepColumns : [];
  const keys = [...new Set([...ofSweeps, ...ofRuns].map(({ key }) => key))];
  return keys.map((key) => {
    const value = ({ sweep, row }: Listed) =>
      (sweep === null
        ? ofRuns.find((column) => column.key === key)?.value(row)
        : ofSweeps.find((column) => column.key === key)?.value(sweep)) ?? null;
    return { heading: key, key, value, text: (listed) => String(value(listed) ?? '') };
  });
}

/** `18 complete, 2 cached` */
export function countsText(counts: SweepSummary['counts']): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
