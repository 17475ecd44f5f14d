import type { FittedNumbers } from './transform.js';

/**
 * x ← (x - mean) / std in float32, a subtraction and a division, with the numbers of each feature. A feature that never varied
 * in the training part has a standard deviation of 0 and keeps its unit, x - mean, as in scikit-learn's StandardScaler: another
 * value of it is an anomaly. In place.
 *
 * @param values example after example, `mean.length` of them each
 */
export function standardize(values: Float32Array, mean: FittedNumbers, std: FittedNumbers): void {
  for (let i = 0; i < values.length; i++) {
    const feature = i % mean.length;
    values[i] = Math.fround((values[i] ?? 0) - (mean[feature] ?? 0)) / (std[feature] || 1);
  }
}
