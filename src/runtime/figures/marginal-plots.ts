import { AXIS_LABEL_HEIGHT, drawAxes, TICK_GAP, TICK_LABEL_HEIGHT, xOf, yOf } from './axes.js';
import { type AxisScale, adaptiveScale, extentOf } from './axis-scale.js';
import { type AxisLevel, levelScale, shortenedMiddle } from './category-scale.js';
import type { Chart } from './chart.js';
import { seriesHue, toCss } from './colour.js';
import { bodyText, measureWidest, panelTitleText, shortened, textLine, titleText } from './page.js';
import type { Rectangle } from './raster.js';
import { pathPoint, type SvgElement, svgElement } from './svg.js';

/** Effect of a parameter on a metric, averaged over the other parameters. */
export interface MarginalInput {
  readonly name: string;
  /** Shown beside the name: `62 % of the variance`. */
  readonly note: string;
  readonly levels: readonly (AxisLevel & { readonly mean: number; readonly spread: number })[];
  /** Individual trials: the index of their level, and the metric. */
  readonly trials: readonly { readonly level: number; readonly value: number }[];
}

export interface MarginalPlotsInput {
  readonly title: string;
  readonly metric: string;
  readonly parameters: readonly MarginalInput[];
}

const WIDTH = 900;
const MARGIN = 18;
const GAP = 28;
const TITLE_HEIGHT = 30;
const PANEL_TITLE_HEIGHT = 24;
const PLOT_HEIGHT = 190;
/** Beyond this number dots overlap, so each is drawn paler. */
const MANY_DOTS = 200;

/** One panel per parameter, two per row: dots for trials, and the mean at each level with its spread. */
export async function drawMarginalPlots({ title, metric, parameters }: MarginalPlotsInput): Promise<Chart> {
  const values = parameters.flatMap(({ levels, trials }) => [
    ...levels.map(({ mean }) => mean),
    ...trials.map(({ value }) => value),
  ]);
  const y = adaptiveScale(extentOf(values) ?? { low: 0, high: 1 }, 7);
  const labels =
    (await measureWidest(
      y.ticks.map(({ label }) => label),
      bodyText,
    )) + TICK_GAP;
  const columns = parameters.length > 1 ? 2 : 1;
  const cell = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns;
  const rowHeight = PANEL_TITLE_HEIGHT + PLOT_HEIGHT + TICK_LABEL_HEIGHT + GAP;
  const top = MARGIN + TITLE_HEIGHT + AXIS_LABEL_HEIGHT;
  const panels = parameters.flatMap((parameter, n) => {
    const area = {
      x: MARGIN + (n % columns) * (cell + GAP) + labels,
      y: top + Math.floor(n / columns) * rowHeight + PANEL_TITLE_HEIGHT,
      width: cell - labels - 8,
      height: PLOT_HEIGHT,
    };
    return drawPanel(parameter, area, y);
  });
  const quantity = `${shortened(metric, 60)}${y.kind === 'log' ? ' (log scale)' : ''}, averaged over the other parameters; a dot is a trial`;
  return {
    title,
    width: WIDTH,
    height: top + Math.ceil(parameters.length / columns) * rowHeight + MARGIN - GAP,
    elements: [
      textLine(shortened(title, 90), MARGIN, MARGIN + 16, titleText),
      textLine(quantity, MARGIN, MARGIN + TITLE_HEIGHT + 10, bodyText),
      ...panels,
    ],
  };
}

function drawPanel(
  { name, note, levels, trials }: MarginalInput,
  area: Rectangle,
  y: AxisScale,
): readonly SvgElement[] {
  const perLabel = Math.floor(area.width / Math.max(1, levels.length) / 8);
  const { scale: x, at } = levelScale(levels, Math.floor(area.width / 70), Math.max(4, perLabel));
  const place = (level: number, value: number) => ({ x: xOf(at(level), area, x), y: yOf(value, area, y) });
  const [hue, trialHue] = [toCss(seriesHue(0)), toCss(seriesHue(6))];
  const dots = trials
    .filter(({ value }) => Number.isFinite(value))
    .map(({ level, value }) => {
      const { x: cx, y: cy } = place(level, value);
      const opacity = trials.length > MANY_DOTS ? 0.15 : 0.4;
      return svgElement('circle', { cx, cy, r: 2.5, fill: trialHue, 'fill-opacity': opacity });
    });
  const spreads = levels.flatMap(({ mean, spread }, level) => {
    if (!(spread > 0)) return [];
    const { x: x1 } = place(level, mean);
    const ends = { y1: yOf(mean - spread, area, y), y2: yOf(mean + spread, area, y) };
    return [svgElement('line', { x1, x2: x1, ...ends, stroke: hue, 'stroke-opacity': 0.35, 'stroke-width': 5 })];
  });
  const means = levels.map(({ mean }, level) => place(level, mean));
  const path = means.map((one, i) => pathPoint(i === 0 ? 'M' : 'L', one.x, one.y)).join('');
  const ordered = levels.every(({ position }) => position !== null);
  const scaleNote = x.kind === 'log' ? ' (log scale)' : '';
  return [
    textLine(`${shortenedMiddle(name, 30)}${scaleNote}`, area.x, area.y - 9, panelTitleText),
    textLine(note, area.x + area.width, area.y - 9, { ...bodyText, anchor: 'end' }),
    ...drawAxes(area, x, y),
    ...dots,
    ...spreads,
    ...(ordered ? [svgElement('path', { d: path, fill: 'none', stroke: hue, 'stroke-width': 2 })] : []),
    ...means.map((one) => svgElement('circle', { cx: one.x, cy: one.y, r: 4, fill: hue })),
  ];
}
