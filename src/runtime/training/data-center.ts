import type { DataCenter } from '../../compiler/ir/experiment.js';
import type { Network } from '../lowering/network.js';
import type { Examples } from './examples.js';
import type { WeightValues } from './initial-weights.js';

/** Training examples that a center is of, from the first. */
const mostExamples = 4096;
/** Of them in one batch. */
const batchSize = 256;

type TrainingExamples = Pick<Examples, 'count' | 'evaluationBatch'>;

/** The given weights, and what weights that start from the center of the data start from. */
export function withCenters(
  { weights }: Pick<Network, 'weights'>,
  examples: TrainingExamples,
  given: WeightValues,
): WeightValues {
  const centers = weights.flatMap(({ key, initial }): (readonly [string, Float32Array])[] =>
    initial.kind === 'center' && !given.has(key) ? [[key, dataCenter(initial.center, examples)]] : [],
  );
  return new Map([...given, ...centers]);
}

/**
 * The mean or the geometric median of the first 4,096 training examples, clean and as the network sees them in evaluations.
 * Computed in float64 and rounded once.
 */
export function dataCenter(center: DataCenter, examples: TrainingExamples): Float32Array {
  const rows = firstExamples(examples);
  const mean = meanOf(rows);
  return Float32Array.from(center === 'mean' ? mean : geometricMedian(rows, mean));
}

function firstExamples(examples: TrainingExamples): readonly Float32Array[] {
  const total = Math.min(mostExamples, examples.count('train'));
  const rows: Float32Array[] = [];
  for (let first = 0; first < total; first += batchSize) {
    const size = Math.min(batchSize, total - first);
    const { clean } = examples.evaluationBatch('train', first, size, { epoch: 0, step: 0, epochs: 1, steps: 1 });
    const length = clean.length / size;
    for (let i = 0; i < size; i++) rows.push(clean.subarray(i * length, (i + 1) * length));
  }
  return rows;
}

function meanOf(rows: readonly Float32Array[]): Float64Array {
  const [first] = rows;
  if (first === undefined) throw new RangeError('there are no training examples to take the center of');
  const mean = new Float64Array(first.length);
  for (const row of rows) for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) + (row[i] ?? 0);
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] ?? 0) / rows.length;
  return mean;
}

const mostIterations = 200;
/** Relative to the mean distance: a move below it ends the iteration. */
const smallMove = 1e-9;
/** The least distance that an example counts with, relative to the mean distance. */
const leastDistance = 1e-9;

/** The point with the least sum of distances from the rows, by Weiszfeld's iteration from their mean. */
export function geometricMedian(rows: readonly ArrayLike<number>[], mean: Float64Array): Float64Array {
  let point = mean;
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const distances = rows.map((row) => distance(row, point));
    const scale = distances.reduce((sum, each) => sum + each, 0) / rows.length;
    if (scale === 0) return point;
    const next = new Float64Array(point.length);
    let total = 0;
    for (const [at, row] of rows.entries()) {
      const weight = 1 / Math.max(distances[at] ?? 0, leastDistance * scale);
      total += weight;
      for (let i = 0; i < next.length; i++) next[i] = (next[i] ?? 0) + weight * (row[i] ?? 0);
    }
    for (let i = 0; i < next.length; i++) next[i] = (next[i] ?? 0) / total;
    const moved = distance(next, point);
    point = next;
    if (moved <= smallMove * scale) return point;
  }
  return point;
}

function distance(row: ArrayLike<number>, point: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < point.length; i++) {
    const difference = (row[i] ?? 0) - (point[i] ?? 0);
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
