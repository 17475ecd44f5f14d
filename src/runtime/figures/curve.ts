import { xOf, yOf } from './axes.js';
import { type AxisScale, type Extent, extentOf } from './axis-scale.js';
import { mix, nonFiniteColour, type Rgb, toCss, white } from './colour.js';
import type { Rectangle } from './raster.js';
import { pathPoint, type SvgElement, svgElement } from './svg.js';

/** Points of a curve, sorted by x. */
export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** `steps`: one value per step, thin and pale; `epochs`: summary values, drawn on top of them. */
export type CurveStyle = 'steps' | 'epochs';

/** Most points on a curve that are each marked with a dot. */
const MOST_DOTS = 60;

export const nonFiniteBand = mix(white, nonFiniteColour, 0.25);

/** Beyond this magnitude differences overflow and quotients underflow; no quantity of interest is there. */
const LARGEST_MAGNITUDE = 1e300;
const SMALLEST_MAGNITUDE = 1e-300;

/** Replaces magnitudes too large to draw with infinity, and those too small with zero. */
export function drawablePoints({ x, y }: Points): Points {
  return { x: Float64Array.from(x, drawable), y: Float64Array.from(y, drawable) };
}

function drawable(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude > LARGEST_MAGNITUDE) return Number.POSITIVE_INFINITY;
  return magnitude < SMALLEST_MAGNITUDE ? 0 : value;
}

/** In pixels. */
interface PixelPosition {
  readonly x: number;
  readonly y: number;
}

/** Draws a curve, with gaps at non-finite values. */
export function drawCurve(
  points: Points,
  style: CurveStyle,
  hue: Rgb,
  area: Rectangle,
  x: AxisScale,
  y: AxisScale,
): readonly SvgElement[] {
  const colour = toCss(style === 'steps' ? mix(hue, white, 0.62) : hue);
  const stroke = {
    fill: 'none',
    stroke: colour,
    'stroke-width': style === 'steps' ? 1 : 2,
    'stroke-linejoin': 'round',
  };
  const runs = finiteRuns(points).map((run) =>
    run.map((i) => ({ x: xOf(points.x[i] ?? 0, area, x), y: yOf(points.y[i] ?? 0, area, y) })),
  );
  const lines = runs
    .filter((run) => run.length > 1)
    .map((run) => svgElement('path', { ...stroke, d: pathThrough(thinnedByColumn(run)) }));
  const dotted = style === 'epochs' && points.x.length <= MOST_DOTS ? runs : runs.filter((run) => run.length === 1);
  const radius = style === 'steps' ? 1.5 : 3;
  const dots = dotted.flat().map((at) => svgElement('circle', { cx: at.x, cy: at.y, r: radius, fill: colour }));
  return [...lines, ...dots];
}

/** Draws vertical bands, behind the curves, where any of them is not finite. */
export function drawNonFiniteBands(curves: readonly Points[], area: Rectangle, x: AxisScale): readonly SvgElement[] {
  const right = area.x + area.width;
  return mergedExtents(curves.flatMap(nonFiniteSpans)).map(({ low, high }) => {
    const from = Math.max(area.x, xOf(low, area, x) - 1.5);
    const to = Math.min(right, xOf(high, area, x) + 1.5);
    return svgElement('rect', {
      x: from,
      y: area.y,
      width: to - from,
      height: area.height,
      fill: toCss(nonFiniteBand),
    });
  });
}

function mergedExtents(extents: readonly Extent[]): readonly Extent[] {
  const merged: Extent[] = [];
  for (const extent of [...extents].sort((a, b) => a.low - b.low)) {
    const last = merged.at(-1);
    if (last && extent.low <= last.high)
      merged[merged.length - 1] = { low: last.low, high: Math.max(last.high, extent.high) };
    else merged.push(extent);
  }
  return merged;
}

/** First to last x of each run of non-finite values. */
export function nonFiniteSpans({ x, y }: Points): readonly Extent[] {
  const spans: Extent[] = [];
  let run: number[] = [];
  const close = () => {
    const span = extentOf(run);
    if (span) spans.push(span);
    run = [];
  };
  for (let i = 0; i < y.length; i++) {
    if (Number.isFinite(y[i])) close();
    else run.push(x[i] ?? Number.NaN);
  }
  close();
  return spans;
}

/** Indices of the points, split at non-finite values. */
function finiteRuns({ x, y }: Points): readonly (readonly number[])[] {
  const runs: number[][] = [];
  let run: number[] = [];
  for (let i = 0; i < y.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) {
      if (run.length === 0) runs.push(run);
      run.push(i);
    } else if (run.length > 0) {
      run = [];
    }
  }
  return runs;
}

/**
 * Keeps the first, highest, lowest and last point of each pixel column, in order. A few thousand points draw the same
 * picture as a million, with every spike.
 */
export function thinnedByColumn(run: readonly PixelPosition[]): readonly PixelPosition[] {
  return columnsOf(run).flatMap((column) => {
    const heights = column.map(({ y }) => y);
    const { low, high } = extentOf(heights) ?? { low: 0, high: 0 };
    const kept = new Set([0, heights.indexOf(low), heights.indexOf(high), column.length - 1]);
    return column.filter((_, i) => kept.has(i));
  });
}

/** Groups neighbours in the same pixel column. */
function columnsOf(run: readonly PixelPosition[]): readonly (readonly PixelPosition[])[] {
  const columns: PixelPosition[][] = [];
  let last = Number.NaN;
  for (const place of run) {
    if (Math.floor(place.x) !== last) columns.push([]);
    last = Math.floor(place.x);
    columns.at(-1)?.push(place);
  }
  return columns;
}

function pathThrough(places: readonly PixelPosition[]): string {
  return places.map((at, i) => pathPoint(i === 0 ? 'M' : 'L', at.x, at.y)).join('');
}
