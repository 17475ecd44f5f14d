import type { Series } from '../state/series.js';
import type { EpochPoint, Trial } from '../state/trial.js';

/** Values along the horizontal axis, in ascending order; each with what it ranged over. NaN where nothing finite is. */
export interface CurvePoints {
  readonly x: Float64Array;
  readonly least: Float32Array;
  readonly greatest: Float32Array;
  readonly mean: Float32Array;
  readonly axis: 'step' | 'epoch';
}

/** What a trial has of a metric: of its steps, or else of its epochs; null for nothing. */
export function pointsOf(trial: Trial, metric: string): CurvePoints | null {
  const series = trial.steps.get(metric);
  if (series !== undefined) return pointsOfSeries(series);
  const epochs = trial.epochs.get(metric);
  return epochs === undefined ? null : pointsOfEpochs(epochs);
}

function pointsOfSeries({ first, stride, least, greatest, mean }: Series): CurvePoints {
  const x = Float64Array.from(mean, (_, i) => first + i * stride + (stride - 1) / 2);
  return { x, least, greatest, mean, axis: 'step' };
}

function pointsOfEpochs(points: readonly EpochPoint[]): CurvePoints {
  const values = Float32Array.from(points, ({ value }) => (Number.isFinite(value) ? value : Number.NaN));
  const x = Float64Array.from(points, ({ epoch }) => epoch);
  return { x, least: values, greatest: values, mean: values, axis: 'epoch' };
}

/**
 * The exponential moving average of the means, with its start corrected as Adam does (Kingma and Ba 2015, §3): the first
 * values aren't drawn to zero.
 */
export function smoothed(points: CurvePoints, weight: number): CurvePoints {
  const mean = new Float32Array(points.mean.length);
  let [average, share] = [0, 1];
  points.mean.forEach((value, i) => {
    if (!Number.isNaN(value)) {
      average = weight * average + (1 - weight) * value;
      share *= weight;
    }
    mean[i] = share < 1 ? average / (1 - share) : Number.NaN;
  });
  return { ...points, least: mean, greatest: mean, mean };
}

/** The mean at a place of the axis, between two points by a straight line; NaN outside of the curve. */
export function valueAt({ x, mean }: CurvePoints, at: number): number {
  let [low, high] = [0, x.length - 1];
  if (high < 0 || at < (x[0] ?? 0) || at > (x[high] ?? 0)) return Number.NaN;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  const [from, to] = [x[low] ?? 0, x[high] ?? 0];
  const [a, b] = [mean[low] ?? Number.NaN, mean[high] ?? Number.NaN];
  if (to === from || at <= from) return a;
  return at >= to ? b : a + ((b - a) * (at - from)) / (to - from);
}
