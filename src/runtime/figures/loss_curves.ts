import { AXIS_LABEL_HEIGHT, drawAxes, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, yAxisLabel } from './axes.js';
import { type AxisScale, adaptiveScale, type Extent, exactScale, extentOf } from './axis-scale.js';
import { type Chart, chartPng } from './chart.js';
import { ink, mix, type Rgb, seriesHue, toCss, white } from './colour.js';
import {
  type CurveStyle,
  drawablePoints,
  drawCurve,
  drawNonFiniteBands,
  nonFiniteBand,
  nonFiniteSpans,
} from './curve.js';
import { type LegendEntry, layOutLegend, SYMBOL_WIDTH } from './legend.js';
import { bodyText, measureWidest, panelTitleText, shortened, textLine, titleText } from './page.js';
import { arrangePanels, groupIntoPanels, type LossSeries, type Panel } from './panels.js';
import type { Rectangle } from './raster.js';
import { type SvgElement, svgElement } from './svg.js';

export interface LossCurvesInput {
  readonly title: string;
  readonly series: readonly LossSeries[];
  readonly xLabel: string;
  readonly yLabel: string;
}

const WIDTH = 900;
const HEIGHT = 560;
/** Height added by each row of panels after the second. */
const ROW_HEIGHT = 230;
const MARGIN = 18;
const PANEL_GAP = 26;
const TITLE_HEIGHT = 28;
const PANEL_TITLE_HEIGHT = 22;
/** Room at the right for half of the last tick label. */
const LAST_TICK_LABEL = 8;
const LONGEST_TITLE = 90;
const LONGEST_NAME = 40;

/**
 * Curves over steps or epochs, 900 by 560 pixels (taller with five or more panels). A `steps` series is thin and pale,
 * reduced to the first, highest, lowest and last value of each pixel column so that no spike is lost; an `epochs`
 * series is drawn over it. A panel's value axis is logarithmic if all its values are positive and span more than 1.5
 * decades.
 *
 * Series that name a `panel` get one panel per name; with an odd number, the first spans the full width. If none does,
 * they share a panel, unless their typical values are more than 1.5 decades apart: then each name gets its own.
 *
 * A non-finite value leaves a gap and a magenta band.
 *
 * @returns PNG
 * @throws RangeError unless x and y of each series have equal length
 */
export async function drawLossCurves(input: LossCurvesInput): Promise<Uint8Array> {
  return chartPng(await lossCurvesChart(input));
}

/** Like {@link drawLossCurves}, as a chart. */
export async function lossCurvesChart(input: LossCurvesInput): Promise<Chart> {
  const { series } = input;
  for (const { name, points } of series) {
    if (points.x.length !== points.y.length) {
      throw new RangeError(`series '${name}' has ${points.x.length} x and ${points.y.length} y`);
    }
  }
  return drawSeries({ ...input, series: series.map(drawableSeries) });
}

function drawableSeries(series: LossSeries): LossSeries {
  return { ...series, points: drawablePoints(series.points) };
}

