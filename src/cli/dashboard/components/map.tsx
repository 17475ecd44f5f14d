import { ownValue } from '../../../api/compiler.js';
import type { ParameterValue } from '../../../api/events.js';
import { mix, type Rgb } from '../../../api/figures.js';
import type { Objective } from '../../../api/metrics.js';
import { objectivesOf } from '../../../api/results.js';
import { largest, smallest } from '../../../api/statistics.js';
import { aligned, type Line, type Span, span, truncated } from '../drawing/line.js';
import { tableLines } from '../drawing/table.js';
import { metricText } from '../state/columns.js';
import { comparableScores } from '../state/metrics.js';
import { type DashboardState, parameterText } from '../state/state.js';
import type { Trial } from '../state/trial.js';
import { frontMap } from './front.js';
import { useModel } from './model.js';
import { inside, Pane, type Size } from './pane.js';
import { Canvas, Remark } from './text.js';

/** Bad to good: dark blue, grey, yellow, in equal steps of lightness (after cividis, Nuñez et al. 2018). */
const stops: readonly Rgb[] = [
  [0, 42, 102],
  [62, 74, 107],
  [111, 112, 115],
  [163, 152, 114],
  [214, 194, 93],
  [253, 231, 70],
];

/** The objective over two parameters, or over the only one. */
export function MapPane(size: Size) {
  const { state, objective } = useModel();
  const axes = state.sweep?.varying ?? [];
  const { width, height } = inside(size);
  const [x, y] = mapAxes(state);
  const over = x === null ? '' : ` over ${y === null ? x : `${x} and ${y}`}`;
  const title = `${objective.of === 'best' ? 'best ' : ''}${objective.metric}${over}`;
  if (x === null) {
    return (
      <Pane {...size} title={title}>
        <Remark>no parameter varies but the seed</Remark>
      </Pane>
    );
  }
  const objectives = state.sweep === null ? [] : objectivesOf(state.sweep);
  if (objectives.length > 0) {
    const area = { width, height: Math.min(height, Math.max(12, Math.ceil(height * 0.7))) };
    const front = frontMap(state.trials, objectives, state.ui.selected, area);
    const slices = axes.flatMap((name) => [...slice(state, objective, name, width), []]);
    const names = objectives.map(({ metric }) => metric).join(', ');
    return (
      <Pane {...size} title={`Pareto front of ${names}`} note="after the training">
        <Canvas lines={[...front, [], ...slices].slice(0, height)} width={width} />
      </Pane>
    );
  }
  const others = axes.filter((name) => name !== x && name !== y);
  const slices = (y === null ? [x] : axes).flatMap((name) => [...slice(state, objective, name, width), []]);
  const lines = y === null ? slices : [...heatMap(state, objective, x, y, width, height), [], ...slices];
  return (
    <Pane
      {...size}
      title={title}
      note={`mean over ${[...others, 'seeds'].join(', ').replace(/, seeds$/, ' and seeds')}`}
    >
      <Canvas lines={lines.slice(0, height)} width={width} />
    </Pane>
  );
}

/** The parameters on the two axes; the second is null if only one varies. */
function mapAxes({ sweep, ui }: DashboardState): readonly [string | null, string | null] {
  const axes = sweep?.varying ?? [];
  const x = axes[ui.map.x % Math.max(1, axes.length)] ?? null;
  const wanted = axes[ui.map.y % Math.max(1, axes.length)] ?? null;
  const y = wanted === x ? (axes.find((name) => name !== x) ?? null) : wanted;
  return [x, y];
}

interface Cell {
  readonly mean: number | null;
  readonly scores: readonly number[];
  readonly trials: readonly Trial[];
}

function cellOf(trials: readonly Trial[], objective: Objective): Cell {
  const scores = comparableScores(trials, objective);
  return {
    trials,
    scores,
    mean: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
  };
}

interface ValueGroup {
  readonly label: string;
  readonly trials: readonly Trial[];
}

/** Groups trials by a parameter's value, in order. */
function byValue(trials: readonly Trial[], name: string): readonly ValueGroup[] {
  const groups = new Map<string, { label: string; value: ParameterValue; trials: Trial[] }>();
  const labels = new Map<ParameterValue, string>();
  for (const trial of trials) {
    const value = ownValue(trial.parameters, name);
    if (value === undefined) continue;
    const label = labels.get(value) ?? parameterText(value);
    labels.set(value, label);
    const group = groups.get(label);
    if (group) group.trials.push(trial);
    else groups.set(label, { label, value, trials: [trial] });
  }
  return [...groups.values()].sort((a, b) =>
    typeof a.value === 'number' && typeof b.value === 'number' ? a.value - b.value : 0,
  );
}

