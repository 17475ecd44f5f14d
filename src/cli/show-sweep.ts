import { printable } from '../api/compiler.js';
import {
  bestTrial,
  describeBest,
  describeChoice,
  describeImportance,
  importanceRows,
  labelOf,
  rankedSettings,
  readDetails,
  type SettingSummary,
  type Store,
  type SweepRecord,
  searchFacts,
  settingName,
  summarizeSettings,
  type TableTrial,
  type TrialTable,
  tableImportance,
} from '../api/results.js';
import { countText, durationText, groupedText, numberText, percentText, timeText } from '../api/text.js';
import { countsText, trialJson } from './commands/ls.js';
import { table as alignedTable, facts } from './table.js';
import { formatTable, type TableFormat, withParameterNames } from './table-formats.js';
import { arrange, type OrderOptions } from './table-options.js';
import { bestColumn, settingColumns } from './trial-columns.js';

export interface SweepPageOptions extends OrderOptions {
  readonly interval: 'student' | 'bootstrap';
  readonly width: number | null;
  readonly perSeed: boolean;
  readonly importance: boolean;
}

/** Settings shown by default. */
const MOST_SETTINGS = 20;

/** A sweep as JSON: the request, its settings, and each trial. */
export function sweepJson(store: Store, sweep: SweepRecord, table: TrialTable, options: SweepPageOptions) {
  const { id: sweepId, ...rest } = sweep;
  const importance = options.importance ? tableImportance(table) : null;
  const best = table.best && bestTrial(table.best, table.choice);
  const details = readDetails(store, table, table.trials);
  const json = (trial: TableTrial) => trialJson(trial, details(trial), table.choice.metric);
  return {
    sweepId,
    ...rest,
    metric: table.choice.metric,
    goal: table.choice.goal,
    of: table.choice.of,
    settings: summarizeSettings(store, rankedSettings(table), table, options).map(settingJson),
    best: best && json(best),
    ...(options.importance ? { importance } : {}),
    trials: table.trials.map(json),
  };
}

export function settingJson({ setting, summary, also, best, seedsNeeded }: SettingSummary) {
  return {
    parameters: setting.parameters,
    trials: setting.trials.length,
    seeds: setting.replicates.map(({ seed }) => seed),
    values: setting.replicates.map(({ value }) => value),
    ...summary,
    metrics: also,
    best,
    ...(seedsNeeded === null ? {} : { seedsNeeded }),
  };
}

/** The settings, best first, as a table. */
export function settingsTable(store: Store, table: TrialTable, options: SweepPageOptions, format: TableFormat) {
  const columns = withParameterNames([...settingColumns(table, options), bestColumn(table)]);
  const ranked = rankedSettings(table);
  // Only the shown rows are summarised, unless the order depends on all of them.
  if (options.sort !== undefined) {
    const rows = summarizeSettings(store, ranked, table, options);
    const { shown, left } = arrange(rows, columns, options, format, MOST_SETTINGS);
    return { text: formatTable(columns, shown, format), left };
  }
  const { shown, left } = arrange(ranked, [], options, format, MOST_SETTINGS);
  const rows = summarizeSettings(store, shown, table, options);
  return { text: formatTable(columns, rows, format), left };
}

