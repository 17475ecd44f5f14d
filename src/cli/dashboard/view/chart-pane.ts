import { metricsOfLayers } from '../../../metrics/order.js';
import type { Rect } from '../layout.js';
import { chartedSettings, chartedTrials } from '../state/charted.js';
import { metricText } from '../state/columns.js';
import { targetActivation } from '../state/layers.js';
import { parameterText } from '../state/state.js';
import { latest, type Trial } from '../state/trial.js';
import { boxed, inside } from './box.js';
import { drawChart, type Mark } from './chart.js';
import { pointsOf } from './curve.js';
import { fitted, type Line, type Span, span } from './line.js';
import type { Model } from './model.js';
import { seedBand } from './seed-band.js';
import { hue } from './theme.js';

/** The curves of the charted trials: of the chosen metric, or, for further charts, of those after it. */
export function chartPane(model: Model, rect: Rect, index: number): readonly Line[] {
  const { state } = model;
  const metric = metricAt(model, index);
  const { width, height } = inside(rect);
  if (metric === null) {
    const said = index === 0 ? ' no metric has come in yet' : '';
    return boxed(rect, [span('chart', { fg: 'muted' })], [], [[span(said, { fg: 'muted' })]]);
  }
  const { chart, grouped, selected } = state.ui;
  const legendRows = height >= 7 ? 1 : 0;
  const marks = grouped ? settingMarks(model, metric) : trialMarks(model, metric, selected);
  const axis = marks.map((mark) => (mark.kind === 'band' ? mark.band.points.axis : mark.points.axis))[0] ?? 'step';
  const target = targetActivation(state, metric);
  const levels = target === null ? [] : [{ value: target, colour: 'warning' as const }];
  const rows = drawChart({ marks, levels, axis }, chart, width, height - legendRows);
  const legendRow = legendRows === 0 ? [] : [legend(model, metric, width)];
  const title: Line = [
    span(metric, { bold: true, fg: index === 0 ? 'text' : 'muted' }),
    ...(target === null ? [] : [span(` ┈ target ${metricText(target)}`, { fg: 'warning' })]),
  ];
  return boxed(rect, title, index === 0 ? settingsNote(model) : [], [...rows, ...legendRow]);
}

function metricAt({ state, metrics, metric }: Model, index: number): string | null {
  const shown = state.ui.view === 'layers' ? metricsOfLayers(metrics) : metrics;
  const place = metric === null ? -1 : shown.indexOf(metric);
  // The chosen metric comes first, where it is among those shown.
  return index < shown.length ? (shown[(Math.max(0, place) + index) % shown.length] ?? null) : null;
}

function trialMarks({ state, hues }: Model, metric: string, selected: number): readonly Mark[] {
  const marks = chartedTrials(state).flatMap((trial): (Mark & { trial: number })[] => {
    const points = pointsOf(trial, metric);
    if (points === null) return [];
    return [{ kind: 'curve', points, colour: hue(hues.get(trial.trial) ?? 0), trial: trial.trial }];
  });
  // The selected one is drawn last, over the others.
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

/** Which colour is which trial, and its present value. */
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
    if (text.length + 4 > left) {
      spans.push(span('…', { fg: 'muted' }));
      break;
    }
    left -= text.length + 4;
    const isSelected = trial.trial === state.ui.selected;
    spans.push(
      span('● ', { fg: hue(hues.get(trial.trial) ?? 0) }),
      span(`${text}  `, isSelected ? { bold: true } : { fg: 'muted' }),
    );
  }
  return fitted(spans, width);
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
