import { ownValue } from '../../api/compiler.js';
import type { MeasuredObjective } from '../../api/metrics.js';
import { objectivesOf, parameterHeading } from '../../api/results.js';
import { countText, durationText } from '../../api/text.js';
import { table } from '../table.js';
import { statesInOrder } from './drawing/signs.js';
import { metricText } from './state/columns.js';
import { rankedTrials, ranking } from './state/metrics.js';
import { type DashboardState, parameterText } from './state/state.js';

const shown = 5;
/** Most trials of a front that are listed. */
const mostOfFront = 10;

/** The summary left on the normal screen: the outcome, and the best trials. */
export function summaryText(state: DashboardState): string {
  const { sweep, trials, done } = state;
  if (sweep === null) return '';
  const counts = new Map<string, number>();
  for (const trial of trials) counts.set(trial.state, (counts.get(trial.state) ?? 0) + 1);
  const states = statesInOrder.flatMap((name) => {
    const count = counts.get(name);
    return count === undefined ? [] : [`${count} ${name}`];
  });
  const ending = done === null ? [] : [`${done.status} in ${durationText(done.seconds)}`];
  const head = `${[sweep.id, sweep.name, ...ending].filter((part) => part).join(' · ')}: ${states.join(', ')}\n`;
  return `${head}${bestTable(state)}${failures(state)}${hint(state)}`;
}

function bestTable(state: DashboardState): string {
  const several = state.sweep === null ? [] : objectivesOf(state.sweep);
  if (several.length > 0) return frontText(state, several);
  const objective = ranking(state);
  const ranked = rankedTrials(state, objective).slice(0, shown);
  if (ranked.length === 0) return '';
  const varying = state.sweep?.varying ?? [];
  const following = ['seed', 'status', `${objective.of} ${objective.metric}`, 'run'];
  const others = new Set(following);
  const headings = ['#', ...varying.map((name) => parameterHeading(name, others)), ...following];
  const rows = ranked.map(({ trial, score }) => [
    String(trial.trial),
    ...varying.map((name) => parameterText(ownValue(trial.parameters, name))),
    String(trial.seed),
    trial.state,
    metricText(score),
    trial.runId ?? '-',
  ]);
  return table(headings, rows);
}

/** The Pareto front of a sweep with several objectives, as the last event says. */
function frontText({ done, sweep, trials }: DashboardState, objectives: readonly MeasuredObjective[]): string {
  if (done?.front === undefined) return '';
  const { front } = done;
  const list = sweep?.id == null || front.length <= mostOfFront ? '' : `: aedsl show ${sweep.id} lists them`;
  const varying = sweep?.varying ?? [];
  const following = ['seed', ...objectives.map(({ metric }) => metric), 'run'];
  const others = new Set(following);
  const headings = ['#', ...varying.map((name) => parameterHeading(name, others)), ...following];
  const rows = front.slice(0, mostOfFront).flatMap((number) => {
    const trial = trials[number];
    if (trial === undefined) return [];
    return [
      [
        String(number),
        ...varying.map((name) => parameterText(ownValue(trial.parameters, name))),
        String(trial.seed),
        ...objectives.map(({ metric }) => metricText(ownValue(trial.final, metric) ?? null)),
        trial.runId ?? '-',
      ],
    ];
  });
  return `Pareto front: ${countText(front.length, 'trial')}${list}\n${rows.length === 0 ? '' : table(headings, rows)}`;
}

/** Each failure reason once, with its first trial. */
function failures({ trials }: DashboardState): string {
  const byReason = new Map<string, number[]>();
  for (const { trial, state, reason } of trials) {
    if ((state !== 'failed' && state !== 'diverged') || reason === null) continue;
    byReason.set(reason, [...(byReason.get(reason) ?? []), trial]);
  }
  return [...byReason]
    .slice(0, shown)
    .map(([reason, [first, ...others]]) => {
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return `trial ${first}${more}: ${reason}\n`;
    })
    .join('');
}

function hint({ sweep, done, mode }: DashboardState): string {
  const id = sweep?.id;
  if (id === null || id === undefined) return '';
  return mode === 'sweep' && done?.status === 'interrupted' ? `aedsl resume ${id} continues it\n` : '';
}
