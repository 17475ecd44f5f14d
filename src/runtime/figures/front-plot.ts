import { AXIS_LABEL_HEIGHT, drawAxes, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, xOf, yAxisLabel, yOf } from './axes.js';
import { adaptiveScale, extentOf } from './axis-scale.js';
import type { Chart } from './chart.js';
import { seriesHue, toCss } from './colour.js';
import { bodyText, measureWidest, shortened, textLine, titleText } from './page.js';
import { pathPoint, svgElement } from './svg.js';

export interface FrontPlotInput {
  readonly title: string;
  readonly note: string;
  /** Names of the two axes. */
  readonly x: string;
  readonly y: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly isFront: boolean }[];
}

const WIDTH = 640;
const MARGIN = 18;
const TITLE_HEIGHT = 30;
const PLOT_HEIGHT = 360;

/** Settings over two objectives; those on the Pareto front are large and joined by a line. */
export async function drawFrontPlot({ title, note, x: xName, y: yName, points }: FrontPlotInput): Promise<Chart> {
  const x = adaptiveScale(extentOf(points.map((point) => point.x)) ?? { low: 0, high: 1 }, 7);
  const y = adaptiveScale(extentOf(points.map((point) => point.y)) ?? { low: 0, high: 1 }, 7);
  const labels = y.ticks.map(({ label }) => label);
  const left = MARGIN + AXIS_LABEL_HEIGHT + (await measureWidest(labels, bodyText)) + TICK_GAP;
  const top = MARGIN + TITLE_HEIGHT + AXIS_LABEL_HEIGHT;
  const area = { x: left, y: top, width: WIDTH - left - MARGIN, height: PLOT_HEIGHT };
  const place = (point: { readonly x: number; readonly y: number }) => ({
    x: xOf(point.x, area, x),
    y: yOf(point.y, area, y),
  });
  const [hue, otherHue] = [toCss(seriesHue(0)), toCss(seriesHue(6))];
  const front = points.filter(({ isFront }) => isFront).sort((a, b) => a.x - b.x || a.y - b.y);
  const path = front.map((point, i) => {
    const at = place(point);
    return pathPoint(i === 0 ? 'M' : 'L', at.x, at.y);
  });
  const dot = (point: { readonly x: number; readonly y: number }, radius: number, fill: string, opacity: number) => {
    const { x: cx, y: cy } = place(point);
    return svgElement('circle', { cx, cy, r: radius, fill, 'fill-opacity': opacity });
  };
  return {
    title,
    width: WIDTH,
    height: top + PLOT_HEIGHT + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + MARGIN,
    elements: [
      textLine(shortened(title, 70), MARGIN, MARGIN + 16, titleText),
      textLine(note, MARGIN, MARGIN + TITLE_HEIGHT + 10, bodyText),
      ...drawAxes(area, x, y),
      xAxisLabel(`${shortened(xName, 60)}${x.kind === 'log' ? ' (log scale)' : ''}`, area),
      yAxisLabel(`${shortened(yName, 40)}${y.kind === 'log' ? ' (log scale)' : ''}`, MARGIN + 10, area),
      ...points.filter(({ isFront }) => !isFront).map((point) => dot(point, 3, otherHue, 0.5)),
      ...(front.length > 1
        ? [
            svgElement('path', {
              d: path.join(''),
              fill: 'none',
              stroke: hue,
              'stroke-width': 2,
              'stroke-opacity': 0.5,
            }),
          ]
        : []),
      ...front.map((point) => dot(point, 5, hue, 1)),
    ],
  };
}
