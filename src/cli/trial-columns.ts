import { ownValue } from '../api/compiler.js';
import {
  countedSeeds,
  labelOf,
  meanText,
  type SettingSummary,
  type TableTrial,
  type TrialDetails,
  type TrialTable,
} from '../api/results.js';
import { durationText, intervalText, numberText } from '../api/text.js';
import { type Column, withParameterNames } from './table-formats.js';

/** Columns of a table with a row per trial. */
export function trialColumns(
  table: TrialTable,
  details: (trial: TableTrial) => TrialDetails,
): readonly Column<TableTrial>[] {
  const { choice, also, trials, best, front } = table;
  const onFront = new Set(
    [...(front?.settings ?? [])].flatMap((setting) => setting.trials.filter(({ ended }) => ended)),
  );
  const bestRuns = new Set(best?.replicates);
  const leading: readonly Column<TableTrial>[] = [
    ...(table.sweeps.length > 1 ? [plain<TableTrial>('sweep', ({ sweepId }) => sweepId)] : []),
    ...(trials.some(({ trial }) => trial !== null) ? [plain<TableTrial>('trial', ({ trial }) => trial)] : []),
    plain('run', ({ runId }) => runId),
    plain('state', ({ state }) => state),
  ];
  const following: readonly Column<TableTrial>[] = [
    plain('seed', ({ seed }) => seed),
    number(choice.metric, ({ value }) => value),
    ...(trials.some(({ epoch }) => epoch !== null) ? [plain<TableTrial>('epoch', ({ epoch }) => epoch)] : []),
    ...also.map((name) => number<TableTrial>(name, (trial) => ownValue(details(trial).also, name) ?? Number.NaN)),
    {
      heading: 'time',
      key: 'seconds',
      text: (trial) => {
        const { seconds } = details(trial);
        return seconds === null ? '' : durationText(seconds);
      },
      value: (trial) => details(trial).seconds,
    },
    {
      heading: 'weights',
      key: 'weightsSha256',
      text: (trial) => details(trial).weightsSha256?.slice(0, 12) ?? '',
      value: (trial) => details(trial).weightsSha256,
    },
    ...(front === null
      ? []
      : [
          {
            heading: 'front',
            key: 'front',
            text: (trial: TableTrial) => (onFront.has(trial) ? 'front' : ''),
            value: (trial: TableTrial) => onFront.has(trial),
          },
        ]),
    {
      heading: '',
      key: 'best',
      text: (trial) => (bestRuns.has(trial) && table.settings.length > 1 ? 'best' : ''),
      value: (trial) => bestRuns.has(trial),
    },
  ];
  return withParameterNames([...leading, ...parameterColumns(table, (trial: TableTrial) => trial), ...following]);
}

/** Marks the best of several settings. */
export function bestColumn({ settings, front }: TrialTable): Column<SettingSummary> {
  if (front !== null) {
    return {
      heading: 'front',
      key: 'front',
      text: ({ setting }) => (front.settings.has(setting) ? 'front' : ''),
      value: ({ setting }) => front.settings.has(setting),
    };
  }
  return {
    heading: '',
    key: 'best',
    text: ({ best }) => (best && settings.length > 1 ? 'best' : ''),
    value: ({ best }) => best,
  };
}

export interface SettingColumnOptions {
  readonly perSeed: boolean;
  readonly width: number | null;
}

/** Columns of a table with a row per setting. Others may be added before `withParameterNames`. */
export function settingColumns(table: TrialTable, options: SettingColumnOptions): readonly Column<SettingSummary>[] {
  const { choice, also, settings } = table;
  const replicated = settings.some(({ replicates }) => replicates.length > 1);
  const single = !settings.some(({ trials }) => trials.length > 1);
  const value: Column<SettingSummary> = {
    heading: choice.metric,
    key: 'mean',
    text: meanText,
    value: ({ summary }) => summary.mean,
  };
  const following: readonly Column<SettingSummary>[] = [
    single ? plain('run', ({ setting }) => setting.trials[0]?.runId ?? null) : seedsColumn,
    value,
    ...(replicated
      ? [forPrograms<SettingSummary>('sd', ({ summary }) => summary.sd), intervalColumn, ...intervalEnds]
      : []),
    ...(options.width === null ? [] : [neededColumn(options.width)]),
    ...also.map((name) => number<SettingSummary>(name, (row) => ownValue(row.also, name) ?? Number.NaN)),
    ...(options.perSeed ? seedColumns(table) : []),
  ];
  return [...parameterColumns(table, ({ setting }: SettingSummary) => setting), ...following];
}

export function parameterColumns<Row>(
  { varying }: TrialTable,
  of: (row: Row) => Pick<TableTrial, 'parameters'>,
): readonly Column<Row>[] {
  return varying.map((name) => ({
    heading: name,
    key: name,
    parameter: name,
    text: (row) => labelOf(ownValue(of(row).parameters, name)),
    value: (row) => ownValue(of(row).parameters, name) ?? null,
  }));
}

function plain<Row>(name: string, of: (row: Row) => string | number | null): Column<Row> {
  return { heading: name, key: name, text: (row) => String(of(row) ?? ''), value: of };
}

function number<Row>(name: string, of: (row: Row) => number): Column<Row> {
  const shown = (row: Row) => (Number.isNaN(of(row)) ? '-' : numberText(of(row)));
  return { heading: name, key: name, text: shown, value: of };
}

function forPrograms<Row>(name: string, of: (row: Row) => number | string | null): Column<Row> {
  return { ...plain(name, of), only: 'programs' };
}

const seedsColumn: Column<SettingSummary> = {
  heading: 'seeds',
  key: 'seeds',
  text: countedSeeds,
  value: ({ summary }) => summary.count,
};

const intervalColumn: Column<SettingSummary> = {
  heading: '95% interval',
  key: 'interval',
  only: 'people',
  text: ({ summary }) => (summary.interval ? intervalText(summary.interval) : ''),
  value: () => null,
};

const intervalEnds: readonly Column<SettingSummary>[] = [
  forPrograms('low', ({ summary }) => summary.interval?.low ?? null),
  forPrograms('high', ({ summary }) => summary.interval?.high ?? null),
  forPrograms('interval', ({ summary }) => summary.interval?.method ?? null),
];

function neededColumn(width: number): Column<SettingSummary> {
  return {
    heading: `seeds for a width of ${numberText(width)}`,
    key: 'seedsForWidth',
    text: ({ seedsNeeded }) => (seedsNeeded === null ? '-' : String(seedsNeeded)),
    value: ({ seedsNeeded }) => seedsNeeded,
  };
}

function seedColumns({ trials }: TrialTable): readonly Column<SettingSummary>[] {
  const seeds = [...new Set(trials.map(({ seed }) => seed))].sort((a, b) => a - b);
  const of = (seed: number) => (row: SettingSummary) =>
    row.setting.replicates.find((trial) => trial.seed === seed)?.value ?? Number.NaN;
  return seeds.map((seed) => ({ ...number(`seed ${seed}`, of(seed)), key: `seed_${seed}` }));
}
