import { add, mean, mul, rsqrt, squaredDifference, sub, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './gradient.js';

/** Mean and biased variance along axes, which keep size 1. */
export interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * `x̂ = (x - mean) / √(variance + eps)` with the moments along some axes. The gradient flows through both moments:
 * `(g - mean g - x̂ mean(g x̂)) / √(variance + eps)`.
 *
 * @param observe receives the moments, which are freed afterwards
 */
export function standardize(
  values: Tensor,
  axes: readonly number[],
  eps: number,
  observe: (moments: Moments) => void = () => {},
): Tensor {
  return withGradient([values], (save) => {
    const centre = meanAlong(values, axes);
    const variance = meanAlong(squaredDifference(values, centre), axes);
    observe({ mean: centre, variance });
    const scale = rsqrt(add(variance, eps));
    const standardized = mul(sub(values, centre), scale);
    save([standardized, scale]);
    return {
      value: standardized,
      gradient: (upstream, [x = standardized, perDeviation = scale]) => {
        const along = mul(x, meanAlong(mul(upstream, x), axes));
        return [mul(sub(sub(upstream, meanAlong(upstream, axes)), along), perDeviation)];
      },
    };
  });
}

/**
 * Mean along axes, one at a time from the last: a backend that adds thousands of float32 values in a row loses digits
 * that many short sums keep.
 */
function meanAlong(values: Tensor, axes: readonly number[]): Tensor {
  return axes.reduceRight((means, axis) => mean(means, axis, true), values);
}
