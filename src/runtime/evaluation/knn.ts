import { largest } from '../../numerics/extremes.js';
import { accuracy, type Labelled, requireLabelled } from './labelled.js';
import type { Matrix } from './matrix.js';
import type { Work } from './work.js';

export interface KnnInput {
  readonly train: Labelled;
  readonly test: Labelled;
  /** Neighbours that vote, at most as many as there are training examples. */
  readonly k: number;
}

/** Training examples that are compared with every test example before the next: as many as stay in the cache. */
const blockValues = 32_768;

/** Values between two checks for whether the distance is already too large. */
const stride = 8;

/** Differences to compute between two yields: about a hundredth of a second. */
const turn = 1e7;

/**
 * The share of test examples that have the class of most of their `k` nearest training examples (Cover and Hart 1967).
 * Euclidean distances in float64, every pair; of equally near examples the earlier one is nearer, and of classes with
 * equally many votes the one with the nearest example wins.
 *
 * Values are added up from the column of largest variance on, so that most distances can be given up early.
 *
 * @throws RangeError for examples and labels that don't fit each other, or fewer training examples than k
 */
export function* nearestNeighbours({ train, test, k }: KnnInput): Work<number> {
  requireLabelled('knn', train, test);
  if (k < 1 || k > train.examples.rows) {
    throw new RangeError(`knn: ${k} neighbours of ${train.examples.rows} training examples`);
  }
  const order = columnsByVariance(train.examples);
  const nearest = yield* findNearest(reordered(train.examples, order), reordered(test.examples, order), k);
  const predicted = Int32Array.from({ length: test.examples.rows }, (_, row) =>
    classOfMost(Array.from(nearest.subarray(row * k, (row + 1) * k), (index) => train.labels[index] ?? -1)),
  );
  return accuracy(predicted, test.labels);
}

/** Columns up to which every training example is a candidate. */
const mostExactColumns = 1024;

/** Multiplications of all pairs that a search may take; early endings make it about a sixth of them. */
const mostMultiplications = 3e11;

/** Training examples to search: all, or with more than 1,024 columns, as many as the cost limit allows. */
export function searchedRows(rows: number, tested: number, columns: number, k: number): number {
  if (columns <= mostExactColumns) return rows;
  return Math.min(rows, Math.max(k, Math.floor(mostMultiplications / (tested * columns))));
}

/** @returns `[test rows, k]`, indices of training examples, the nearest first */
function* findNearest(train: Matrix, test: Matrix, k: number): Work<Int32Array> {
  const nearest = new Int32Array(test.rows * k).fill(-1);
  const distances = new Float64Array(test.rows * k).fill(Number.POSITIVE_INFINITY);
  const block = Math.max(1, Math.floor(blockValues / train.columns));
  for (let first = 0; first < train.rows; first += block) {
    const end = Math.min(train.rows, first + block);
    const rowsOfTurn = Math.max(1, Math.floor(turn / ((end - first) * train.columns)));
    for (let row = 0; row < test.rows; row += rowsOfTurn) {
      yield (first + ((end - first) * row) / test.rows) / train.rows;
      const last = Math.min(test.rows, row + rowsOfTurn);
      compareRows({ train, first, end }, { test, row, last }, k, { nearest, distances });
    }
  }
  return nearest;
}

/** Merges the training examples `first` to `end` into the nearest neighbours of the test examples `row` to `last`. */
function compareRows(
  { train, first, end }: { readonly train: Matrix; readonly first: number; readonly end: number },
  { test, row: from, last: to }: { readonly test: Matrix; readonly row: number; readonly last: number },
  k: number,
  { nearest, distances }: { readonly nearest: Int32Array; readonly distances: Float64Array },
): void {
  for (let row = from; row < to; row++) {
    const last = row * k + k - 1;
    for (let index = first; index < end; index++) {
      const distance = distanceBelow(distances[last] ?? 0, train, index, test, row);
      if (distance === null) continue;
      let at = last;
      for (; at > row * k && (distances[at - 1] ?? 0) > distance; at--) {
        distances[at] = distances[at - 1] ?? 0;
        nearest[at] = nearest[at - 1] ?? -1;
      }
      distances[at] = distance;
      nearest[at] = index;
    }
  }
}

/** The squared distance, or null once it cannot be below the limit. */
function distanceBelow(limit: number, train: Matrix, index: number, test: Matrix, row: number): number | null {
  const { columns } = train;
  const from = index * columns;
  const to = row * columns;
  let sum = 0;
  for (let j = 0; j < columns; ) {
    for (const end = Math.min(columns, j + stride); j < end; j++) {
      const difference = (train.values[from + j] ?? 0) - (test.values[to + j] ?? 0);
      sum += difference * difference;
    }
    if (!(sum < limit)) return null;
  }
  return sum;
}

/** @param labels of the neighbours, the nearest first */
function classOfMost(labels: readonly number[]): number {
  const votes = new Map<number, number>();
  for (const label of labels) votes.set(label, (votes.get(label) ?? 0) + 1);
  const most = largest(votes.values());
  return labels.find((label) => votes.get(label) === most) ?? -1;
}

function columnsByVariance({ values, rows, columns }: Matrix): Int32Array {
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) {
      const value = values[row * columns + j] ?? 0;
      sums[j] = (sums[j] ?? 0) + value;
      squares[j] = (squares[j] ?? 0) + value * value;
    }
  }
  const variance = squares.map((square, j) => square / rows - ((sums[j] ?? 0) / rows) * ((sums[j] ?? 0) / rows));
  return Int32Array.from(variance.keys()).sort((i, j) => (variance[j] ?? 0) - (variance[i] ?? 0) || i - j);
}

function reordered({ values, rows, columns }: Matrix, order: Int32Array): Matrix {
  const sorted = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) sorted[row * columns + j] = values[row * columns + (order[j] ?? 0)] ?? 0;
  }
  return { values: sorted, rows, columns };
}
