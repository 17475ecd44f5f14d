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
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004): in every 11×11 window that lies in the image,
 * weighted by a Gaussian of σ = 1.5 that sums to 1, (2 μx μy + C₁)(2 σxy + C₂) / ((μx² + μy² + C₁)(σx² + σy² + C₂)),
 * with the weighted variances themselves, not estimates for a sample; then the mean over windows. In float64.
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
  const similarity = new PlaneSimilarity(height, width);
  return Float64Array.from({ length: planes }, (_, plane) => {
    const [from, to] = [plane * pixels, (plane + 1) * pixels];
    return similarity.of(original.subarray(from, to), rebuilt.subarray(from, to));
  });
}

/** Compares planes of one size, one pair after the other. */
class PlaneSimilarity {
  readonly #means: WeightedMeans;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #products: Float64Array;
  readonly #meanX: Float64Array;
  readonly #meanY: Float64Array;
  readonly #squareX: Float64Array;
  readonly #squareY: Float64Array;
  readonly #product: Float64Array;

  constructor(height: number, width: number) {
    this.#means = new WeightedMeans(height, width);
    const pixels = () => new Float64Array(height * width);
    [this.#x, this.#y, this.#products] = [pixels(), pixels(), pixels()];
    const windows = () => new Float64Array(this.#means.count);
    [this.#meanX, this.#meanY] = [windows(), windows()];
    [this.#squareX, this.#squareY, this.#product] = [windows(), windows(), windows()];
  }

  of(original: Float32Array, rebuilt: Float32Array): number {
    const [x, y] = [this.#x, this.#y];
    x.set(original);
    y.set(rebuilt);
    const meanX = this.#means.of(x, this.#meanX);
    const meanY = this.#means.of(y, this.#meanY);
    const squareX = this.#means.of(this.#multiplied(x, x), this.#squareX);
    const squareY = this.#means.of(this.#multiplied(y, y), this.#squareY);
    const product = this.#means.of(this.#multiplied(x, y), this.#product);
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

  #multiplied(a: Float64Array, b: Float64Array): Float64Array {
    const products = this.#products;
    for (let i = 0; i < products.length; i++) products[i] = (a[i] ?? 0) * (b[i] ?? 0);
    return products;
  }
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

const [w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0, w5 = 0, w6 = 0, w7 = 0, w8 = 0, w9 = 0, w10 = 0] = window;

/** The weighted mean of every window of a plane. */
class WeightedMeans {
  readonly #width: number;
  readonly #across: number;
  readonly #rows: Float64Array;
  /** Windows of a plane. */
  readonly count: number;

  constructor(height: number, width: number) {
    this.#width = width;
    this.#across = width - size + 1;
    this.#rows = new Float64Array(height * this.#across);
    this.count = (height - size + 1) * this.#across;
  }

  /** @param values `[height, width]` @param means `[height - 10, width - 10]`, which are filled and given back */
  of(values: Float64Array, means: Float64Array): Float64Array {
    const [width, across, rows] = [this.#width, this.#across, this.#rows];
    for (let to = 0, row = 0; to < rows.length; row += width) {
      for (let at = row; at < row + across; at++) rows[to++] = weighted(values, at, 1);
    }
    for (let i = 0; i < means.length; i++) means[i] = weighted(rows, i, across);
    return means;
  }
}

/** Σ of the weights times every `stride`-th value, added in their order; written out, as a loop takes much longer. */
function weighted(values: Float64Array, at: number, stride: number): number {
  return (
    w0 * (values[at + 0 * stride] ?? 0) +
    w1 * (values[at + 1 * stride] ?? 0) +
    w2 * (values[at + 2 * stride] ?? 0) +
    w3 * (values[at + 3 * stride] ?? 0) +
    w4 * (values[at + 4 * stride] ?? 0) +
    w5 * (values[at + 5 * stride] ?? 0) +
    w6 * (values[at + 6 * stride] ?? 0) +
    w7 * (values[at + 7 * stride] ?? 0) +
    w8 * (values[at + 8 * stride] ?? 0) +
    w9 * (values[at + 9 * stride] ?? 0) +
    w10 * (values[at + 10 * stride] ?? 0)
  );
}
