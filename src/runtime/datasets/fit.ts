import { type BatchMaker, batchMaker } from './batch.js';
import type { Part } from './dataset.js';
import { ordinals } from './ordinals.js';
import type { Precision } from './precision.js';
import type { Examples } from './split.js';
import { areDouble } from './stored-rows.js';
import {
  type FittedNumbers,
  isPixelTransform,
  type TrainingValues,
  type Transform,
  type TransformRequest,
  type ValueTransform,
} from './transform.js';
import type { BatchPosition } from './windows.js';

/** Numbers that a transform took from the training part, one for each value of an example as the network sees it. */
export interface Statistic {
  /**
   * `data/standardize/mean`, or `target/…` for a target's; the second transform of one word is `standardize_2`. Float64 statistics are split into
   * three float32 values that sum to them: `…/mean`, and two concatenated in `…/mean_rest`.
   */
  readonly key: string;
  /** Shape of one example, or of two concatenated if the key ends in `_rest`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Examples processed at a time; affects only memory use. */
const PORTION = 500;

/**
 * Fits the statistics that transforms such as `standardize` and `min_max` need to the training part: its clean examples
 * as an evaluation sees them, after the preceding transforms. They depend only on the data and its split, not on the
 * seed.
 *
 * Sums are in float64, one per feature, over the examples in the order of `training.indices`; the standard deviation is
 * around the mean, divided by n. Results are rounded to float32, unless the examples are stored in float64. A constant
 * feature has its value as the mean and 0 as the standard deviation.
 *
 * @param stored shape of the stored examples
 * @param indicators features that are 0 or 1 for a category: they count as having mean 0 and deviation 1, and stay as they are
 */
export function fitTransforms(
  stored: readonly number[],
  requests: readonly TransformRequest[],
  training: Examples,
  indicators: readonly number[] = [],
): readonly Transform[] {
  const pixels = requests.filter(isPixelTransform);
  const values: ValueTransform[] = [];
  for (const request of requests) {
    if (isPixelTransform(request)) continue;
    const numbers = request.fits?.take(
      trainingValues(batchMaker(stored, [...pixels, ...values], 'evaluation'), training, indicators),
    );
    values.push(request.fitted(numbers ?? {}));
  }
  return [...pixels, ...values];
}

/** What transforms belong to: the data, or a target of its own. */
export type TransformedSet = 'data' | 'target';

/** Whether a name among a model's weights is that of a statistic of its data, or of their targets. */
export function isStatistic(key: string): boolean {
  return key.startsWith('data/') || key.startsWith('target/');
}

/** Statistics from `fitTransforms`, saved with the weights. @param shape of one example as the network sees it */
export function statisticsOf(
  transforms: readonly Transform[],
  shape: readonly number[],
  prefix = 'data',
): readonly Statistic[] {
  const name = ordinals();
  return transforms.flatMap((transform): Statistic[] => {
    const numbers = isPixelTransform(transform) ? [] : Object.entries(transform.numbers);
    if (numbers.length === 0) return [];
    const key = `${prefix}/${name(transform.word)}`;
    return numbers.flatMap(([part, values]): Statistic[] => {
      if (values instanceof Float32Array) return [{ key: `${key}/${part}`, shape, values }];
      const { leading, rest } = inThree(values);
      return [
        { key: `${key}/${part}`, shape, values: leading },
        { key: `${key}/${part}_rest`, shape: [2, ...shape], values: rest },
      ];
    });
  });
}

/** Numbers in float64 as three in float32, the first rounded from it: 72 bits hold all of the 53. */
function inThree(values: Float64Array): { readonly leading: Float32Array; readonly rest: Float32Array } {
  const leading = Float32Array.from(values);
  const rest = new Float32Array(2 * values.length);
  values.forEach((value, i) => {
    const left = value - (leading[i] ?? 0);
    rest[i] = left;
    rest[values.length + i] = left - (rest[i] ?? 0);
  });
  return { leading, rest };
}

function fromThree(leading: Float32Array, rest: Float32Array): Float64Array {
  return Float64Array.from(leading, (value, i) => value + ((rest[i] ?? 0) + (rest[leading.length + i] ?? 0)));
}

/** The precision of a set of a model with these statistics; undefined if it keeps none. */
export function keptPrecision(kept: ReadonlyMap<string, unknown>, set: TransformedSet = 'data'): Precision | undefined {
  // The statistics of conditions, data/condition/…, are always in float64.
  const statistics = [...kept.keys()].filter((key) => key.startsWith(`${set}/`) && !key.startsWith('data/condition/'));
  if (statistics.length === 0) return undefined;
  return statistics.some((key) => key.endsWith('_rest')) ? 'double' : 'single';
}

/**
 * The transforms with numbers that were kept.
 *
 * @param kept by the statistics' keys; may have others as well
 * @param size values of an example as the network sees it
 * @throws RangeError for a statistic that is missing or has another size
 */
export function keptTransforms(
  requests: readonly TransformRequest[],
  kept: ReadonlyMap<string, Float32Array>,
  size: number,
  prefix = 'data',
): readonly Transform[] {
  const name = ordinals();
  return requests.map((request) => {
    if (isPixelTransform(request)) return request;
    if (request.fits === null) return request.fitted({});
    const key = `${prefix}/${name(request.word)}`;
    const numbersOf = (part: string) => {
      const values = kept.get(`${key}/${part}`);
      if (values === undefined) throw new RangeError(`'${key}/${part}' is not among the weights`);
      if (values.length !== size) throw new RangeError(`'${key}/${part}' has ${values.length} values, not ${size}`);
      const rest = kept.get(`${key}/${part}_rest`);
      if (rest === undefined) return values;
      if (rest.length !== 2 * size)
        throw new RangeError(`'${key}/${part}_rest' has ${rest.length} values, not ${2 * size}`);
      return fromThree(values, rest);
    };
    return request.fitted(Object.fromEntries(request.fits.names.map((part) => [part, numbersOf(part)])));
  });
}

function trainingValues(maker: BatchMaker, training: Examples, indicators: readonly number[]): TrainingValues {
  const unscaled = (zero: FittedNumbers, one: FittedNumbers): void => {
    for (const feature of indicators) {
      zero[feature] = 0;
      one[feature] = 1;
    }
  };
  return {
    extremes() {
      const { min, max } = extremes(maker, training);
      unscaled(min, max);
      return { min, max };
    },
    moments() {
      const { min, max } = extremes(maker, training);
      const { mean, std } = moments(maker, training, min, max);
      unscaled(mean, std);
      return { mean, std };
    },
  };
}

function extremes(maker: BatchMaker, training: Examples): { readonly min: FittedNumbers; readonly max: FittedNumbers } {
  const numbers = areDouble(training.part.values) ? Float64Array : Float32Array;
  const min = new numbers(maker.size).fill(Number.POSITIVE_INFINITY);
  const max = new numbers(maker.size).fill(Number.NEGATIVE_INFINITY);
  visit(maker, training, (feature, value) => {
    min[feature] = Math.min(min[feature] ?? value, value);
    max[feature] = Math.max(max[feature] ?? value, value);
  });
  return { min, max };
}

function moments(
  maker: BatchMaker,
  training: Examples,
  min: FittedNumbers,
  max: FittedNumbers,
): { readonly mean: FittedNumbers; readonly std: FittedNumbers } {
  const count = training.indices.length;
  const sums = new Float64Array(maker.size);
  visit(maker, training, (feature, value) => {
    sums[feature] = (sums[feature] ?? 0) + value;
  });
  const means = sums.map((sum) => sum / count);
  const squares = new Float64Array(maker.size);
  visit(maker, training, (feature, value) => {
    const deviation = value - (means[feature] ?? 0);
    squares[feature] = (squares[feature] ?? 0) + deviation * deviation;
  });
  const alike = (feature: number): boolean => min[feature] === max[feature];
  const mean = means.map((value, feature) => (alike(feature) ? (min[feature] ?? value) : value));
  const std = squares.map((square, feature) => (alike(feature) ? 0 : Math.sqrt(square / count)));
  if (areDouble(training.part.values)) return { mean, std };
  return { mean: Float32Array.from(mean), std: Float32Array.from(std) };
}

/** Every value of every training example, with the index of its feature. */
function visit(maker: BatchMaker, { part, indices }: Examples, see: (feature: number, value: number) => void): void {
  for (let first = 0; first < indices.length; first += PORTION) {
    const chunk = indices.subarray(first, first + PORTION);
    const at = { step: 0, firstExample: first };
    const values = areDouble(part.values) ? maker.inDouble(part, chunk, at) : filled(maker, part, chunk, at);
    for (let i = 0; i < values.length; i++) see(i % maker.size, values[i] ?? 0);
  }
}

function filled(maker: BatchMaker, part: Part, chunk: Uint32Array, at: BatchPosition): Float32Array {
  const values = new Float32Array(chunk.length * maker.size);
  maker.fill(part, chunk, at, values);
  return values;
}
