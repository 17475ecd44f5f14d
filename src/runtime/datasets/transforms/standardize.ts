import type { FittedNumbers } from './transform.js';

/**
 * x ← (x - mean) / std in float32, a subtraction and a division, with the numbers of each feature. A feature with a
 * standard deviation of 0 becomes 0. In place.
 *
 * @param values example after example, `mean.length` of them each
 */
export function standardize(values: Float32Array, mean: FittedNumbers, std: FittedNumbers): void {
  for (let i = 0; i < values.length; i++) {
    const feature = i % mean.length;
    const divisor = std[feature] ?? 0;
    values[i] = divisor === 0 ? 0 : Math.fround((values[i] ?? 0) - (mean[feature] ?? 0)) / divisor;
  }
}
