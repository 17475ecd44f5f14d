import { largest, smallest } from '../../numerics/extremes.js';
import {
  AXIS_LABEL_HEIGHT,
  axisColour,
  drawAxes,
  TICK_GAP,
  TICK_LABEL_HEIGHT,
  xAxisLabel,
  xOf,
  yAxisLabel,
  yOf,
} from './axes.js';
import { type AxisScale, adaptiveScale, exactScale, extentOf } from './axis-scale.js';
import type { Chart } from './chart.js';
import { type Rgb, seriesHue, toCss } from './colour.js';
import { drawablePoints, drawCurve, type Points } from './curve.js';
import { type LegendEntry, layOutLegend, SYMBOL_WIDTH } from './legend.js';
import { bodyText, measureWidest, shortened, textLine, titleText } from './page.js';
import type { Rectangle } from './raster.js';
import { pathPoint, type SvgElement, svgElement } from './svg.js';

/** One setting, with a curve for each of its seeds. */
export interface SeedCurves {
  readonly name: string;
  readonly curves: readonly Points[];
}

export interface SeedCurvesInput {
  readonly title: string;
  readonly groups: readonly SeedCurves[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** For values from 0 to 1: the axis has all of that, and a line divides it; the label is above the line. */
  readonly share?: { readonly line: number; readonly label: string };
}

const WIDTH = 900;
const PLOT_HEIGHT = 360;
const MARGIN = 18;
const TITLE_HEIGHT = 28;
const LONGEST_NAME = 60;

/**
 * A line for each setting, the mean over its seeds, with a band from the lowest to the highest. The value axis is
 * logarithmic if all values are positive and span more than 1.5 decades. At most 7 settings, the number of hues, can be
 * told apart; the caller chooses them.
 */
export async function drawSeedCurves(input: SeedCurvesInput): Promise<Chart> {
  const groups = input.groups.map(({ name, curves }, n) => ({
    name,
    hue: seriesHue(n),
    summary: summarise(curves.map(drawablePoints)),
  }));
  const banded = groups.some(({ summary }) => summary.several);
  const entries = groups.map(
    ({ name, hue, summary }): LegendEntry => ({
      label: shortened(name, LONGEST_NAME),
      symbol: (x, y) => symbolOf(x, y, hue, summary.several),
    }),
  );
  const note = banded ? 'line: mean over the seeds; band: from the lowest to the highest' : '';
  const legend = await layOutLegend(entries, MARGIN, MARGIN + TITLE_HEIGHT, WIDTH - 2 * MARGIN);
  const noteHeight = banded ? 20 : 0;
  const top = MARGIN + TITLE_HEIGHT + legend.height + noteHeight + 12;
  const yExtent = extentOf(groups.flatMap(({ summary }) => [...summary.low, ...summary.high])) ?? { low: 0, high: 1 };
  const xExtent = extentOf(groups.flatMap(({ summary }) => [...summary.x])) ?? { low: 0, high: 1 };
  const { share } = input;
  const y = share ? exactScale({ low: 0, high: 1 }, 10) : adaptiveScale(yExtent, Math.floor(PLOT_HEIGHT / 28));
  const left =
    MARGIN +
    AXIS_LABEL_HEIGHT +
    TICK_GAP +
    (await measureWidest(
      y.ticks.map(({ label }) => label),
      bodyText,
    ));
  const area = { x: left, y: top, width: WIDTH - MARGIN - 8 - left, height: PLOT_HEIGHT };
  // Epochs are integers: no ticks in between.
  const x = exactScale(xExtent, Math.max(1, Math.min(10, Math.floor(xExtent.high - xExtent.low))));
  const yLabel = shortened(input.yLabel, LONGEST_NAME) + (y.kind === 'log' ? ' (log scale)' : '');
  return {
    title: input.title,
    width: WIDTH,
    height: top + PLOT_HEIGHT + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + MARGIN,
    elements: [
      textLine(shortened(input.title, 90), MARGIN, MARGIN + 16, titleText),
      ...legend.elements,
      ...(banded ? [textLine(note, MARGIN, MARGIN + TITLE_HEIGHT + legend.height + 14, bodyText)] : []),
      ...drawAxes(area, x, y),
      ...(share ? divided(share, area, y) : []),
      ...groups.flatMap(({ summary, hue }) => (summary.several ? [bandOf(summary, hue, area, x, y)] : [])),
      ...groups.flatMap(({ summary, hue }) => drawCurve({ x: summary.x, y: summary.mean }, 'epochs', hue, area, x, y)),
      ...(extentOf(groups.flatMap(({ summary }) => [...summary.mean]))
        ? []
        : [textLine('no finite value', area.x + area.width / 2, area.y + 40, { ...bodyText, anchor: 'middle' })]),
      xAxisLabel(input.xLabel, area),
      yAxisLabel(yLabel, MARGIN + 10, area),
    ],
  };
}

function divided({ line, label }: { readonly line: number; readonly label: string }, area: Rectangle, y: AxisScale) {
  const height = yOf(line, area, y);
  const [x1, x2] = [area.x, area.x + area.width];
  const rule = { x1, x2, y1: height, y2: height, stroke: axisColour, 'stroke-dasharray': '5 4' };
  return [
    svgElement('line', rule),
    textLine(`${label} from ${line}`, x2 - 4, height - 6, { ...bodyText, anchor: 'end' }),
  ];
}

interface Summary {
  readonly x: Float64Array;
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly several: boolean;
}

/** Summarises, at each x of any seed, the seeds with a finite value there. */
function summarise(curves: readonly Points[]): Summary {
  const at = new Map<number, number[]>();
  for (const { x, y } of curves) {
    for (let i = 0; i < x.length; i++) {
      const place = x[i] ?? Number.NaN;
      const values = at.get(place) ?? [];
      const value = y[i] ?? Number.NaN;
      if (Number.isFinite(value)) values.push(value);
      at.set(place, values);
    }
  }
  const places = [...at.keys()].sort((a, b) => a - b);
  const each = (f: (values: readonly number[]) => number) =>
    Float64Array.from(places, (place) => {
      const values = at.get(place) ?? [];
      return values.length === 0 ? Number.NaN : f(values);
    });
  return {
    x: Float64Array.from(places),
    mean: each((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: each((values) => smallest(values)),
    high: each((values) => largest(values)),
    several: curves.length > 1,
  };
}

/** Outline of the band, forth and back, for each finite stretch. */
function bandOf(summary: Summary, hue: Rgb, area: Rectangle, x: AxisScale, y: AxisScale): SvgElement {
  const finite = [...summary.x.keys()].filter((i) => Number.isFinite(summary.mean[i]));
  const place = (i: number, values: Float64Array, first: boolean) =>
    pathPoint(first ? 'M' : 'L', xOf(summary.x[i] ?? 0, area, x), yOf(values[i] ?? 0, area, y));
  const there = finite.map((i, n) => place(i, summary.high, n === 0));
  const back = [...finite].reverse().map((i) => place(i, summary.low, false));
  const d = finite.length === 0 ? '' : `${[...there, ...back].join('')}Z`;
  return svgElement('path', { d, fill: toCss(hue), 'fill-opacity': 0.18, stroke: 'none' });
}

function symbolOf(x: number, y: number, hue: Rgb, banded: boolean): readonly SvgElement[] {
  const half = SYMBOL_WIDTH / 2;
  const band = { x: x - half, y: y - 6, width: SYMBOL_WIDTH, height: 12, fill: toCss(hue), 'fill-opacity': 0.18 };
  const line = { x1: x - half, x2: x + half, y1: y, y2: y, stroke: toCss(hue), 'stroke-width': 2 };
  return [...(banded ? [svgElement('rect', band)] : []), svgElement('line', line)];
}
