import { clockText, durationText } from '../../../text/duration-text.js';
import { metricText } from '../state/columns.js';
import { sweepSecondsLeft, sweepShare } from '../state/progress.js';
import { parameterText, views } from '../state/state.js';
import { bar } from './bars.js';
import { cells, fitted, type Line, line, type Span, span, spread, widthOf } from './line.js';
import type { Model } from './model.js';
import { signOf, statesInOrder } from './signs.js';

/** What runs, how far it is, and what the best is. */
export function header(model: Model, width: number, rows: number): readonly Line[] {
  const { state } = model;
  const name = state.sweep?.name ?? 'waiting for the first event';
  const where = [state.sweep?.sweepId, state.sweep?.data, state.sweep?.backend].filter((part) => part);
  const first = [
    span(' aedsl ', { fg: 'accent', bold: true }),
    span(name, { bold: true }),
    span(where.length > 0 ? ` · ${where.join(' · ')}` : '', { fg: 'muted' }),
    ...(state.mode === 'watch' ? [span('  read only', { fg: 'warning' })] : []),
  ];
  const counts = countSpans(model);
  const title = spread(first, counts, width);
  return rows === 1 ? [title] : [title, progressLine(model, width)];
}

function countSpans({ state }: Model): Line {
  const counts = new Map<string, number>();
  for (const trial of state.trials) counts.set(trial.state, (counts.get(trial.state) ?? 0) + 1);
  return statesInOrder.flatMap((name) => {
    const count = counts.get(name);
    const { sign, colour } = signOf(name);
    return count === undefined ? [] : [span(`${sign} ${count} ${name}  `, { fg: colour })];
  });
}

function progressLine(model: Model, width: number): Line {
  const { state, best, objective } = model;
  const share = sweepShare(state);
  const barWidth = Math.max(8, Math.min(40, Math.floor(width * 0.2)));
  const left = sweepSecondsLeft(state);
  const time = state.done
    ? ` ${state.done.status} in ${durationText(state.done.seconds)}`
    : ` ${Math.min(99, Math.floor(share * 100))}%  ${clockText((state.now - state.started) / 1000 || 0)}${left === null ? '' : ` · ${clockText(left)} left`}`;
  const parameters =
    best === null
      ? []
      : Object.entries(best.trial.parameters).map(([name, value]) => `${name}=${parameterText(value)}`);
  const start: Line = [
    span(' '),
    ...bar(share, barWidth, state.done?.status === 'interrupted' ? 'warning' : 'accent'),
    span(time),
  ];
  if (best === null) return fitted(start, width);
  const bestText: Span[] = [
    span('best ', { fg: 'muted' }),
    span(metricText(best.score), { fg: 'good', bold: true }),
    span(` ${objective.metric}`, { fg: 'muted' }),
    span(` #${best.trial.trial} `),
  ];
  const room = width - widthOf(start) - 2;
  for (const parameter of parameters) {
    if (widthOf(bestText) + cells(parameter) + 1 > room) break;
    bestText.push(span(`${parameter} `));
  }
  return spread(start, bestText, width);
}

/** Names of the views, each with its key. */
export function tabs({ state }: Model, width: number): Line {
  const narrow = width < 77;
  const gap = width < 88 ? '' : ' ';
  const spans: Span[] = [span(' ')];
  views.forEach((view, i) => {
    const active = view === state.ui.view && !state.ui.help;
    const label = narrow && !active ? `${i + 1}` : `${i + 1} ${view}`;
    spans.push(span(` ${label} `, active ? { bg: 'selection', bold: true } : { fg: 'muted' }));
    spans.push(span(gap));
  });
  return spread(spans, line(span('? help ', state.ui.help ? { bg: 'selection' } : { fg: 'muted' })), width);
}
