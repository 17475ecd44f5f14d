import { axisColour } from './axes.js';
import { type AxisScale, adaptiveScale, extentOf } from './axis-scale.js';
import { type AxisLevel, levelScale, shortenedMiddle } from './category-scale.js';
import type { Chart } from './chart.js';
import { sequential, toCss } from './colour.js';
import { shareOf } from './objective-map.js';
import { baselineShift, bodyText, panelTitleText, shortened, textLine, titleText } from './page.js';
import type { Rectangle } from './raster.js';
import { pathPoint, svgElement } from './svg.js';

export interface ParallelAxesInput {
  readonly title: string;
  readonly parameters: readonly { readonly name: string; readonly levels: readonly AxisLevel[] }[];
  /** For each setting, the index of its level on each axis, and the metric. */
  readonly settings: readonly { readonly levels: readonly number[]; readonly value: number }[];
  readonly metric: string;
  readonly goal: 'min' | 'max';
}

const WIDTH = 900;
const MARGIN = 18;
const PLOT = { top: 84, height: 300 };
/** Margin for the labels of the first and the last axis. */
const SIDE = 90;

/**
 * Parallel coordinates: a vertical axis for each parameter and one for the metric, and a line per setting; better ones
 * are lighter and on top.
 */
export function drawParallelAxes({ title, parameters, settings, metric, goal }: ParallelAxesInput): Chart {
  const finite = settings.filter(({ value }) => Number.isFinite(value));
  const extent = extentOf(finite.map(({ value }) => value)) ?? { low: 0, high: 1 };
  const axes = [
    ...parameters.map(({ name, levels }) => ({ name, ...levelScale(levels, 8, 14) })),
    { name: metric, scale: adaptiveScale(extent, 8), at: (value: number) => value },
  ];
  const gap = (WIDTH - 2 * MARGIN - 2 * SIDE) / Math.max(1, axes.length - 1);
  const areaOf = (n: number): Rectangle => ({ x: MARGIN + SIDE + n * gap, y: PLOT.top, width: 0, height: PLOT.height });
  const heightOf = (value: number, scale: AxisScale) => PLOT.top + PLOT.height * (1 - scale.share(value));
  const worstFirst = [...finite].sort((a, b) => shareOf(a.value, extent, goal) - shareOf(b.value, extent, goal));
  const lines = worstFirst.map(({ levels, value }) => {
    const d = axes
      .map(({ scale, at }, n) => {
        const own = n < parameters.length ? at(levels[n] ?? 0) : value;
        return pathPoint(n === 0 ? 'M' : 'L', areaOf(n).x, heightOf(own, scale));
      })
      .join('');
    const stroke = toCss(sequential(shareOf(value, extent, goal)));
    return svgElement('path', {
      d,
      fill: 'none',
      stroke,
      'stroke-width': finite.length > 100 ? 1 : 2,
      'stroke-opacity': 0.85,
    });
  });
  const drawn = axes.flatMap(({ name, scale }, n) => {
    const { x } = areaOf(n);
    const last = n === axes.length - 1;
    const log = scale.kind === 'log' ? ' (log)' : '';
    return [
      svgElement('line', { x1: x, x2: x, y1: PLOT.top, y2: PLOT.top + PLOT.height, stroke: axisColour }),
      textLine(shortenedMiddle(name, 18) + log, x, PLOT.top - 12, { ...panelTitleText, anchor: 'middle' }),
      ...scale.ticks.map(({ value, label }) => {
        const y = heightOf(value, scale) + baselineShift(bodyText);
        return textLine(label, last ? x + 8 : x - 8, y, { ...bodyText, anchor: last ? 'start' : 'end' });
      }),
    ];
  });
  return {
    title,
    width: WIDTH,
    height: PLOT.top + PLOT.height + MARGIN + 8,
    elements: [textLine(shortened(title, 90), MARGIN, MARGIN + 16, titleText), ...lines, ...drawn],
  };
}
