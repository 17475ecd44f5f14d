import type { Series } from '../state/series.js';
import type { EpochPoint, Trial } from '../state/trial.js';

/** Points in ascending order of x, each with the range of its values; NaN if none is finite. */
export interface CurvePoints {
  readonly x: Float64Array;
  readonly least: Float32Array;
  readonly greatest: Float32Array;
  readonly mean: Float32Array;
  readonly axis: 'step' | 'epoch';
}

/** A trial's points of a metric: by step, or else by epoch; null if there are none. */
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
 * The exponential moving average of the means, bias-corrected as in Adam (Kingma and Ba 2015, §3) so that it does not
 * start near zero.
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

/** Interpolates the mean at `at` linearly; NaN outside the curve. */
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
