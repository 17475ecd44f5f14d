import { ownValue } from '../../compiler/ir/value.js';
import { labelOf } from '../../runtime/importance/levels.js';
import type { Store } from '../../runtime/store/store.js';
import { durationText } from '../../text/duration-text.js';
import { intervalText, numberText } from '../../text/number-text.js';
import { countedSeeds, meanText, type SettingSummary } from '../compare.js';
import { parameterHeading } from '../settings.js';
import { readDetails, type TableTrial, type TrialDetails, type TrialTable } from '../sweep-table.js';
import { type HtmlNode, html } from './html.js';
import { type ReportColumn, reportTable } from './tables.js';

/** Most trials listed; the database has the rest. */
const MOST_TRIALS = 1000;

export function settingColumns({
  varying,
  choice,
  also,
  settings,
  front,
}: TrialTable): readonly ReportColumn<SettingSummary>[] {
  const replicated = settings.some(({ replicates }) => replicates.length > 1);
  const following: readonly ReportColumn<SettingSummary>[] = [
    { heading: 'seeds', number: true, cell: countedSeeds },
    { heading: choice.metric, number: true, cell: meanText },
    ...(replicated
      ? [
          {
            heading: '95% interval',
            number: true,
            cell: ({ summary }: SettingSummary) => (summary.interval ? intervalText(summary.interval) : ''),
          },
        ]
      : []),
    ...also.map(
      (name): ReportColumn<SettingSummary> => ({
        heading: name,
        number: true,
        cell: (row) => valueText(ownValue(row.also, name)),
      }),
    ),
  ];
  const mark: readonly ReportColumn<SettingSummary>[] =
    front === null
      ? []
      : [{ heading: 'front', number: false, cell: ({ setting }) => (front.settings.has(setting) ? '●' : '') }];
  const others = headingsOf([...following, ...mark]);
  const parameters = varying.map((name) =>
    parameterColumn<SettingSummary>(name, others, ({ setting }) => setting, settings),
  );
  return [...parameters, ...following, ...mark];
}

/** All trials, collapsed. */
export function trialsSection(store: Store, table: TrialTable): readonly HtmlNode[] {
  const { varying, choice, also, trials } = table;
  const shown = trials.slice(0, MOST_TRIALS);
  const details = readDetails(store, table, shown);
  const leading: readonly ReportColumn<TableTrial>[] = [
    { heading: 'trial', number: true, cell: ({ trial }) => String(trial ?? '') },
    { heading: 'run', number: false, cell: ({ runId }) => runId ?? '' },
    { heading: 'state', number: false, cell: ({ state, reason }) => (reason === null ? state : `${state}: ${reason}`) },
  ];
  const following: readonly ReportColumn<TableTrial>[] = [
    { heading: 'seed', number: true, cell: ({ seed }) => String(seed) },
    { heading: choice.metric, number: true, cell: ({ value }) => valueText(value) },
    { heading: 'epoch', number: true, cell: ({ epoch }) => String(epoch ?? '') },
    ...also.map(
      (name): ReportColumn<TableTrial> => ({
        heading: name,
        number: true,
        cell: (trial) => valueText(ownValue(details(trial).also, name)),
      }),
    ),
    { heading: 'time', number: true, cell: (trial) => timeOf(details(trial)) },
  ];
  const others = headingsOf([...leading, ...following]);
  const parameters = varying.map((name) => parameterColumn<TableTrial>(name, others, (trial) => trial, trials));
  const columns = [...leading, ...parameters, ...following];
  const left = trials.length - shown.length;
  const more = left > 0 ? [html('p', { class: 'soft' }, `The first ${shown.length} of ${trials.length}.`)] : [];
  const summary = html('summary', {}, `all ${trials.length} trials`);
  return [html('details', trials.length <= 30 ? { open: '' } : {}, summary, reportTable(columns, shown), ...more)];
}

function headingsOf<Row>(columns: readonly ReportColumn<Row>[]): ReadonlySet<string> {
  return new Set(columns.map(({ heading }) => heading));
}

function parameterColumn<Row>(
  name: string,
  others: ReadonlySet<string>,
  of: (row: Row) => Pick<TableTrial, 'parameters'>,
  all: readonly Pick<TableTrial, 'parameters'>[],
): ReportColumn<Row> {
  return {
    heading: parameterHeading(name, others),
    number: all.every(({ parameters }) => typeof ownValue(parameters, name) === 'number'),
    cell: (row) => labelOf(ownValue(of(row).parameters, name)),
  };
}

function valueText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '-' : numberText(value);
}

function timeOf({ seconds }: TrialDetails): string {
  return seconds === null ? '' : durationText(seconds);
}
