import { type Matrix, requireMatrix } from './matrix.js';
import { oriented, type PrincipalComponents } from './pca.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { between, type Work } from './work.js';

/** The two products that most of the work is, of float32 matrices in row order. */
export interface Products {
  /** x q, `[rows, width]`. @param q `[columns, width]` */
  forward(x: Matrix, q: Float32Array, width: number): Float32Array;
  /** xᵀ s, `[columns, width]`. @param s `[rows, width]` */
  back(x: Matrix, s: Float32Array, width: number): Float32Array;
}

export interface LeadingComponentsInput {
  /** Iterates over the examples in chunks, once per iteration of the search. */
  readonly chunks: () => Iterable<Matrix>;
  readonly columns: number;
  /** Number of components to find. */
  readonly count: number;
  /** `[columns, width]`, independent standard normal numbers, where `width` is `blockWidth(…)`. */
  readonly start: Float32Array;
  readonly products: Products;
  /** Values in the sample of first examples with which the search begins, if there are more than four times as many. */
  readonly sampled?: number;
}

/** A search ends when an iteration explains so little more of what was left unexplained. */
const tolerance = 1e-5;
const toleranceOfSample = 1e-3;

const mostIterations = 40;

/** Number of values in a sample that stays in memory. */
const sampleValues = 2 ** 24;

/** Number of directions to iterate on: a few more than wanted make the last wanted ones converge sooner. */
export function blockWidth(count: number, rows: number, columns: number): number {
  return Math.min(count + Math.max(10, Math.ceil(count / 4)), rows, columns);
}

/**
 * The leading principal components by subspace iteration from a random block (Halko, Martinsson and Tropp 2011,
 * algorithm 4.4; Rayleigh–Ritz in each iteration): rows · columns · width operations an iteration, and neither the
 * covariance nor all examples at once. Products are float32, everything else is float64.
 *
 * @throws RangeError for no examples, or values that are not finite
 */
export function* leadingComponents(input: LeadingComponentsInput): Work<PrincipalComponents> {
  const { columns, count, start } = input;
  const width = start.length / columns;
  const { mean, rows } = yield* meanOf(input);
  let block = orthonormalRows(transposed(Float64Array.from(start), columns, width), width, columns);
  const sampled = Math.max(width, Math.floor((input.sampled ?? sampleValues) / columns));
  if (rows > 4 * sampled) {
    const sample = firstRows(input.chunks(), sampled);
    block = (yield* settled({ ...input, chunks: () => sample }, mean, block, toleranceOfSample)).block;
  }
  const { block: found, vectors } = yield* settled(input, mean, block, tolerance);
  return oriented({ mean, directions: combined(vectors, found, width, columns, count) }, columns, count);
}

/** Iterates from the rows of a block until they explain hardly more. @returns them, and how components lie in them */
function* settled(
  { chunks, columns, count, products }: LeadingComponentsInput,
  mean: Float64Array,
  from: Float64Array,
  until: number,
): Work<{ readonly block: Float64Array; readonly vectors: Float64Array }> {
  const width = from.length / columns;
  let block = from;
  let before = 0;
  for (let iteration = 1; ; iteration++) {
    const here = (iteration - 1) / mostIterations;
    const q = Float32Array.from(transposed(block, width, columns));
    const images = new Float64Array(columns * width);
    const variances = new Float64Array(width * width);
    let total = 0;
    for (const chunk of chunks()) {
      const centred = centredOn(chunk, mean);
      for (const value of centred.values) total += value * value;
      const scores = products.forward(centred, q, width);
      addGram(variances, scores, chunk.rows, width);
      products.back(centred, scores, width).forEach((value, i) => {
        images[i] = (images[i] ?? 0) + value;
      });
      yield here;
    }
    const { values, vectors } = yield* between(here, here, symmetricEigen(variances, width, Math.min(count, width)));
    const explained = values.reduce((sum, value) => sum + value, 0);
    const left = Math.max(total - explained, total * Number.EPSILON);
    if (explained - before <= until * left || iteration === mostIterations) return { block, vectors };
    before = explained;
    block = orthonormalRows(transposed(images, columns, width), width, columns);
  }
}

