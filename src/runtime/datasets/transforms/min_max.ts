import type { FittedNumbers } from './transform.js';

/** The ends that features are brought to, and whether what lies beyond them is cut off. */
export interface Target {
  readonly low: number;
  readonly high: number;
  readonly clip: boolean;
}

/**
 * x ← low + (high - low) ((x - min) / (max - min)) with the numbers of each feature: every operation in float32, rounded
 * once. A feature that never varied in the training part, whose two numbers are the same, counts as one with max - min = 1, as
 * in scikit-learn's MinMaxScaler: another value of it is an anomaly. In place.
 *
 * @param values example after example, `min.length` of them each
 */
export function minMax(
  values: Float32Array,
  { low, high, clip }: Target,
  min: FittedNumbers,
  max: FittedNumbers,
): void {
  const start = Math.fround(low);
  const end = Math.fround(high);
  const span = Math.fround(end - start);
  for (let i = 0; i < values.length; i++) {
    const feature = i % min.length;
    const least = min[feature] ?? 0;
    const width = Math.fround((max[feature] ?? 0) - least) || 1;
    const part = Math.fround(Math.fround((values[i] ?? 0) - least) / width);
    const mapped = Math.fround(start + Math.fround(span * part));
    values[i] = clip ? Math.min(end, Math.max(start, mapped)) : mapped;
  }
}
