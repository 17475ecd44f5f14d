/** Most buckets of a series: with two dots a column, four screens of 250 columns. */
const most = 2048;

/**
 * A metric over a stage's steps in a bounded number of equal buckets. A bucket keeps minimum, maximum and mean, so that
 * a spike of one step stays visible in any training; NaN if none is finite.
 */
export interface Series {
  /** First step of the first bucket. */
  readonly first: number;
  /** Step after the last value. */
  readonly end: number;
  /** Steps per bucket. */
  readonly stride: number;
  readonly least: Float32Array;
  readonly greatest: Float32Array;
  readonly mean: Float32Array;
  /** NaN before there is one. */
  readonly last: number;
  /** First step with a non-finite value; null if there is none. */
  readonly firstNonFinite: number | null;
}

export function emptySeries(first: number): Series {
  const none = new Float32Array(0);
  return {
    first,
    end: first,
    stride: 1,
    least: none,
    greatest: none,
    mean: none,
    last: Number.NaN,
    firstNonFinite: null,
  };
}

/**
 * Appends values of consecutive steps from `firstStep`. Replaces steps that exist already, as a trial resumed from a
 * checkpoint repeats them; skipped steps are NaN.
 */
export function appended(series: Series, firstStep: number, values: Float32Array): Series {
  if (values.length === 0) return series;
  if (firstStep < series.end) return appended(cutAt(series, firstStep), Math.max(firstStep, series.first), values);
  const end = firstStep + values.length;
  let grown = series;
  while (Math.ceil((end - grown.first) / grown.stride) > most) grown = halved(grown);
  const { first, stride } = grown;
  const length = Math.ceil((end - first) / stride);
  const least = resized(grown.least, length);
  const greatest = resized(grown.greatest, length);
  const mean = resized(grown.mean, length);
  let { last, firstNonFinite } = grown;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    const at = firstStep + i - first;
    last = value;
    if (!Number.isFinite(value)) {
      firstNonFinite ??= firstStep + i;
      continue;
    }
    const bucket = Math.floor(at / stride);
    const before = at % stride;
    const [low, high, middle] = [least[bucket] ?? Number.NaN, greatest[bucket] ?? Number.NaN, mean[bucket] ?? value];
    least[bucket] = low <= value ? low : value;
    greatest[bucket] = high >= value ? high : value;
    mean[bucket] = Number.isNaN(middle) ? value : (middle * before + value) / (before + 1);
  }
  return { first, end, stride, least, greatest, mean, last, firstNonFinite };
}

/** Reduces the buckets, for trials that are not in view. */
export function thinned(series: Series, buckets: number): Series {
  let thin = series;
  while (thin.mean.length > buckets) thin = halved(thin);
  return thin;
}

function cutAt(series: Series, step: number): Series {
  if (step <= series.first) return { ...emptySeries(series.first), stride: series.stride };
  const length = Math.ceil((step - series.first) / series.stride);
  const { firstNonFinite } = series;
  return {
    ...series,
    end: step,
    least: series.least.slice(0, length),
    greatest: series.greatest.slice(0, length),
    mean: series.mean.slice(0, length),
    last: series.mean[length - 1] ?? Number.NaN,
    firstNonFinite: firstNonFinite !== null && firstNonFinite < step ? firstNonFinite : null,
  };
}

function halved(series: Series): Series {
  const length = Math.ceil(series.mean.length / 2);
  const merge = (from: Float32Array, both: (a: number, b: number) => number) =>
    Float32Array.from({ length }, (_, i) => {
      const [a, b] = [from[2 * i] ?? Number.NaN, from[2 * i + 1] ?? Number.NaN];
      if (Number.isNaN(a)) return b;
      return Number.isNaN(b) ? a : both(a, b);
    });
  return {
    ...series,
    stride: series.stride * 2,
    least: merge(series.least, Math.min),
    greatest: merge(series.greatest, Math.max),
    mean: merge(series.mean, (a, b) => (a + b) / 2),
  };
}

function resized(from: Float32Array, length: number): Float32Array {
  const to = new Float32Array(length).fill(Number.NaN);
  to.set(from);
  return to;
}
