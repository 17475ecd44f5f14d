import { Box } from 'ink';
import { objectivesOf } from '../../../api/results.js';
import { clockText, durationText } from '../../../api/text.js';
import { bar } from '../drawing/bars.js';
import { cells, type Line, type Span, span, spread, widthOf } from '../drawing/line.js';
import { signOf, statesInOrder } from '../drawing/signs.js';
import { metricText } from '../state/columns.js';
import { sweepSecondsLeft, sweepShare } from '../state/progress.js';
import { parameterText, views } from '../state/state.js';
import { type Model, useModel } from './model.js';
import { Row } from './text.js';

/** The sweep, its progress, and the best trial. */
export function Header({ width, rows }: { readonly width: number; readonly rows: number }) {
  const model = useModel();
  const { state } = model;
  const where = [state.sweep?.id, state.sweep?.data, state.sweep?.backend].filter((part) => part);
  const name: Line = [
    span(' aedsl ', { fg: 'accent', bold: true }),
    span(state.sweep?.name ?? 'waiting for the first event', { bold: true }),
    span(where.length > 0 ? ` · ${where.join(' · ')}` : '', { fg: 'muted' }),
    ...(state.mode === 'watch' ? [span('  read only', { fg: 'warning' })] : []),
  ];
  return (
    <Box flexDirection="column" flexShrink={0} height={rows}>
      <Row line={spread(name, counts(model), width)} width={width} />
      {rows > 1 && <Row line={progress(model, width)} width={width} />}
    </Box>
  );
}

function counts({ state }: Model): Line {
  return statesInOrder.flatMap((name) => {
    const count = state.trials.filter((trial) => trial.state === name).length;
    const { sign, colour } = signOf(name);
    return count === 0 ? [] : [span(`${sign} ${count} ${name}  `, { fg: colour })];
  });
}

function progress({ state, best, objective }: Model, width: number): Line {
  const { done } = state;
  const share = sweepShare(state);
  const left = sweepSecondsLeft(state);
  const elapsed = clockText((state.now - state.started) / 1000 || 0);
  const time = done
    ? ` ${done.status} in ${durationText(done.seconds)}`
    : ` ${Math.min(99, Math.floor(share * 100))}%  ${elapsed}${left === null ? '' : ` · ${clockText(left)} left`}`;
  const barWidth = Math.max(8, Math.min(40, Math.floor(width * 0.2)));
  const start = [span(' '), ...bar(share, barWidth, done?.status === 'interrupted' ? 'warning' : 'accent'), span(time)];
  const several = state.sweep === null ? [] : objectivesOf(state.sweep);
  if (several.length > 0) {
    const names = several.map(({ metric }) => metric).join(', ');
    return spread(start, [span(`${names}: 6 shows the Pareto front `, { fg: 'muted' })], width);
  }
  if (best === null) return start;
  const end: Span[] = [
    span('best ', { fg: 'muted' }),
    span(metricText(best.score), { fg: 'good', bold: true }),
    span(` ${objective.metric}`, { fg: 'muted' }),
    span(` #${best.trial.trial} `),
  ];
  for (const [name, value] of Object.entries(best.trial.parameters)) {
    const parameter = `${name}=${parameterText(value)} `;
    if (widthOf(start) + 2 + widthOf(end) + cells(parameter) > width) break;
    end.push(span(parameter));
  }
  return spread(start, end, width);
}

export function Tabs({ width }: { readonly width: number }) {
  const { view, help } = useModel().state.ui;
  const gap = width < 88 ? '' : ' ';
  const names = views.flatMap((name, i) => {
    const active = name === view && !help;
    const label = width < 77 && !active ? `${i + 1}` : `${i + 1} ${name}`;
    return [span(` ${label} `, active ? { bg: 'selection', bold: true } : { fg: 'muted' }), span(gap)];
  });
  const hint = span('? help ', help ? { bg: 'selection' } : { fg: 'muted' });
  return <Row line={spread([span(' '), ...names], [hint], width)} width={width} />;
}
