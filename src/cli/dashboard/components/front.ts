import type { MeasuredObjective } from '../../../api/metrics.js';
import { frontOf } from '../../../api/results.js';
import { largest, smallest } from '../../../api/statistics.js';
import { aligned, type Line, span } from '../drawing/line.js';
import { metricText } from '../state/columns.js';
import type { Trial } from '../state/trial.js';

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly isFront: boolean;
  readonly isSelected: boolean;
}

/**
 * Trials over the first two objectives: `●` on the Pareto front, `·` beaten by another, `◆` selected. Both axes point to the better
 * values: left and down.
 */
export function frontMap(
  trials: readonly Trial[],
  objectives: readonly MeasuredObjective[],
  selected: number,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Line[] {
  const ended = trials.filter(({ state }) => state === 'complete' || state === 'cached');
  const front = new Set(frontOf(bySetting(ended), objectives).flatMap((group) => groupsOf(ended)[group] ?? []));
  const [across, up] = objectives;
  if (across === undefined || up === undefined) return [];
  const dots = ended.flatMap((trial): readonly Dot[] => {
    const [x, y] = [trial.final[across.metric], trial.final[up.metric]];
    if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return [];
    return [{ x, y, isFront: front.has(trial), isSelected: trial.trial === selected }];
  });
  if (dots.length === 0) return [[span(' no trial has both objectives yet', { fg: 'muted' })]];
  const labels = 10;
  const columns = Math.max(4, width - labels - 2);
  const rows = Math.max(3, height - 4);
  const xs = rangeOf(dots.map(({ x }) => x));
  const ys = rangeOf(dots.map(({ y }) => y));
  const grid = Array.from({ length: rows }, () => new Array<Dot | null>(columns).fill(null));
  // Trials on the front are drawn over the others, and the selected trial over all.
  const order = [...dots].sort((a, b) => rankOf(a) - rankOf(b));
  for (const dot of order) {
    const column = Math.round(xs.share(dot.x, across.goal) * (columns - 1));
    const row = Math.round((1 - ys.share(dot.y, up.goal)) * (rows - 1));
    const line = grid[row];
    if (line !== undefined) line[column] = dot;
  }
  const top = up.goal === 'min' ? ys.high : ys.low;
  const bottom = up.goal === 'min' ? ys.low : ys.high;
  const [left, right] = across.goal === 'min' ? [xs.low, xs.high] : [xs.high, xs.low];
  const lines = grid.map((row, i): Line => {
    const label = i === 0 ? metricText(top) : i === rows - 1 ? metricText(bottom) : '';
    return [span(aligned(label, labels, 'end'), { fg: 'muted' }), span(' │', { fg: 'muted' }), ...row.map(cellOf)];
  });
  const ends = `${aligned(metricText(left), columns - 12, 'start')}${aligned(metricText(right), 12, 'end')}`;
  return [
    [span(` ${up.metric}`, { fg: 'muted', bold: true })],
    ...lines,
    [span(`${' '.repeat(labels + 1)}└${'─'.repeat(columns)}`, { fg: 'muted' })],
    [span(`${' '.repeat(labels + 2)}${ends}`, { fg: 'muted' })],
    [
      span(`${' '.repeat(labels + 2)}${across.metric}`, { fg: 'muted', bold: true }),
      span(`   ● Pareto front (${dots.filter(({ isFront }) => isFront).length})  · beaten  ◆ selected`, {
        fg: 'muted',
      }),
    ],
  ];
}

function cellOf(dot: Dot | null) {
  if (dot === null) return span(' ');
  if (dot.isSelected) return span('◆', { fg: 'text', bold: true });
  return dot.isFront ? span('●', { fg: [253, 231, 70], bold: true }) : span('·', { fg: 'muted' });
}

function rankOf({ isFront, isSelected }: Dot): number {
  return (isFront ? 1 : 0) + (isSelected ? 2 : 0);
}

/** Share from 0 at the better end to 1 at the worse. */
function rangeOf(values: readonly number[]) {
  const [low, high] = [smallest(values), largest(values)];
  const share = (value: number, goal: 'min' | 'max') => {
    const from = high > low ? (value - low) / (high - low) : 0.5;
    return goal === 'min' ? from : 1 - from;
  };
  return { low, high, share };
}

/** Trials of one setting together, whatever their seeds. */
function groupsOf(trials: readonly Trial[]): readonly (readonly Trial[])[] {
  const groups = new Map<string, Trial[]>();
  for (const trial of trials) {
    const key = JSON.stringify(trial.parameters);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return [...groups.values()];
}

function bySetting(trials: readonly Trial[]) {
  return groupsOf(trials).map((group) => group.map(({ final }) => final));
}