function firstRows(chunks: Iterable<Matrix>, most: number): readonly Matrix[] {
  const taken: Matrix[] = [];
  let left = most;
  for (const { values, rows, columns } of chunks) {
    const here = Math.min(rows, left);
    taken.push({ values: values.slice(0, here * columns), rows: here, columns });
    left -= here;
    if (left === 0) break;
  }
  return taken;
}

function* meanOf({
  chunks,
  columns,
}: LeadingComponentsInput): Work<{ readonly mean: Float64Array; readonly rows: number }> {
  const mean = new Float64Array(columns);
  let rows = 0;
  for (const chunk of chunks()) {
    requireMatrix('pca', chunk);
    for (let row = 0; row < chunk.rows; row++) {
      for (let j = 0; j < columns; j++) mean[j] = (mean[j] ?? 0) + (chunk.values[row * columns + j] ?? 0);
    }
    rows += chunk.rows;
    yield 0;
  }
  if (rows === 0) throw new RangeError('no examples have no principal components');
  return { mean: mean.map((sum) => sum / rows), rows };
}

function centredOn({ values, rows, columns }: Matrix, mean: Float64Array): Matrix {
  const centred = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++, at++) centred[at] = (values[at] ?? 0) - (mean[j] ?? 0);
  }
  return { values: centred, rows, columns };
}

/** Adds sᵀ s to sums `[width, width]`. */
function addGram(sums: Float64Array, s: Float32Array, rows: number, width: number): void {
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    for (let i = 0; i < width; i++) {
      const first = s[at + i] ?? 0;
      for (let j = i; j < width; j++) {
        const sum = (sums[i * width + j] ?? 0) + first * (s[at + j] ?? 0);
        sums[i * width + j] = sum;
        sums[j * width + i] = sum;
      }
    }
  }
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j] ?? 0;
  }
  return turned;
}

/** A share of its length below which what is left of a vector is the rounding of float32 products. */
const negligible = 2 ** -20;

/** Gram–Schmidt, twice for each row; a row that the others span becomes zeros. */
function orthonormalRows(block: Float64Array, width: number, columns: number): Float64Array {
  for (let i = 0; i < width; i++) {
    const row = block.subarray(i * columns, (i + 1) * columns);
    const length = lengthOf(row);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) takeAway(row, block.subarray(k * columns, (k + 1) * columns));
    }
    const left = lengthOf(row);
    const scale = left > negligible * length ? 1 / left : 0;
    for (let j = 0; j < columns; j++) row[j] = (row[j] ?? 0) * scale;
  }
  return block;
}

function lengthOf(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

function takeAway(vector: Float64Array, unit: Float64Array): void {
  let overlap = 0;
  for (let j = 0; j < vector.length; j++) overlap += (vector[j] ?? 0) * (unit[j] ?? 0);
  for (let j = 0; j < vector.length; j++) vector[j] = (vector[j] ?? 0) - overlap * (unit[j] ?? 0);
}

/** Combines the block's rows with the weights in each row of `weights`, `[count, columns]`; missing rows are zeros. */
function combined(
  weights: Float64Array,
  block: Float64Array,
  width: number,
  columns: number,
  count: number,
): Float64Array {
  const directions = new Float64Array(count * columns);
  for (let i = 0; i < Math.min(count, width); i++) {
    for (let k = 0; k < width; k++) {
      const weight = weights[i * width + k] ?? 0;
      for (let j = 0; j < columns; j++) {
        directions[i * columns + j] = (directions[i * columns + j] ?? 0) + weight * (block[k * columns + j] ?? 0);
      }
    }
  }
  return directions;
}
