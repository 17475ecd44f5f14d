import { exactScale, logScale, paddedScale } from '../../../api/figures.js';
import { numberText } from '../../../api/text.js';
import type { ChartSettings } from '../state/state.js';
import { BrailleCanvas } from './braille.js';
import { type CurvePoints, smoothed } from './curve.js';
import { aligned, type Line, span } from './line.js';
import { type Colour, rgbOf } from './theme.js';

/** Elements of a chart, drawn in order. */
export type Mark =
  | { readonly kind: 'curve'; readonly points: CurvePoints; readonly colour: Colour }
  | { readonly kind: 'band'; readonly band: Band; readonly colour: Colour };

/** Mean and interval along the x axis. */
export interface Band {
  readonly points: CurvePoints;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

export interface ChartScene {
  readonly marks: readonly Mark[];
  /** Horizontal lines, such as a target. */
  readonly levels: readonly { readonly value: number; readonly colour: Colour }[];
  readonly axis: 'step' | 'epoch';
}

const labelCells = 8;

/** Draws axes and curves in `width`×`height` cells. */
export function drawChart(scene: ChartScene, settings: ChartSettings, width: number, height: number): readonly Line[] {
  const plotWidth = width - labelCells - 1;
  const plotHeight = height - 2;
  if (plotWidth < 8 || plotHeight < 2) return [];
  const domain = domainOf(scene.marks, settings);
  const range = domain && rangeOf(scene, domain, settings.logarithmic);
  if (domain === null || range === null) {
    const none = settings.logarithmic ? 'no positive values to show on a log scale' : 'no values yet';
    return centred(none, width, height);
  }
  const canvas = new BrailleCanvas(plotWidth, plotHeight);
  const place = places(domain, range, canvas);
  for (const { value, colour } of scene.levels) {
    const y = place.y(value);
    for (let x = 0; x < canvas.width; x += 4) canvas.dot(x, y, colour);
  }
  for (const mark of scene.marks) {
    if (mark.kind === 'band') drawBand(canvas, place, mark.band, settings.smoothing, mark.colour);
  }
  // Above all bands, so that none hides another's mean.
  for (const mark of scene.marks) {
    if (mark.kind === 'band') drawCurve(canvas, place, { ...mark.band, colour: mark.colour }, settings.smoothing);
    else drawCurve(canvas, place, mark, settings.smoothing);
  }
  return withAxes(canvas.lines(), domain, range, place, scene.axis, plotWidth);
}

interface Domain {
  readonly from: number;
  readonly to: number;
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
}

function domainOf(marks: readonly Mark[], { from, to }: ChartSettings): Domain | null {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of marks.map(pointsOfMark)) {
    first = Math.min(first, x[0] ?? first);
    last = Math.max(last, x.at(-1) ?? last);
  }
  if (first > last) return null;
  // Centres a single step or epoch.
  if (first === last) return { from: first - 0.5, to: last + 0.5 };
  const span = last - first;
  return { from: first + from * span, to: first + to * span };
}

function pointsOfMark(mark: Mark): CurvePoints {
  return mark.kind === 'band' ? mark.band.points : mark.points;
}

/** The range of visible values, spikes included. */
function rangeOf({ marks, levels }: ChartScene, { from, to }: Domain, logarithmic: boolean): Range | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number) => {
    if (!Number.isFinite(value) || (logarithmic && value <= 0)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const mark of marks) {
    const { x, least, greatest } = pointsOfMark(mark);
    for (let i = 0; i < x.length; i++) {
      const at = x[i] ?? 0;
      if (at < from || at > to) continue;
      take((mark.kind === 'band' ? mark.band.low : least)[i] ?? Number.NaN);
      take((mark.kind === 'band' ? mark.band.high : greatest)[i] ?? Number.NaN);
    }
  }
  if (low > high) return null;
  for (const { value } of levels) take(value);
  return { low, high, logarithmic };
}

interface Places {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly yTicks: readonly { readonly value: number; readonly label: string }[];
}

function places(domain: Domain, range: Range, canvas: BrailleCanvas): Places {
  const mostTicks = Math.max(2, Math.floor(canvas.height / 12));
  const span = Math.max(1e-12, domain.to - domain.from);
  const scale = range.logarithmic ? logScale(spread(range), mostTicks + 1) : paddedScale(range, mostTicks);
  // A logarithmic scale is linear in the logarithm; Math.log10 is accurate enough for display.
  const [atOne, atTen] = [scale.share(1), scale.share(10)];
  const share = range.logarithmic ? (value: number) => atOne + (atTen - atOne) * Math.log10(value) : scale.share;
  return {
    x: (value) => Math.round(((value - domain.from) / span) * (canvas.width - 1)),
    y: (value) => Math.round((1 - share(value)) * (canvas.height - 1)),
    yTicks: scale.ticks,
  };
}

/** Widens the range of a single value. */
function spread({ low, high }: Range): Range {
  return low < high ? { low, high, logarithmic: true } : { low: low / 2, high: high * 2, logarithmic: true };
}

function drawCurve(
  canvas: BrailleCanvas,
  place: Places,
  { points, colour }: Pick<Mark & { kind: 'curve' }, 'points' | 'colour'>,
  smoothing: number,
): void {
  // The raw line stays behind the smoothed one, darker.
  trace(canvas, place, points, smoothing > 0 ? darker(colour) : colour);
  if (smoothing > 0) trace(canvas, place, smoothed(points, smoothing), colour);
}

/**
 * Draws minimum to maximum of the points in each column of dots, so that a spike of one step stays visible at any size,
 * and a line from column to column.
 */
