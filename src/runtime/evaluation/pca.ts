import { type Matrix, requireMatrix } from './matrix.js';
import { momentsOfChunks } from './moments.js';
import { symmetricEigen } from './symmetric-eigen.js';
import { between, type Work } from './work.js';

/** The plane, or space, of most variance through the mean of some examples. */
export interface PrincipalComponents {
  /** `[columns]` */
  readonly mean: Float64Array;
  /** `[count, columns]`, orthonormal, by decreasing variance. Rows are zero once the examples have no more variance. */
  readonly directions: Float64Array;
  readonly count: number;
}

/**
 * Principal component analysis in float64 (Hotelling 1933): the leading eigenvectors of the covariance, or of the
 * examples' products with each other where they are fewer than their values, which gives the same. The sign of a
 * direction is such that its element of largest magnitude, the first of several, is positive.
 *
 * @param count of components, at most as many as columns
 * @throws RangeError for no examples, values that are not finite, or more components than columns
 */
export function* principalComponents(examples: Matrix, count: number): Work<PrincipalComponents> {
  requireMatrix('pca', examples);
  const { rows, columns } = examples;
  if (rows >= columns) return yield* principalComponentsOfChunks([examples], columns, count, rows);
  requireFewEnough(count, columns);
  return oriented(yield* fromProducts(examples, count), columns, count);
}

/**
 * Like `principalComponents`, for at least as many examples as values per example, which need not be in memory
 * together.
 * @param chunks each but the last with a multiple of four rows
 * @param rows total number of rows, for reporting progress
 * @throws RangeError as `principalComponents`
 */
export function* principalComponentsOfChunks(
  chunks: Iterable<Matrix>,
  columns: number,
  count: number,
  rows: number,
): Work<PrincipalComponents> {
  requireFewEnough(count, columns);
  // About 4 columns³ operations come after rows · columns² / 2.
  const summed = rows / (rows + 8 * columns);
  const { mean, covariance } = yield* between(0, summed, momentsOfChunks(chunks, columns, rows));
  const { vectors } = yield* between(summed, 1, symmetricEigen(covariance, columns, count));
  return oriented({ mean, directions: vectors }, columns, count);
}

function requireFewEnough(count: number, columns: number): void {
  if (count > columns) throw new RangeError(`${columns} values have no ${count} principal components`);
}

/** With the sign of each direction settled. */
export function oriented(
  { mean, directions }: Omit<PrincipalComponents, 'count'>,
  columns: number,
  count: number,
): PrincipalComponents {
  for (let i = 0; i < count; i++) orient(directions.subarray(i * columns, (i + 1) * columns));
  return { mean, directions, count };
}

/**
 * Scores of examples along the components.
 * @returns `[rows, count]`
 */
export function project(examples: Matrix, { mean, directions, count }: PrincipalComponents): Float64Array {
  requireMatrix('pca', examples);
  const { values, rows, columns } = examples;
  const scores = new Float64Array(rows * count);
  const centred = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) centred[j] = (values[row * columns + j] ?? 0) - (mean[j] ?? 0);
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (directions[i * columns + j] ?? 0) * (centred[j] ?? 0);
      scores[row * count + i] = sum;
    }
  }
  return scores;
}

/**
 * The squared error of what principal components leave of each example: ‖x − mean‖² less the squares of its scores, in
 * the unit of `sse`.
 *
 * Hinton and Salakhutdinov (Science 313, 2006) give a mean of 13.87 for 30 components on the test images of MNIST.
 */
export function pcaSquaredError(examples: Matrix, components: PrincipalComponents): Float64Array {
  const { values, rows, columns } = examples;
  const scores = project(examples, components);
  return Float64Array.from({ length: rows }, (_, row) => {
    let left = 0;
    for (let j = 0; j < columns; j++) {
      const centred = (values[row * columns + j] ?? 0) - (components.mean[j] ?? 0);
      left += centred * centred;
    }
    for (let i = 0; i < components.count; i++) {
      const score = scores[row * components.count + i] ?? 0;
      left -= score * score;
    }
    // With all components nothing is left but rounding.
    return Math.max(0, left);
  });
}

/** From the eigenvectors u of X Xᵀ: Xᵀ u / √λ, X being the centred examples. */
function* fromProducts({ values, rows, columns }: Matrix, count: number): Work<Omit<PrincipalComponents, 'count'>> {
  if (rows === 0) throw new RangeError('no examples have no principal components');
  const mean = new Float64Array(columns);
  values.forEach((value, i) => {
    mean[i % columns] = (mean[i % columns] ?? 0) + value / rows;
  });
  const centred = Float64Array.from(values, (value, i) => value - (mean[i % columns] ?? 0));
  const products = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    yield (0.5 * i) / rows;
    for (let j = i; j < rows; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += (centred[i * columns + k] ?? 0) * (centred[j * columns + k] ?? 0);
      products[i * rows + j] = sum;
      products[j * rows + i] = sum;
    }
  }
  const eigen = yield* between(0.5, 1, symmetricEigen(products, rows, Math.min(count, rows)));
  const directions = new Float64Array(count * columns);
  const leading = eigen.values[0] ?? 0;
  eigen.values.forEach((value, i) => {
    // Rounding, not variance: n examples vary in n − 1 directions.
    if (value <= leading * rows * 2 ** -50) return;
    const scale = 1 / Math.sqrt(value);
    for (let row = 0; row < rows; row++) {
      const part = scale * (eigen.vectors[i * rows + row] ?? 0);
      for (let j = 0; j < columns; j++) {
        directions[i * columns + j] = (directions[i * columns + j] ?? 0) + part * (centred[row * columns + j] ?? 0);
      }
    }
  });
  return { mean, directions };
}

function orient(direction: Float64Array): void {
  let largest = 0;
  for (const value of direction) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest >= 0) return;
  for (let j = 0; j < direction.length; j++) direction[j] = -(direction[j] ?? 0);
}
