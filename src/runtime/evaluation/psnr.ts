import { log10 } from '../../numerics/float64.js';
import type { Matrix } from './matrix.js';
import { meanOf, squaredErrors } from './squared-error.js';

/** What an image that is rebuilt to the last bit counts as, in decibels; its ratio is infinite. */
const mostDecibels = 100;

/**
 * The mean over images of the peak signal-to-noise ratio −10 log₁₀(mse), in decibels, with a peak of 1; at most 100 for
 * each image.
 *
 * @throws RangeError for images of different shapes, or none
 */
export function peakSignalToNoise(original: Matrix, rebuilt: Matrix): number {
  const errors = squaredErrors(original, rebuilt);
  return meanOf(errors.map((error) => Math.min(mostDecibels, -10 * log10(error / original.columns))));
}