function heatMap(
  state: DashboardState,
  objective: Objective,
  x: string,
  y: string,
  width: number,
  height: number,
): readonly Line[] {
  const across = byValue(state.trials, x).map(({ label }) => label);
  const down = byValue(state.trials, y);
  const labelCells = Math.min(
    14,
    largest(
      down.map(({ label }) => label.length),
      y.length,
    ) + 1,
  );
  const cellWidth = Math.max(3, Math.min(20, Math.floor((width - labelCells - 2) / Math.max(1, across.length))));
  const cellHeight = Math.max(1, Math.min(5, Math.floor((height - 5) / Math.max(1, down.length))));
  const shownAcross = across.slice(0, Math.max(1, Math.floor((width - labelCells - 2) / cellWidth)));
  const shownDown = down.slice(0, Math.max(1, Math.floor((height - 5) / cellHeight)));
  const cells = shownDown.map(({ trials }) => {
    const inRow = new Map(byValue(trials, x).map((group) => [group.label, group.trials]));
    return shownAcross.map((column) => cellOf(inRow.get(column) ?? [], objective));
  });
  const means = cells.flat().flatMap(({ mean }) => mean ?? []);
  const [low, high] = [smallest(means), largest(means)];
  const goodness = (mean: number) => {
    const share = high > low ? (mean - low) / (high - low) : 0.5;
    return objective.goal === 'min' ? 1 - share : share;
  };
  const head: Line = [
    span(` ${aligned(y, labelCells, 'start')}`, { fg: 'muted', bold: true }),
    ...shownAcross.map((value) => span(aligned(value, cellWidth - 1, 'end').padEnd(cellWidth), { bold: true })),
    span(` ${x}`, { fg: 'muted', bold: true }),
  ];
  const middle = Math.floor((cellHeight - 1) / 2);
  const rows = cells.flatMap((row, i) =>
    Array.from(
      { length: cellHeight },
      (_, part): Line => [
        span(` ${aligned(part === middle ? (shownDown[i]?.label ?? '') : '', labelCells, 'start')}`),
        ...row.map((cell) => cellSpan(cell, part === middle, cellWidth, goodness, state.ui.selected)),
      ],
    ),
  );
  const hidden = [across.length - shownAcross.length, down.length - shownDown.length];
  const more = hidden.some((count) => count > 0) ? ` ${hidden[0]} columns and ${hidden[1]} rows don't fit` : '';
  return [
    head,
    ...rows,
    [],
    scaleLine(low, high, objective, more),
    [span(` ${means.length} of ${cells.flat().length} have a value; ‹ › is the selected trial`, { fg: 'muted' })],
  ];
}

function cellSpan(
  cell: Cell,
  isMiddle: boolean,
  width: number,
  goodness: (mean: number) => number,
  selected: number,
): Span {
  const holdsSelected = cell.trials.some(({ trial }) => trial === selected);
  if (cell.mean === null) {
    const text = isMiddle ? (cell.trials.length === 0 ? '' : '·') : '';
    return span(framed(aligned(text, width - 2, 'end'), holdsSelected && isMiddle), { fg: 'muted', bg: 'bar' });
  }
  const share = goodness(cell.mean);
  const colour = sequential(share);
  const text = isMiddle ? truncated(metricText(cell.mean), width - 2) : '';
  const look = { bg: colour, fg: share > 0.5 ? ([0, 0, 0] as const) : ([240, 240, 240] as const), bold: holdsSelected };
  return span(framed(aligned(text, width - 2, 'end'), holdsSelected && isMiddle), look);
}

function framed(text: string, yes: boolean): string {
  return yes ? `‹${text}›` : ` ${text} `;
}

function scaleLine(low: number, high: number, { goal }: Objective, more: string): Line {
  if (!Number.isFinite(low)) return [span(' no trial has a value yet', { fg: 'muted' })];
  const [bad, good] = goal === 'min' ? [high, low] : [low, high];
  return [
    span(` ${metricText(bad)} `, { fg: 'muted' }),
    ...Array.from({ length: 24 }, (_, i) => span(' ', { bg: sequential(i / 23) })),
    span(` ${metricText(good)}  best`, { fg: 'text' }),
    span(more, { fg: 'warning' }),
  ];
}

function sequential(share: number): Rgb {
  const position = Math.max(0, Math.min(1, share)) * (stops.length - 1);
  const stop = Math.min(stops.length - 2, Math.floor(position));
  return mix(stops[stop] ?? [0, 0, 0], stops[stop + 1] ?? [0, 0, 0], position - stop);
}

/** For each value of a parameter, its trials on a common scale, and their mean. */
function slice(state: DashboardState, objective: Objective, x: string, width: number): readonly Line[] {
  const rows = byValue(state.trials, x).map(({ label, trials }) => ({ label, cell: cellOf(trials, objective) }));
  const scores = rows.flatMap(({ cell }) => cell.scores);
  const [low, high] = [smallest(scores), largest(scores)];
  const means = rows.flatMap(({ cell }) => cell.mean ?? []);
  const best = objective.goal === 'min' ? smallest(means) : largest(means);
  const strip = Math.max(8, Math.min(72, width - 41));
  const place = (score: number) => Math.round((high > low ? (score - low) / (high - low) : 0.5) * (strip - 1));
  const ends = metricText(low) + aligned(metricText(high), Math.max(0, strip - metricText(low).length), 'end');
  return tableLines<(typeof rows)[number]>(
    [
      { title: x, side: 'start', titleLook: { bold: true }, draw: ({ label }) => label },
      {
        title: scores.length === 0 ? 'no value yet' : ends,
        titleLook: { fg: 'muted' },
        cells: strip,
        draw: ({ cell }) => stripOf(cell, strip, place, cell.mean === best),
      },
      {
        title: scores.length === 0 ? '' : 'mean',
        side: 'start',
        draw: ({ cell }) => [span(metricText(cell.mean), { bold: cell.mean === best })],
      },
      {
        title: '',
        side: 'start',
        draw: ({ cell }) => [span(cell.scores.length === 0 ? '' : `of ${cell.scores.length}`, { fg: 'muted' })],
      },
    ],
    rows,
    width,
  );
}

function stripOf({ scores, mean }: Cell, width: number, place: (score: number) => number, isBest: boolean): Line {
  const signs = new Array<string>(width).fill('─');
  for (const score of scores) signs[place(score)] = '○';
  const at = mean === null ? -1 : place(mean);
  return [
    span(signs.slice(0, Math.max(0, at)).join(''), { fg: 'muted' }),
    ...(at < 0 ? [] : [span('●', { fg: isBest ? 'good' : 'accent', bold: true })]),
    span(signs.slice(at + 1).join(''), { fg: 'muted' }),
  ];
}
