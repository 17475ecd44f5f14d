import { chartInPage } from '../../runtime/figures/chart.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { durationText } from '../../text/duration-text.js';
import { numberText, timeText } from '../../text/number-text.js';
import { describeChoice } from '../metric-choice.js';
import { drawCharts } from '../sweep-charts.js';
import { type TableRequest, type TrialTable, tableOf } from '../sweep-table.js';
import { trialSection } from './best-trial.js';
import { type HtmlElement, html } from './html.js';
import { identityOfRun } from './identity.js';
import { card, contents, reportPage, section } from './page.js';

/**
 * A run as one self-contained HTML document, like a sweep's report: its results, curves, pictures and identity.
 *
 * @throws UsageError if the run lacks a requested metric
 */
export async function runReport(store: Store, run: RunRecord, request: TableRequest): Promise<string> {
  const table = tableOf(store, [{ kind: 'run', run }], request);
  const [trial] = table.trials;
  const charts = (await drawCharts(store, table, null)).filter(({ name }) => name === 'curves');
  const figures = charts.map(({ chart }) => html('figure', {}, { markup: chartInPage(chart) }));
  const sections: readonly HtmlElement[] = [
    header(run, table, figures.length > 0),
    ...(figures.length > 0 ? [section('curves', 'Curves', ...figures)] : []),
    ...(trial ? [section('results', 'Results', ...trialSection(store, trial, table, request.words))] : []),
    section('identity', 'Identity and environment', ...identityOfRun(run, request.words)),
  ];
  return reportPage(`${run.experiment} · ${run.id}`, sections);
}

function header(run: RunRecord, { choice, trials: [trial] }: TrialTable, hasCurves: boolean): HtmlElement {
  const { file, seconds, stages } = run;
  const epochs = stages.map(({ stage, epochsDone, epochs: planned }) => `${stage} ${epochsDone} of ${planned}`);
  const value = trial && Number.isFinite(trial.value) ? numberText(trial.value) : '-';
  return html(
    'header',
    {},
    html('h1', {}, run.experiment),
    html(
      'p',
      { class: 'soft' },
      `run ${run.id}${file === null ? '' : ` of ${file}`}${run.sweep === null ? '' : `, of the sweep ${run.sweep}`}, started ${timeText(run.started)}, ${run.status}`,
    ),
    contents([...(hasCurves ? ['curves'] : []), 'results', 'identity']),
    html(
      'dl',
      { class: 'cards' },
      card(choice.metric, value, trial?.epoch ? `after epoch ${trial.epoch}` : ''),
      card('epochs', epochs.join(', ') || '-', ''),
      card('seed', String(run.seed), ''),
      card('time', seconds === null ? '-' : durationText(seconds), ''),
    ),
    html('p', { class: 'soft' }, `The metric is ${describeChoice(choice)}.`),
  );
}
