import { AXIS_LABEL_HEIGHT, drawAxes, TICK_GAP, TICK_LABEL_HEIGHT, xAxisLabel, xOf, yAxisLabel, yOf } from './axes.js';
import { type AxisScale, extentOf, paddedScale } from './axis-scale.js';
import { classHue, ink, toCss } from './colour.js';
import { drawablePoints } from './curve.js';
import { drawNotice } from './notice.js';
import { bodyText, measureWidest, renderPage, shortened, textLine, titleText } from './page.js';
import { encodePng, type Rectangle } from './raster.js';
import { type SvgElement, svgElement } from './svg.js';

export interface LatentScatterInput {
  /** `[n, 2]`, row-major. */
  readonly points: ArrayLike<number>;
  /** `[n]`, the class of each point, from 0; without it all points have one colour. */
  readonly labels?: ArrayLike<number>;
  /** Legend labels for classes 0, 1, …; defaults to their numbers. */
  readonly classNames?: readonly string[];
  /** `first dimension of the code`, `first principal component`, … */
  readonly xLabel: string;
  readonly yLabel: string;
}

const SIDE = 600;
const MARGIN = 16;
const LEGEND_GAP = 20;
const LEGEND_LINE = 20;
const RADIUS = 2;
const MOST_LEGEND_ENTRIES = 24;
/** More names in the plot would overlap. */
const MOST_NAMES_IN_PLANE = 10;
const LONGEST_NAME = 24;

/** Most points to draw; more can't be told apart. */
const MOST_POINTS = 10_000;

/**
 * Codes as a scatter plot, coloured by class, with a legend; up to ten classes are also labelled at the median of their
 * points. Points are drawn in the given order, so that no class covers the others. Non-finite points are left out and
 * counted below the plot. Draws at most the first 10,000 points, with a note if there are more.
 *
 * @returns PNG
 * @throws RangeError unless there is one label per point
 */
export async function drawLatentScatter(input: LatentScatterInput): Promise<Uint8Array> {
  const count = input.points.length / 2;
  if (!Number.isInteger(count)) throw new RangeError(`${input.points.length} values are no points of two dimensions`);
  if (input.labels && input.labels.length !== count) {
    throw new RangeError(`${count} points have ${input.labels.length} labels`);
  }
  if (count === 0) return drawNotice('no codes to show');
  const points = readPoints(input);
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  return drawPoints(input, finite, notes(count, points.length - finite.length));
}

interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

function readPoints({ points, labels }: LatentScatterInput): readonly ScatterPoint[] {
  const count = Math.min(MOST_POINTS, points.length / 2);
  const { x, y } = drawablePoints({
    x: Array.from({ length: count }, (_, i) => points[2 * i] ?? Number.NaN),
    y: Array.from({ length: count }, (_, i) => points[2 * i + 1] ?? Number.NaN),
  });
  return Array.from({ length: count }, (_, i) => ({ x: x[i] ?? 0, y: y[i] ?? 0, label: labels?.[i] ?? 0 }));
}

function notes(count: number, nonFinite: number): string {
  const parts = [
    ...(count > MOST_POINTS ? [`the first ${MOST_POINTS} of ${count} points`] : []),
    ...(nonFinite > 0 ? [`${nonFinite} not finite`] : []),
  ];
  return parts.join(', ');
}

async function drawPoints(
  { labels, classNames, xLabel, yLabel }: LatentScatterInput,
  points: readonly ScatterPoint[],
  note: string,
): Promise<Uint8Array> {
  const x = paddedScale(extentOf(points.map((point) => point.x)) ?? { low: 0, high: 1 }, 8);
  const y = paddedScale(extentOf(points.map((point) => point.y)) ?? { low: 0, high: 1 }, 10);
  const classes = labels ? [...new Set(points.map(({ label }) => label))].sort((a, b) => a - b) : [];
  const nameOf = (label: number) => shortened(classNames?.[label] ?? String(label), LONGEST_NAME);
  const named = classes.length <= MOST_NAMES_IN_PLANE ? classes : [];
  const listed = classes.slice(0, MOST_LEGEND_ENTRIES);
  const legendTexts = [...listed.map(nameOf), ...(listed.length < classes.length ? ['…'] : [])];

  const tickWidth = await measureWidest(
    y.ticks.map(({ label }) => label),
    bodyText,
  );
  const area = { x: MARGIN + AXIS_LABEL_HEIGHT + tickWidth + TICK_GAP, y: MARGIN, width: SIDE, height: SIDE };
  const legendWidth = legendTexts.length === 0 ? 0 : LEGEND_GAP + (await measureWidest(legendTexts, bodyText));
  const width = area.x + SIDE + legendWidth + MARGIN;
  const noteY = area.y + SIDE + TICK_LABEL_HEIGHT + AXIS_LABEL_HEIGHT + 14;
  const page = await renderPage(width, noteY + MARGIN - 10, [
    ...drawAxes(area, x, y),
    ...points.map((point) => pointMark(point, area, x, y)),
    ...named.map((label) => classMark(nameOf(label), pointsOfClass(points, label), area, x, y)),
    ...legendTexts.flatMap((text, line) => legendLine(text, listed[line], area, line)),
    xAxisLabel(xLabel, area),
    yAxisLabel(yLabel, MARGIN + 10, area),
    ...(note === '' ? [] : [textLine(note, area.x, noteY, bodyText)]),
  ]);
  return encodePng(page);
}

function pointsOfClass(points: readonly ScatterPoint[], wanted: number): readonly ScatterPoint[] {
  return points.filter(({ label }) => label === wanted);
}

function pointMark(point: ScatterPoint, area: Rectangle, x: AxisScale, y: AxisScale): SvgElement {
  const fill = { fill: toCss(classHue(point.label)), 'fill-opacity': 0.55 };
  return svgElement('circle', { cx: xOf(point.x, area, x), cy: yOf(point.y, area, y), r: RADIUS, ...fill });
}

/** Class label at the centre of its points, with a white outline. */
function classMark(
  name: string,
  members: readonly ScatterPoint[],
  area: Rectangle,
  x: AxisScale,
  y: AxisScale,
): SvgElement {
  const atX = xOf(median(members.map((point) => point.x)), area, x);
  const atY = yOf(median(members.map((point) => point.y)), area, y);
  const rim = { stroke: '#fff', 'stroke-width': 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' };
  return textLine(name, atX, atY + 6, { ...titleText, anchor: 'middle' }, { ...rim, fill: toCss(ink) });
}

function legendLine(text: string, label: number | undefined, area: Rectangle, line: number): readonly SvgElement[] {
  const x = area.x + area.width + LEGEND_GAP;
  const middle = area.y + line * LEGEND_LINE + 8;
  const dot = { cx: x - 8, cy: middle, r: 4.5 };
  return [
    ...(label === undefined ? [] : [svgElement('circle', { ...dot, fill: toCss(classHue(label)) })]),
    textLine(text, x, middle + 4.5, bodyText),
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
