import { chartInPage } from '../../runtime/figures/chart.js';
import type { Importance } from '../../runtime/importance/importance.js';
import type { Store } from '../../runtime/store/store.js';
import type { SweepRecord } from '../../runtime/store/sweep-records.js';
import { numberText, timeText } from '../../text/number-text.js';
import { describeBest, type IntervalMethod, type SettingSummary, summarizeSettings } from '../compare.js';
import { describeChoice } from '../metric-choice.js';
import { rankedSettings, settingName } from '../settings.js';
import { drawCharts, type NamedChart } from '../sweep-charts.js';
import { describeImportance, tableImportance } from '../sweep-importance.js';
import { bestTrial, type TableRequest, type TrialTable, tableOf } from '../sweep-table.js';
import { trialSection } from './best-trial.js';
import { type HtmlElement, type HtmlNode, html } from './html.js';
import { identitySection } from './identity.js';
import { card, contents, reportPage, section } from './page.js';
import { settingColumns, trialsSection } from './settings-table.js';
import { reportTable } from './tables.js';

export interface ReportOptions extends TableRequest {
  readonly interval?: IntervalMethod;
}

/** Most settings in the table; the charts show the others. */
const MOST_SETTINGS = 50;

/**
 * A sweep as one self-contained HTML document: no scripts, no requests, every text escaped. The same database gives the
 * same bytes.
 *
 * @throws UsageError if no run has the metric
 */
export async function sweepReport(store: Store, sweep: SweepRecord, options: ReportOptions): Promise<string> {
  const table = tableOf(store, [{ kind: 'sweep', sweep }], options);
  const importance = tableImportance(table);
  const charts = await drawCharts(store, table, importance);
  const best = table.best && bestTrial(table.best, table.choice);
  const shown = rankedSettings(table).slice(0, MOST_SETTINGS);
  const rows = summarizeSettings(store, shown, table, { interval: options.interval ?? 'student' });
  const sections: readonly HtmlElement[] = [
    header(sweep, table, rows[0]),
    section('settings', 'Settings', ...settingsSection(table, rows, options.interval ?? 'student')),
    ...(charts.length > 0 ? [section('charts', 'Charts', ...charts.map((chart) => figure(chart, importance)))] : []),
    ...(best ? [section('best', 'The best trial', ...trialSection(store, best, table, options.words))] : []),
    section('trials', 'Trials', ...trialsSection(store, table)),
    section(
      'identity',
      'Identity and environment',
      ...identitySection(store, sweep, best?.runId ?? null, options.words),
    ),
  ];
  return reportPage(`${sweep.name} · ${sweep.id}`, sections);
}

function header(sweep: SweepRecord, table: TrialTable, first: SettingSummary | undefined): HtmlElement {
  const { counts, trials } = sweep;
  const best = table.best && bestTrial(table.best, table.choice);
  const ended = (counts.complete ?? 0) + (counts.cached ?? 0);
  const sd = first?.summary.sd ?? null;
  const told = describeBest(table);
  return html(
    'header',
    {},
    html('h1', {}, sweep.name),
    html(
      'p',
      { class: 'soft' },
      `sweep ${sweep.id} of the experiment ${sweep.experiment}${sweep.file === null ? '' : ` (${sweep.file})`}, started ${timeText(sweep.started)}, ${sweep.status}`,
    ),
    contents(['settings', 'charts', ...(best ? ['best'] : []), 'trials', 'identity']),
    html(
      'dl',
      { class: 'cards' },
      ...(table.front === null
        ? [
            card(
              `best ${table.choice.metric}`,
              best ? numberText(best.value) : '-',
              best ? `${best.runId}, seed ${best.seed}` : '',
            ),
            card(
              'best setting',
              table.best ? settingName(table.best) : '-',
              sd === null ? '' : `mean ${numberText(first?.summary.mean ?? Number.NaN)}`,
            ),
          ]
        : [
            card(
              'Pareto front',
              `${table.front.settings.size} of ${table.settings.length} settings`,
              table.front.objectives.map(({ metric }) => metric).join(', '),
            ),
          ]),
      card('trials', `${ended} of ${trials}`, otherStates(counts)),
      card('seeds', String(new Set(table.trials.map(({ seed }) => seed)).size), ''),
    ),
    html(
      'p',
      { class: 'soft' },
      `Ordered by ${describeChoice(table.choice)}.${told === null ? '' : ` The best setting: ${told}.`}`,
    ),
  );
}

function otherStates(counts: SweepRecord['counts']): string {
  return Object.entries(counts)
    .filter(([state, count]) => state !== 'complete' && count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

function settingsSection(
  table: TrialTable,
  rows: readonly SettingSummary[],
  interval: IntervalMethod,
): readonly HtmlNode[] {
  const left = table.settings.length - rows.length;
  const how = interval === 'student' ? "Student's t" : 'bootstrap percentiles (10,000 resamples)';
  const replicated = rows.some(({ summary }) => summary.count > 1);
  return [
    reportTable(settingColumns(table), rows, ({ best }) => best && table.settings.length > 1),
    ...(left > 0 ? [html('p', { class: 'soft' }, `The ${rows.length} best of ${table.settings.length}.`)] : []),
    ...(replicated
      ? [html('p', { class: 'soft' }, `Mean ± standard deviation over the seeds; 95% interval of the mean by ${how}.`)]
      : []),
  ];
}

const captions: Readonly<Record<string, (importance: Importance | null) => string>> = {
  front: () => 'No setting is at least as good as one on the line in all objectives, and better in one.',
  curves: () => 'Of the best settings, best first in the legend.',
  importance: (importance) => (importance ? describeImportance(importance) : ''),
  marginals: (importance) =>
    importance?.method === 'forest'
      ? 'The line is the prediction of the forest, the thick bars its standard deviation between trees.'
      : 'The line is the mean over all the other parameters.',
  map: () => 'Light is good; the best is framed.',
  parallel: () => 'Each line is a setting; light is good.',
};

function figure({ name, chart }: NamedChart, importance: Importance | null): HtmlElement {
  const caption = captions[name]?.(importance) ?? '';
  return html('figure', {}, { markup: chartInPage(chart) }, html('figcaption', {}, caption));
}
