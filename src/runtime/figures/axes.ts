import type { AxisScale } from './axis-scale.js';
import { ink, mix, toCss, white } from './colour.js';
import { baselineShift, bodyText, textLine } from './page.js';
import type { Rectangle } from './raster.js';
import { type SvgElement, svgElement } from './svg.js';

/** Height of the tick labels below a plot, in pixels. */
export const TICK_LABEL_HEIGHT = 22;

/** Extra space for an axis label, below or at the left. */
export const AXIS_LABEL_HEIGHT = 22;

/** Distance between tick labels and the axis. */
export const TICK_GAP = 7;

export const gridColour = toCss(mix(white, ink, 0.12));
export const axisColour = toCss(mix(white, ink, 0.55));

/** Horizontal pixel position of a value, from the left. */
export function xOf(value: number, area: Rectangle, scale: AxisScale): number {
  return area.x + scale.share(value) * area.width;
}

/** Vertical pixel position of a value, from the top. */
export function yOf(value: number, area: Rectangle, scale: AxisScale): number {
  return area.y + area.height - scale.share(value) * area.height;
}

/** Grid lines, tick labels and the two axes of a plot. */
export function drawAxes(area: Rectangle, x: AxisScale, y: AxisScale): readonly SvgElement[] {
  const bottom = area.y + area.height;
  const right = area.x + area.width;
  const vertical = x.ticks.flatMap(({ value, label }) => {
    const at = crisp(xOf(value, area, x));
    return [
      svgElement('line', { x1: at, y1: area.y, x2: at, y2: bottom, stroke: gridColour }),
      textLine(label, at, bottom + 17, { ...bodyText, anchor: 'middle' }),
    ];
  });
  const horizontal = y.ticks.flatMap(({ value, label }) => {
    const at = crisp(yOf(value, area, y));
    return [
      svgElement('line', { x1: area.x, y1: at, x2: right, y2: at, stroke: gridColour }),
      textLine(label, area.x - TICK_GAP, at + baselineShift(bodyText), { ...bodyText, anchor: 'end' }),
    ];
  });
  const left = crisp(area.x);
  const floor = crisp(bottom);
  const axes = [
    svgElement('line', { x1: left, y1: area.y, x2: left, y2: floor, stroke: axisColour }),
    svgElement('line', { x1: left, y1: floor, x2: right, y2: floor, stroke: axisColour }),
  ];
  return [...vertical, ...horizontal, ...axes];
}

/** Centred below a plot. */
export function xAxisLabel(text: string, area: Rectangle): SvgElement {
  const baseline = area.y + area.height + TICK_LABEL_HEIGHT + 14;
  return textLine(text, area.x + area.width / 2, baseline, { ...bodyText, anchor: 'middle' });
}

/** Centred along the left side of a plot, rotated to read upwards, with its baseline at x. */
export function yAxisLabel(text: string, x: number, area: Rectangle): SvgElement {
  const y = area.y + area.height / 2;
  return textLine(text, x, y, { ...bodyText, anchor: 'middle' }, { transform: `rotate(-90 ${x} ${y})` });
}

/** Centres a one-pixel line on a pixel, so that it is sharp. */
function crisp(at: number): number {
  return Math.floor(at) + 0.5;
}
