import { exp } from '../../numerics/float64.js';

/** Images `[count, channels, height, width]`, in raw units [0, 1]. */
export interface SsimInput {
  readonly original: Float32Array;
  readonly rebuilt: Float32Array;
  readonly count: number;
  /** `[channels, height, width]`; 11×11 at least. */
  readonly shape: readonly number[];
}

const size = 11;
const sigma = 1.5;

/** (K₁ L)² and (K₂ L)² for a range L of 1. */
const c1 = 0.01 * 0.01;
const c2 = 0.03 * 0.03;

/**
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004): in every 11×11 window that lies in the image, weighted
 * by a Gaussian of σ = 1.5 that sums to 1,
 * (2 μx μy + C₁)(2 σxy + C₂) / ((μx² + μy² + C₁)(σx² + σy² + C₂)), with the weighted variances themselves, not estimates
 * for a sample; then the mean over windows. In float64.
 *
 * scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)`.
 *
 * @returns of each channel of each image
 * @throws RangeError for images smaller than the window, or of another number of values than they should have
 */
export function structuralSimilarity({ original, rebuilt, count, shape }: SsimInput): Float64Array {
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined || shape.length !== 3) {
    throw new RangeError('ssim compares images');
  }
  if (height < size || width < size) throw new RangeError(`ssim needs images of ${size}×${size} at least`);
  const pixels = height * width;
  const planes = count * channels;
  if (original.length !== planes * pixels || rebuilt.length !== planes * pixels) {
    throw new RangeError(`ssim of ${planes} planes of ${height}×${width} needs ${planes * pixels} values of each`);
  }
  return Float64Array.from({ length: planes }, (_, plane) => {
    const x = Float64Array.from(original.subarray(plane * pixels, (plane + 1) * pixels));
    const y = Float64Array.from(rebuilt.subarray(plane * pixels, (plane + 1) * pixels));
    return similarityOfPlanes(x, y, height, width);
  });
}

function similarityOfPlanes(x: Float64Array, y: Float64Array, height: number, width: number): number {
  const mean = (values: Float64Array) => weightedMeans(values, height, width);
  const meanX = mean(x);
  const meanY = mean(y);
  const squareX = mean(x.map((value) => value * value));
  const squareY = mean(y.map((value) => value * value));
  const product = mean(x.map((value, i) => value * (y[i] ?? 0)));
  let sum = 0;
  for (let i = 0; i < meanX.length; i++) {
    const mx = meanX[i] ?? 0;
    const my = meanY[i] ?? 0;
    const varianceX = (squareX[i] ?? 0) - mx * mx;
    const varianceY = (squareY[i] ?? 0) - my * my;
    const covariance = (product[i] ?? 0) - mx * my;
    sum += ((2 * mx * my + c1) * (2 * covariance + c2)) / ((mx * mx + my * my + c1) * (varianceX + varianceY + c2));
  }
  return sum / meanX.length;
}

/** The weights of a window along one side; a Gaussian in the plane is the product of two. */
const window: readonly number[] = normalised(
  Array.from({ length: size }, (_, i) => {
    const distance = i - (size - 1) / 2;
    return exp(-(distance * distance) / (2 * sigma * sigma));
  }),
);

function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The weighted mean of every window, `[height - 10, width - 10]`. */
function weightedMeans(values: Float64Array, height: number, width: number): Float64Array {
  const across = width - size + 1;
  const rows = new Float64Array(height * across);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < across; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (window[k] ?? 0) * (values[i * width + j + k] ?? 0);
      rows[i * across + j] = sum;
    }
  }
  const down = height - size + 1;
  const means = new Float64Array(down * across);
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (window[k] ?? 0) * (rows[(i + k) * across + j] ?? 0);
      means[i * across + j] = sum;
    }
  }
  return means;
}