/** A sweep as text. */
export function sweepPage(store: Store, sweep: SweepRecord, table: TrialTable, options: SweepPageOptions): string {
  const seeds = [...new Set(table.trials.map(({ seed }) => seed))].sort((a, b) => a - b);
  const isSearched = sweep.search !== null;
  const axes = sweep.axes.map(({ name, values }) => {
    const isRange = isSearched && values.every((value) => typeof value === 'number');
    return `${name} = ${isRange ? values.map(labelOf).join(' to ') : valuesText(values.map(labelOf))}`;
  });
  const head = facts([
    ['experiment', sweep.file === null ? sweep.experiment : `${sweep.experiment} (${sweep.file})`],
    ['status', `${sweep.status}: ${countText(sweep.trials, 'trial')}, ${countsText(sweep.counts)}`],
    ['started', startedText(sweep)],
    ...axes.map((axis, i): [string, string] => [i === 0 ? 'axes' : '', axis]),
    ['seeds', seedsText(seeds)],
    ['metric', metricText(table)],
    ...(sweep.search === null ? [] : [['search', searchText(sweep.search)] as const]),
    ...(sweep.pruning === null ? [] : [['pruning', sweep.pruning] as const]),
    ['backend', sweep.backend],
  ]);
  const { text, left } = settingsTable(store, table, options, 'text');
  const sections = [
    `${printable(`${sweep.id} · ${sweep.name}`)}\n${head}`,
    text + (left > 0 ? `${groupedText(left)} more settings: -n 0 shows all\n` : ''),
    bestText(table),
    troubleText(table.trials),
    options.importance ? importanceText(table) : '',
    intervalNote(table, options),
    `next: aedsl ls ${sweep.id} · aedsl compare ${sweep.id} · aedsl report ${sweep.id}\n`,
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function searchText(search: string): string {
  const { method, lag, trials } = searchFacts(search);
  return `${method}, ${countText(trials, 'trial')}, lag ${lag}`;
}

function startedText({ started, finished }: SweepRecord): string {
  if (finished === null) return timeText(started);
  const seconds = (Date.parse(finished) - Date.parse(started)) / 1000;
  return `${timeText(started)}, ${durationText(seconds)}`;
}

function valuesText(values: readonly string[]): string {
  return values.length <= 12 ? values.join(', ') : `${values.slice(0, 6).join(', ')}, … (${values.length} values)`;
}

/** `1–5` if consecutive. */
function seedsText(seeds: readonly number[]): string {
  const [first] = seeds;
  const last = seeds.at(-1);
  if (first === undefined || last === undefined) return '-';
  const consecutive = seeds.length > 2 && last - first === seeds.length - 1;
  return consecutive ? `${first}–${last}` : valuesText(seeds.map(String));
}

function metricText({ choice }: TrialTable): string {
  const why = choice.origin === 'default' ? ' (the sweep names none; --metric takes another)' : '';
  return `${describeChoice(choice)}${why}`;
}

function bestText(table: TrialTable): string {
  const { best, choice, varying, front } = table;
  if (front !== null) return frontText(front);
  const trial = best && bestTrial(best, choice);
  if (!best || !trial) return 'no trial has ended with a value yet\n';
  const seeds = best.replicates.length > 1 ? ` by the mean over ${best.replicates.length} seeds` : '';
  const epoch = trial.epoch === null ? '' : ` after epoch ${trial.epoch}`;
  const name = varying.length === 0 ? `trial ${trial.trial ?? ''}` : settingName(best);
  const which = `${trial.runId ?? ''}, seed ${trial.seed}: ${numberText(trial.value)}${epoch}`;
  const told = describeBest(table);
  return `${printable(`best${seeds}: ${name}; its best trial is ${which}`)}\n${told === null ? '' : `${told}\n`}`;
}

function frontText({ objectives, settings }: NonNullable<TrialTable['front']>): string {
  if (settings.size === 0) return 'no trial has ended with all objectives yet\n';
  const names = objectives.map(({ metric, goal }) => `${metric} (${goal === 'min' ? 'lower' : 'higher'} is better)`);
  const count = countText(settings.size, 'setting');
  return `Pareto front: ${count} that no other beats in all of ${names.join(', ')}\n`;
}

/** The first few trials that failed. */
function troubleText(trials: readonly TableTrial[]): string {
  const trouble = trials.filter(({ state }) => state === 'failed' || state === 'diverged' || state === 'stopped');
  const lines = trouble.slice(0, 5).map(({ trial, runId, state, reason }) => {
    const text = `trial ${trial}${runId === null ? '' : ` (${runId})`} ${state}${reason === null ? '' : `: ${reason}`}`;
    return `${printable(text)}\n`;
  });
  const more = trouble.length > 5 ? `and ${trouble.length - 5} more: aedsl ls … --sort state\n` : '';
  return lines.join('') + more;
}

function importanceText(table: TrialTable): string {
  const importance = tableImportance(table);
  if (importance === null) return 'importance: too few trials with a value\n';
  const rows = importanceRows(importance).map(({ name, share }) => [printable(name), percentText(share)]);
  return `${alignedTable(['importance', 'share'], rows)}${describeImportance(importance)}\n`;
}

function intervalNote({ settings }: TrialTable, { interval, width }: SweepPageOptions): string {
  if (!settings.some(({ replicates }) => replicates.length > 1)) return '';
  const how = interval === 'student' ? "Student's t" : 'bootstrap percentiles, 10,000 resamples';
  const needed = width === null ? '' : `; the seeds that a width of ${numberText(width)} needs are by Student's t`;
  return `mean ± standard deviation over the seeds; 95% interval of the mean by ${how}${needed}\n`;
}
