import { log10 } from '../../numerics/float64.js';
import type { Matrix } from './matrix.js';
import { squaredErrors } from './squared-error.js';

/** Value for an image reconstructed exactly, whose ratio is infinite, in decibels. */
const mostDecibels = 100;

/**
 * The peak signal-to-noise ratio −10 log₁₀(mse) of each image, in decibels, with a peak of 1; at most 100.
 *
 * @throws RangeError for images of different shapes
 */
export function peakSignalToNoise(original: Matrix, rebuilt: Matrix): Float64Array {
  return squaredErrors(original, rebuilt).map((error) => Math.min(mostDecibels, -10 * log10(error / original.columns)));
}
