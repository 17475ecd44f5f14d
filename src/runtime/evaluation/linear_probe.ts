import { solvePositiveDefinite } from './cholesky.js';
import { accuracy, type Labelled, requireLabelled } from './labelled.js';
import type { Matrix } from './matrix.js';
import { momentsOf } from './moments.js';
import { ridgeOfFew, standardsOf } from './ridge-of-few.js';
import { between, type Work } from './work.js';

export interface LinearProbeInput {
  readonly train: Labelled;
  readonly test: Labelled;
  /** Weight of the squared coefficients, relative to the number of examples; > 0. */
  readonly ridge: number;
}

/** A variance below this share of the mean square is the rounding of a constant. */
const constant = 1e-12;

/**
 * The accuracy of a linear classifier on test examples (Alain and Bengio 2016): ridge regression of one-hot targets on
 * codes standardised to mean 0 and variance 1 on the training part, W = (ZᵀZ / n + ridge)⁻¹ Zᵀ (Y − ȳ) / n, in closed
 * form in float64. Predicts the class with the largest score, or the lowest of equal ones. Ignores units that are
 * constant on the training part. With more than 1,024 columns, and more columns than rows, it solves for the rows.
 *
 * @throws RangeError for examples and labels that don't match, or values that are not finite
 */
export function* linearProbe({ train: given, test: asked, ridge }: LinearProbeInput): Work<number> {
  requireLabelled('linear_probe', given, asked);
  const known = knownClasses(given.labels);
  const classes = known.size;
  const numbered = ({ examples, labels }: Labelled): Labelled => ({
    examples,
    labels: Int32Array.from(labels, (label) => known.get(label) ?? -1),
  });
  const [train, test] = [numbered(given), numbered(asked)];
  const { rows, columns } = train.examples;
  if (columns > mostExactColumns && costOfFew(rows, columns) < costOfMany(rows, columns)) {
    return yield* probeOfFew(train, test, classes, ridge);
  }
  // Splits the progress by the multiplications that the covariance and its factorisation take.
  const solved = columns ** 3 / 6;
  const added = 0.9 * (solved / (solved + (rows * columns * columns) / 2 + 1));
  const { mean, covariance } = yield* between(0, 0.9 - added, momentsOf(train.examples));
  const inverseStd = Float64Array.from({ length: columns }, (_, j) => {
    const variance = covariance[j * columns + j] ?? 0;
    const square = variance + (mean[j] ?? 0) * (mean[j] ?? 0);
    return variance > constant * square ? 1 / Math.sqrt(variance) : 0;
  });
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      const at = i * columns + j;
      covariance[at] = (covariance[at] ?? 0) * (inverseStd[i] ?? 0) * (inverseStd[j] ?? 0) + (i === j ? ridge : 0);
    }
  }
  const { together, share } = yield* productsWithClasses(0.9 - added, train, mean, inverseStd, classes);
  const coefficients = yield* between(0.9 - added, 0.9, solvePositiveDefinite(covariance, together, columns, classes));
  const scores = { mean, inverseStd, coefficients, share, classes };
  return accuracy(yield* between(0.9, 1, highestScores(test.examples, scores)), test.labels);
}

/** The classes of the training part, in their order, from 0: what it takes depends on them and not on their numbers. */
function knownClasses(labels: ArrayLike<number>): ReadonlyMap<number, number> {
  const classes = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  return new Map(classes.map((label, i) => [label, i]));
}

/** Columns up to which the covariance is always taken, from all rows. */
const mostExactColumns = 1024;

/** Multiplications that a probe may take, some half a minute. */
const mostMultiplications = 2e10;

function costOfMany(rows: number, columns: number): number {
  return (rows * columns * columns) / 2 + columns ** 3 / 6;
}

function costOfFew(rows: number, columns: number): number {
  return (rows * rows * columns) / 2 + rows ** 3 / 6;
}

/** Training examples to use: all, or with more than 1,024 columns, as many as the cost limit allows. */
export function probedRows(rows: number, columns: number): number {
  if (columns <= mostExactColumns) return rows;
  const isFew = (count: number) =>
    Math.min(costOfFew(count, columns), costOfMany(count, columns)) <= mostMultiplications;
  if (isFew(rows)) return rows;
  let [low, high] = [1, rows];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isFew(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function* probeOfFew(train: Labelled, test: Labelled, classes: number, ridge: number): Work<number> {
  const { rows } = train.examples;
  const standards = standardsOf(train.examples);
  const targets = new Float64Array(rows * classes);
  const share = sharesOf(train, classes);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < classes; c++) targets[row * classes + c] = (train.labels[row] === c ? 1 : 0) - (share[c] ?? 0);
  }
  const coefficients = yield* between(0, 0.9, ridgeOfFew(train.examples, standards, targets, classes, ridge));
  const scores = { ...standards, coefficients, share, classes };
  return accuracy(yield* between(0.9, 1, highestScores(test.examples, scores)), test.labels);
}

/** ȳ, the share of each class. */
function sharesOf({ labels, examples: { rows } }: Labelled, classes: number): Float64Array {
  const share = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    const label = labels[row] ?? 0;
    share[label] = (share[label] ?? 0) + 1 / rows;
  }
  return share;
}

/** Rows between two yields. */
const rowsOfTurn = 256;

/** Zᵀ (Y − ȳ) / n, `[columns, classes]`, which is Zᵀ Y / n as Z has mean 0; and ȳ, the share of each class. */
function* productsWithClasses(
  done: number,
  train: Labelled,
  mean: Float64Array,
  inverseStd: Float64Array,
  classes: number,
): Work<{ readonly together: Float64Array; readonly share: Float64Array }> {
  const share = sharesOf(train, classes);
  const {
    examples: { values, rows, columns },
    labels,
  } = train;
  const together = new Float64Array(columns * classes);
  for (let row = 0; row < rows; row++) {
    if (row % rowsOfTurn === 0) yield done;
    const label = labels[row] ?? 0;
    for (let j = 0; j < columns; j++) {
      const standardised = ((values[row * columns + j] ?? 0) - (mean[j] ?? 0)) * (inverseStd[j] ?? 0);
      const at = j * classes + label;
      together[at] = (together[at] ?? 0) + standardised / rows;
    }
  }
  return { together, share };
}

interface Probe {
  readonly mean: Float64Array;
  readonly inverseStd: Float64Array;
  readonly coefficients: Float64Array;
  readonly share: Float64Array;
  readonly classes: number;
}

function* highestScores(examples: Matrix, probe: Probe): Work<Int32Array> {
  const highest = new Int32Array(examples.rows);
  const scores = new Float64Array(probe.classes);
  for (let row = 0; row < examples.rows; row++) {
    if (row % rowsOfTurn === 0) yield row / examples.rows;
    score(examples, row, probe, scores);
    highest[row] = scores.reduce((best, value, c) => (value > (scores[best] ?? 0) ? c : best), 0);
  }
  return highest;
}

/** The score of each class for one row, into `scores`. */
function score({ values, columns }: Matrix, row: number, probe: Probe, scores: Float64Array): void {
  const { mean, inverseStd, coefficients, share, classes } = probe;
  scores.set(share);
  for (let j = 0; j < columns; j++) {
    const standardised = ((values[row * columns + j] ?? 0) - (mean[j] ?? 0)) * (inverseStd[j] ?? 0);
    for (let c = 0; c < classes; c++) {
      scores[c] = (scores[c] ?? 0) + standardised * (coefficients[j * classes + c] ?? 0);
    }
  }
}