function trace(canvas: BrailleCanvas, place: Places, { x, least, greatest, mean }: CurvePoints, colour: Colour): void {
  if (x.length === 1) cross(canvas, place.x(x[0] ?? 0), place.y(mean[0] ?? Number.NaN), colour);
  let column = Number.NaN;
  let [top, bottom] = [0, 0];
  let before: { x: number; y: number } | null = null;
  let present: { x: number; y: number } | null = null;
  for (let i = 0; i < x.length; i++) {
    const middle = mean[i] ?? Number.NaN;
    const [low, high] = [place.y(least[i] ?? middle), place.y(greatest[i] ?? middle)];
    if (!Number.isFinite(low) || !Number.isFinite(high)) {
      before = null;
      present = null;
      column = Number.NaN;
      continue;
    }
    const at = place.x(x[i] ?? 0);
    const y = place.y(middle);
    if (at !== column) {
      before = present;
      column = at;
      [top, bottom] = [high, low];
      if (before !== null) canvas.segment(before.x, before.y, at, Number.isFinite(y) ? y : high, colour);
    } else {
      [top, bottom] = [Math.min(top, high), Math.max(bottom, low)];
    }
    canvas.column(at, top, bottom, colour);
    present = { x: at, y: Number.isFinite(y) ? y : high };
  }
}

/** Marks an isolated point. */
function cross(canvas: BrailleCanvas, x: number, y: number, colour: Colour): void {
  if (!Number.isFinite(y)) return;
  canvas.column(x, y - 1, y + 1, colour);
  canvas.segment(x - 1, y, x + 1, y, colour);
}

function drawBand(canvas: BrailleCanvas, place: Places, band: Band, smoothing: number, colour: Colour): void {
  const { points } = band;
  const ends = [band.low, band.high].map((mean) =>
    smoothing > 0 ? smoothed({ ...points, mean }, smoothing).mean : mean,
  );
  const [low, high] = [ends[0] ?? band.low, ends[1] ?? band.high];
  const shade = darker(colour);
  for (let i = 0; i < points.x.length; i++) {
    const [from, to] = [place.x(points.x[i] ?? 0), place.x(points.x[Math.min(i + 1, points.x.length - 1)] ?? 0)];
    const [bottom, top] = [place.y(low[i] ?? Number.NaN), place.y(high[i] ?? Number.NaN)];
    if (Number.isNaN(bottom) || Number.isNaN(top)) continue;
    // On a log scale, an interval can reach below zero.
    const floor = Number.isFinite(bottom) ? bottom : canvas.height;
    for (let x = from; x <= Math.max(from, to - 1); x++) canvas.shade(x, floor, top, shade);
  }
}

function darker(colour: Colour): Colour {
  const [red, green, blue] = rgbOf(colour);
  return [Math.round(red * 0.45), Math.round(green * 0.45), Math.round(blue * 0.45)];
}

function withAxes(
  plot: readonly Line[],
  domain: Domain,
  range: Range,
  place: Places,
  axis: string,
  width: number,
): readonly Line[] {
  const labels = new Map<number, string>();
  for (const { value, label } of place.yTicks) {
    const row = Math.floor(place.y(value) / 4);
    if (row >= 0 && row < plot.length && !labels.has(row)) labels.set(row, label);
  }
  // A narrow range without a tick is labelled at its ends.
  if (labels.size === 0) labels.set(0, numberText(range.high, 4));
  const rows = plot.map((cells, row): Line => {
    const label = labels.get(row);
    const head = span(`${aligned(label ?? '', labelCells, 'end')}${label === undefined ? '│' : '┤'}`, { fg: 'muted' });
    return [head, ...cells];
  });
  return [...rows, ...horizontalAxis(domain, axis, width)];
}

function horizontalAxis(domain: Domain, axis: string, width: number): readonly Line[] {
  const scale = exactScale({ low: domain.from, high: domain.to }, Math.max(2, Math.floor(width / 10)));
  const rule = new Array<string>(width).fill('─');
  const names = new Array<string>(width).fill(' ');
  const title = ` ${axis}`;
  let free = 0;
  for (const { value } of scale.ticks) {
    const column = Math.round(scale.share(value) * (width - 1));
    // Steps are whole numbers.
    if (column < 0 || column >= width || !Number.isInteger(value)) continue;
    rule[column] = '┬';
    const text = shortCount(value);
    const from = Math.max(0, Math.min(width - text.length, column - Math.floor(text.length / 2)));
    if (from < free || from + text.length > width - title.length) continue;
    for (let i = 0; i < text.length; i++) names[from + i] = text[i] ?? ' ';
    free = from + text.length + 1;
  }
  const named = names.join('').slice(0, width - title.length) + title;
  const blank = ' '.repeat(labelCells);
  return [[span(`${blank}└${rule.join('')}`, { fg: 'muted' })], [span(`${blank} ${named}`, { fg: 'muted' })]];
}

/** 12000 → 12k. */
function shortCount(value: number): string {
  if (Math.abs(value) >= 1e6) return `${numberText(value / 1e6, 4)}M`;
  return Math.abs(value) >= 1e4 ? `${numberText(value / 1e3, 4)}k` : String(value);
}

function centred(text: string, width: number, height: number): readonly Line[] {
  const before = Math.max(0, Math.floor((width - text.length) / 2));
  const row: Line = [span(`${' '.repeat(before)}${text}`, { fg: 'muted' })];
  return Array.from({ length: height }, (_, i) => (i === Math.floor(height / 2) ? row : []));
}
