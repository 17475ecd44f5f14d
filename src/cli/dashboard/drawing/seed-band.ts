import type { TrialState } from '../../../api/events.js';
import { largest, studentQuantile } from '../../../api/statistics.js';
import type { Trial } from '../state/trial.js';
import type { Band } from './chart.js';
import { pointsOf, valueAt } from './curve.js';

/** Positions at which seeds are compared; two per column of a wide chart. */
const places = 400;

/**
 * Mean and 95% interval of a metric over a setting's seeds, as far as all of them have come; beyond that, the mean
 * would be over fewer seeds. Seeds that ended early (pruned, stopped, failed, …) or have not begun do not hold the
 * others back. Null if no seed has the metric.
 */
export function seedBand(trials: readonly Trial[], metric: string): Band | null {
  const curvesOf = (some: readonly Trial[]) =>
    some.flatMap((trial) => pointsOf(trial, metric) ?? []).filter(({ x }) => x.length > 0);
  const going = curvesOf(trials.filter(({ state }) => goesOn(state)));
  const curves = going.length > 0 ? going : curvesOf(trials);
  const shortest = curves.reduce<(typeof curves)[number] | null>(
    (best, curve) => (best === null || (curve.x.at(-1) ?? 0) < (best.x.at(-1) ?? 0) ? curve : best),
    null,
  );
  if (shortest === null) return null;
  const [first, last] = [largest(curves.map(({ x }) => x[0] ?? 0)), shortest.x.at(-1) ?? 0];
  const count = Math.max(1, Math.min(places, shortest.x.length));
  const x = Float64Array.from({ length: count }, (_, i) =>
    count === 1 ? first : first + ((last - first) * i) / (count - 1),
  );
  // One for each number of seeds.
  const quantiles = new Map<number, number>();
  const spreads = Array.from(x, (at) =>
    meanAndInterval(
      curves.map((curve) => valueAt(curve, at)),
      quantiles,
    ),
  );
  const pick = (value: (spread: NonNullable<(typeof spreads)[number]>) => number) =>
    Float32Array.from(spreads, (spread) => (spread === null ? Number.NaN : value(spread)));
  const mean = pick((spread) => spread.mean);
  return {
    points: { x, mean, least: mean, greatest: mean, axis: shortest.axis },
    low: pick((spread) => spread.low),
    high: pick((spread) => spread.high),
  };
}

/** Whether a trial in this state has trained, or may still train, to its end. */
function goesOn(state: TrialState): boolean {
  return state === 'running' || state === 'paused' || state === 'complete' || state === 'cached';
}

/** Mean and Student's 95% interval (the value itself if there is one); null if any is not finite. */
function meanAndInterval(
  values: readonly number[],
  quantiles: Map<number, number>,
): { readonly mean: number; readonly low: number; readonly high: number } | null {
  const n = values.length;
  if (!values.every(Number.isFinite)) return null;
  const mean = values.reduce((total, value) => total + value, 0) / n;
  if (n === 1) return { mean, low: mean, high: mean };
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  const quantile = quantiles.get(n) ?? studentQuantile(0.05, n - 1);
  quantiles.set(n, quantile);
  const half = quantile * Math.sqrt(squares / (n - 1) / n);
  return { mean, low: mean - half, high: mean + half };
}