async function drawSeries({ title, series, xLabel, yLabel }: LossCurvesInput): Promise<Chart> {
  const hues = huesByName(series);
  const legend = await layOutLegend(legendEntries(series, hues), MARGIN, MARGIN + TITLE_HEIGHT, WIDTH - 2 * MARGIN);
  const top = MARGIN + TITLE_HEIGHT + legend.height + 12;

  const panels = groupIntoPanels(series);
  const titled = panels.length > 1;
  const rows = arrangePanels(panels);
  const height = HEIGHT + Math.max(0, rows.length - 2) * ROW_HEIGHT;
  const rowHeight = (height - MARGIN - AXIS_LABEL_HEIGHT - top - (rows.length - 1) * PANEL_GAP) / rows.length;
  const plotTop = titled ? PANEL_TITLE_HEIGHT : 0;
  const plotHeight = rowHeight - TICK_LABEL_HEIGHT - plotTop;

  const xExtent = extentOf(series.flatMap(({ points }) => Array.from(points.x))) ?? { low: 0, high: 1 };
  const yScales = new Map(panels.map((panel) => [panel, scaleOf(panel, plotHeight)]));
  const tickLabels = [...yScales.values()].flatMap(({ ticks }) => ticks.map(({ label }) => label));
  const plotLeft = (await measureWidest(tickLabels, bodyText)) + TICK_GAP + (titled ? 0 : AXIS_LABEL_HEIGHT);

  const drawn = rows.flatMap((row, rowIndex) => {
    const cellWidth = (WIDTH - 2 * MARGIN - (row.length - 1) * PANEL_GAP) / row.length;
    return row.flatMap((panel, column) => {
      const left = MARGIN + column * (cellWidth + PANEL_GAP) + plotLeft;
      const width = cellWidth - plotLeft - LAST_TICK_LABEL;
      const area = { x: left, y: top + rowIndex * (rowHeight + PANEL_GAP) + plotTop, width, height: plotHeight };
      const x = exactScale(xExtent, Math.max(2, Math.floor(width / 80)));
      const y = yScales.get(panel) ?? scaleOf(panel, plotHeight);
      const quantity =
        shortened(titled ? panel.title : yLabel, LONGEST_NAME) + (y.kind === 'log' ? ' (log scale)' : '');
      return [
        ...drawPanel(panel, area, x, y, hues),
        titled ? textLine(quantity, area.x, area.y - 9, panelTitleText) : yAxisLabel(quantity, MARGIN + 10, area),
        ...(rowIndex === rows.length - 1 ? [xAxisLabel(xLabel, area)] : []),
      ];
    });
  });
  const heading = textLine(shortened(title, LONGEST_TITLE), MARGIN, MARGIN + 16, titleText);
  return { title, width: WIDTH, height, elements: [heading, ...legend.elements, ...drawn] };
}

type Hues = ReadonlyMap<string, Rgb>;

/** Assigns hues in the order of first appearance. */
function huesByName(series: readonly LossSeries[]): Hues {
  return new Map([...new Set(series.map(({ name }) => name))].map((name, n) => [name, seriesHue(n)]));
}

function yExtent(series: readonly LossSeries[]): Extent | undefined {
  return extentOf(series.flatMap(({ points }) => Array.from(points.y)));
}

function scaleOf({ series }: Panel, height: number): AxisScale {
  const extent = yExtent(series) ?? { low: 0, high: 1 };
  return adaptiveScale(extent, Math.max(2, Math.floor(height / 28)));
}

function drawPanel({ series }: Panel, area: Rectangle, x: AxisScale, y: AxisScale, hues: Hues): readonly SvgElement[] {
  const inOrder = [
    ...series.filter(({ style }) => style === 'steps'),
    ...series.filter(({ style }) => style === 'epochs'),
  ];
  const middle = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
  const empty = yExtent(series) === undefined;
  return [
    ...drawNonFiniteBands(
      series.map(({ points }) => points),
      area,
      x,
    ),
    ...drawAxes(area, x, y),
    ...inOrder.flatMap(({ points, style, name }) => drawCurve(points, style, hues.get(name) ?? ink, area, x, y)),
    ...(empty ? [textLine('no finite value', middle.x, middle.y, { ...bodyText, anchor: 'middle' })] : []),
  ];
}

function legendEntries(series: readonly LossSeries[], hues: Hues): readonly LegendEntry[] {
  const entries = [...hues].map(([name, hue]): LegendEntry => {
    const styles = new Set(series.filter((one) => one.name === name).map(({ style }) => style));
    return { label: shortened(name, LONGEST_NAME), symbol: (x, y) => lineSymbol(x, y, hue, styles) };
  });
  if (!series.some(({ points }) => nonFiniteSpans(points).length > 0)) return entries;
  return [...entries, { label: 'not finite', symbol: (x, y) => [bar(x, y, nonFiniteBand)] }];
}

function lineSymbol(x: number, y: number, hue: Rgb, styles: ReadonlySet<CurveStyle>): readonly SvgElement[] {
  const half = SYMBOL_WIDTH / 2;
  const line = { x1: x - half, x2: x + half, y1: y, y2: y, stroke: toCss(hue), 'stroke-width': 2 };
  return [
    ...(styles.has('steps') ? [bar(x, y, mix(hue, white, 0.62))] : []),
    ...(styles.has('epochs')
      ? [svgElement('line', line), svgElement('circle', { cx: x, cy: y, r: 3, fill: toCss(hue) })]
      : []),
  ];
}

function bar(x: number, y: number, colour: Rgb): SvgElement {
  return svgElement('rect', {
    x: x - SYMBOL_WIDTH / 2,
    y: y - 5,
    width: SYMBOL_WIDTH,
    height: 10,
    fill: toCss(colour),
  });
}
