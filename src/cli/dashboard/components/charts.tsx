import { Box } from 'ink';
import { metricsOfLayers } from '../../../api/metrics.js';
import { drawChart, type Mark } from '../drawing/chart.js';
import { pointsOf } from '../drawing/curve.js';
import { cells, type Line, type Span, span } from '../drawing/line.js';
import { seedBand } from '../drawing/seed-band.js';
import { hue } from '../drawing/theme.js';
import { chartedSettings, chartedTrials } from '../state/charted.js';
import { metricText } from '../state/columns.js';
import { targetOf } from '../state/layers.js';
import { parameterText, selectedTrial } from '../state/state.js';
import { latest, type Trial } from '../state/trial.js';
import { type Model, useModel } from './model.js';
import { inside, Pane, type Size } from './pane.js';
import { Canvas, Remark, Row } from './text.js';

interface ChartGridProps extends Size {
  readonly across: number;
  readonly down: number;
}

/** A grid of charts: the chosen metric and those after it. */
export function ChartGrid({ width, height, across, down }: ChartGridProps) {
  const widths = parts(width, across);
  return (
    <Box flexDirection="column">
      {parts(height, down).map((row) => (
        <Box key={row.index}>
          {widths.map((column) => (
            <ChartPane
              key={column.index}
              width={column.size}
              height={row.size}
              index={row.index * across + column.index}
            />
          ))}
        </Box>
      ))}
    </Box>
  );
}

/** Splits a length into parts that are as equal as whole numbers allow. */
function parts(total: number, count: number): readonly { readonly index: number; readonly size: number }[] {
  const upTo = (i: number) => Math.floor((total * i) / count);
  return Array.from({ length: count }, (_, index) => ({ index, size: upTo(index + 1) - upTo(index) }));
}

/** The charted trials' curves of the chosen metric, or of the `index`-th after it. */
export function ChartPane({ index = 0, ...size }: Size & { readonly index?: number }) {
  const model = useModel();
  const { state } = model;
  const metric = metricAt(model, index);
  if (metric === null) {
    return (
      <Pane {...size} title={[span('chart', { fg: 'muted' })]}>
        {index === 0 && <Remark>no metric has come in yet</Remark>}
      </Pane>
    );
  }
  const { width, height } = inside(size);
  const marks = state.ui.grouped ? settingMarks(model, metric) : trialMarks(model, metric);
  const axis = marks.map((mark) => (mark.kind === 'band' ? mark.band.points.axis : mark.points.axis))[0] ?? 'step';
  const selected = selectedTrial(state);
  const target = selected === null ? null : targetOf(selected, metric);
  const levels = target === null ? [] : [{ value: target, colour: 'warning' as const }];
  const legendRows = height >= 7 ? 1 : 0;
  const title: Line = [
    span(metric, { bold: true, fg: index === 0 ? 'text' : 'muted' }),
    ...(target === null ? [] : [span(` ┈ target ${metricText(target)}`, { fg: 'warning' })]),
  ];
  return (
    <Pane {...size} title={title} note={index === 0 ? settingsNote(model) : []}>
      <Canvas lines={drawChart({ marks, levels, axis }, state.ui.chart, width, height - legendRows)} width={width} />
      {legendRows > 0 && <Row line={legend(model, metric, width)} width={width} />}
    </Pane>
  );
}

function metricAt({ state, metrics, metric }: Model, index: number): string | null {
  const shown = state.ui.view === 'layers' ? metricsOfLayers(metrics) : metrics;
  const place = metric === null ? -1 : shown.indexOf(metric);
  // The chosen metric comes first, if it is shown.
  return index < shown.length ? (shown[(Math.max(0, place) + index) % shown.length] ?? null) : null;
}

function trialMarks({ state, hues }: Model, metric: string): readonly Mark[] {
  const marks = chartedTrials(state).flatMap((trial): (Mark & { trial: number })[] => {
    const points = pointsOf(trial, metric);
    if (points === null) return [];
    return [{ kind: 'curve', points, colour: hue(hues.get(trial.trial) ?? 0), trial: trial.trial }];
  });
  const { selected } = state.ui;
  // The selected one is drawn last, on top.
  return [...marks.filter(({ trial }) => trial !== selected), ...marks.filter(({ trial }) => trial === selected)];
}

function settingMarks({ state, hues }: Model, metric: string): readonly Mark[] {
  return chartedSettings(state).flatMap(({ trials }): Mark[] => {
    const band = seedBand(trials, metric);
    return band === null ? [] : [{ kind: 'band', band, colour: hue(hues.get(trials[0]?.trial ?? 0) ?? 0) }];
  });
}

function settingsNote({ state }: Model): Line {
  const { logarithmic, smoothing, from, to } = state.ui.chart;
  const notes = [
    state.ui.grouped ? 'mean, 95% interval' : null,
    logarithmic ? 'log' : null,
    smoothing > 0 ? `smooth ${smoothing}` : null,
    from > 0 || to < 1 ? `zoom ${Math.round(1 / (to - from))}×` : null,
  ].filter((note) => note !== null);
  return notes.length === 0 ? [] : [span(notes.join(' · '), { fg: 'accent' })];
}

/** The colours of the trials, with their current values. */
function legend(model: Model, metric: string, width: number): Line {
  const { state, hues } = model;
  const entries = state.ui.grouped
    ? chartedSettings(state).flatMap(({ trials }) => trials[0] ?? [])
    : [...chartedTrials(state)].sort(
        (a, b) => Number(b.trial === state.ui.selected) - Number(a.trial === state.ui.selected),
      );
  const spans: Span[] = [span(' ')];
  let left = width - 2;
  for (const trial of entries) {
    const text = state.ui.grouped
      ? settingText(trial)
      : `${trial.trial} ${parametersText(trial)} ${metricText(latest(trial, metric))}`;
    if (cells(text) + 4 > left) {
      spans.push(span('…', { fg: 'muted' }));
      break;
    }
    left -= cells(text) + 4;
    const isSelected = trial.trial === state.ui.selected;
    spans.push(
      span('● ', { fg: hue(hues.get(trial.trial) ?? 0) }),
      span(`${text}  `, isSelected ? { bold: true } : { fg: 'muted' }),
    );
  }
  return spans;
}

/** `rho=0.05 s3` */
export function parametersText(trial: Trial): string {
  return [settingText(trial), `s${trial.seed}`].filter((part) => part !== '').join(' ');
}

function settingText({ parameters }: Trial): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${parameterText(value)}`)
    .join(' ');
}
