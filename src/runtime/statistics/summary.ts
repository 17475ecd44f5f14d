import { stream } from '../random/stream.js';
import { studentQuantile } from './student-t.js';

/** Confidence interval of a mean, with its confidence, such as 0.95. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly method: 'student' | 'bootstrap';
}

/** Summary of a few values, such as one per seed. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation with n - 1; null for fewer than two values. */
  readonly sd: number | null;
  /** Student's 0.95 confidence interval of the mean; null for fewer than two values. */
  readonly interval: Interval | null;
}

/** t with P(|T| > t) = p, by p and the degrees of freedom. */
export type StudentQuantile = typeof studentQuantile;

/** Memoises quantiles: a table has many settings, but few different numbers of seeds. */
export function rememberedQuantiles(): StudentQuantile {
  const known = new Map<string, number>();
  return (p, degrees) => {
    const key = `${p} ${degrees}`;
    const found = known.get(key) ?? studentQuantile(p, degrees);
    known.set(key, found);
    return found;
  };
}

/** @throws RangeError if a value is not finite */
export function summarize(values: readonly number[], quantile: StudentQuantile = studentQuantile): Summary {
  return {
    count: values.length,
    mean: mean(values),
    sd: values.length < 2 ? null : standardDeviation(values),
    interval: studentInterval(values, 0.95, quantile),
  };
}

/** NaN for an empty list. @throws RangeError if a value is not finite */
export function mean(values: readonly number[]): number {
  requireFinite(values);
  const first = values.reduce((sum, value) => sum + value, 0) / values.length;
  // The second pass removes the rounding error of the first.
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/** Sample standard deviation, with n - 1. NaN for fewer than two values. @throws RangeError if a value is not finite */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) * (value - centre), 0);
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Mean of the middle two for an even number of values; NaN for an empty list. @throws RangeError if a value is not
 * finite
 */
export function median(values: readonly number[]): number {
  requireFinite(values);
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return lower + (upper - lower) / 2;
}

/**
 * Student's confidence interval of the mean: mean ± t · sd / √n with n - 1 degrees of freedom. Assumes normally
 * distributed values.
 * @returns null for fewer than two values
 * @throws RangeError if a value is not finite, or the confidence is not in (0, 1)
 */
export function studentInterval(
  values: readonly number[],
  confidence = 0.95,
  quantile: StudentQuantile = studentQuantile,
): Interval | null {
  requireConfidence(confidence);
  if (values.length < 2) return null;
  const centre = mean(values);
  const half = halfWidth(standardDeviation(values), values.length, confidence, quantile);
  return { low: centre - half, high: centre + half, confidence, method: 'student' };
}

export interface BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Default 10,000. */
  readonly resamples?: number;
  /** Seed of the resampling stream; default 1. */
  readonly seed?: number;
}

/**
 * Percentile interval of the mean by Efron's bootstrap (1979), with linearly interpolated quantiles. Resamples come
 * from an addressed stream, so equal values give equal intervals everywhere.
 * @returns null for fewer than two values
 * @throws RangeError if a value is not finite, or an option is outside its range
 */
export function bootstrapInterval(values: readonly number[], options: BootstrapOptions = {}): Interval | null {
  const { confidence = 0.95, resamples = 10_000, seed = 1 } = options;
  requireConfidence(confidence);
  requireFinite(values);
  if (!Number.isSafeInteger(resamples) || resamples < 1) throw new RangeError('resamples must be a positive integer');
  if (values.length < 2) return null;
  const draws = stream({ seed, path: 'statistics', purpose: 'bootstrap' });
  const indices = new Uint32Array(values.length);
  const means = Array.from({ length: resamples }, (_, resample) => {
    draws.integers(indices, values.length, resample);
    return indices.reduce((sum, i) => sum + (values[i] ?? 0), 0) / values.length;
  }).sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { low: interpolated(means, tail), high: interpolated(means, 1 - tail), confidence, method: 'bootstrap' };
}

/** More than anybody trains. */
const mostSeeds = 1_000_000;

/**
 * Estimates the number of seeds for which Student's interval of the mean is at most `width` wide, assuming the standard
 * deviation of the values: at least 2, at most a million.
 * @param width of the whole interval, above 0
 * @returns null for fewer than two values
 * @throws RangeError if a value is not finite, or an argument is outside its range
 */
export function seedsForWidth(
  values: readonly number[],
  width: number,
  confidence = 0.95,
  quantile: StudentQuantile = studentQuantile,
): number | null {
  requireConfidence(confidence);
  if (!(width > 0)) throw new RangeError(`a width must be above 0, not ${width}`);
  if (values.length < 2) return null;
  const sd = standardDeviation(values);
  const enough = (seeds: number) => 2 * halfWidth(sd, seeds, confidence, quantile) <= width;
  let high = 2;
  while (high < mostSeeds && !enough(high)) high = Math.min(mostSeeds, high * 2);
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle < 2 || !enough(middle)) low = middle;
    else high = middle;
  }
  return high;
}

function halfWidth(sd: number, count: number, confidence: number, quantile: StudentQuantile): number {
  return (quantile(1 - confidence, count - 1) * sd) / Math.sqrt(count);
}

/** Quantile of sorted values by linear interpolation (Hyndman and Fan's type 7). */
function interpolated(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (at - Math.floor(at)) * (above - below);
}

function requireConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`a confidence must be in (0, 1), not ${confidence}`);
}

function requireFinite(values: readonly number[]): void {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`values must be finite, not ${wrong}`);
}
