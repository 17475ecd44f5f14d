import { type BatchMaker, batchMaker } from './batch.js';
import type { Examples } from './split.js';
import {
  type FittedTransform,
  type FittingTransform,
  isPixelTransform,
  type Transform,
  type TransformRequest,
  type ValueTransform,
} from './transforms/transform.js';

/** Numbers that a transform took from the training part, one for each value of an example as the network sees it. */
export interface Statistic {
  /** `data/standardize/mean`; the second transform of one word is `standardize_2`. */
  readonly key: string;
  /** Of one example. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Examples that are looked at at once; nothing but the memory it takes depends on it. */
const PORTION = 500;

/**
 * Takes the numbers that `standardize` and `min_max` need from the training part: its examples as an evaluation sees
 * them, clean, after the transforms before. So they depend on the data and its division alone, not on the seed.
 *
 * Sums are in float64, one for each feature, over the examples in the order of `training.indices`; the standard deviation
 * is that around the mean, divided by n. The results are rounded to float32. A feature that never varies has its value
 * for the mean and 0 for the standard deviation.
 *
 * @param stored the shape of the stored examples
 */
export function fitTransforms(
  stored: readonly number[],
  requests: readonly TransformRequest[],
  training: Examples,
): readonly Transform[] {
  const pixels = requests.filter(isPixelTransform);
  const values: ValueTransform[] = [];
  for (const request of requests) {
    if (isPixelTransform(request)) continue;
    if (isFitting(request)) {
      values.push(fitted(request, batchMaker(stored, [...pixels, ...values], 'evaluation'), training));
    } else {
      values.push(request);
    }
  }
  return [...pixels, ...values];
}

/** What `fitTransforms` found, to be kept with the weights. @param shape of one example as the network sees it */
export function statisticsOf(transforms: readonly Transform[], shape: readonly number[]): readonly Statistic[] {
  const name = ordinals();
  return transforms.flatMap((transform): Statistic[] => {
    if (transform.word !== 'standardize' && transform.word !== 'min_max') return [];
    const key = `data/${name(transform.word)}`;
    const [first, second] = numbersOf(transform);
    return [first, second].map(([part, values]) => ({ key: `${key}/${part}`, shape, values }));
  });
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
): readonly Transform[] {
  const name = ordinals();
  return requests.map((request) => {
    if (isPixelTransform(request) || !isFitting(request)) return request;
    const key = `data/${name(request.word)}`;
    return withNumbers(request, (part) => {
      const values = kept.get(`${key}/${part}`);
      if (values === undefined) throw new RangeError(`'${key}/${part}' is not among the weights`);
      if (values.length !== size) throw new RangeError(`'${key}/${part}' has ${values.length} values, not ${size}`);
      return values;
    });
  });
}

function withNumbers(request: FittingTransform, numbers: (part: string) => Float32Array): FittedTransform {
  switch (request.word) {
    case 'standardize':
      return { ...request, mean: numbers('mean'), std: numbers('std') };
    case 'min_max':
      return { ...request, min: numbers('min'), max: numbers('max') };
  }
}

function isFitting(request: TransformRequest): request is FittingTransform {
  return request.word === 'standardize' || request.word === 'min_max';
}

type Named = readonly [part: string, values: Float32Array];

function numbersOf(transform: FittedTransform): readonly [Named, Named] {
  switch (transform.word) {
    case 'standardize':
      return [
        ['mean', transform.mean],
        ['std', transform.std],
      ];
    case 'min_max':
      return [
        ['min', transform.min],
        ['max', transform.max],
      ];
  }
}

/** Tells the second transform of one word from the first. */
function ordinals(): (word: string) => string {
  const counts = new Map<string, number>();
  return (word) => {
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    return count === 1 ? word : `${word}_${count}`;
  };
}

function fitted(request: FittingTransform, maker: BatchMaker, training: Examples): FittedTransform {
  const { min, max } = extremes(maker, training);
  switch (request.word) {
    case 'standardize':
      return { ...request, ...moments(maker, training, min, max) };
    case 'min_max':
      return { ...request, min, max };
  }
}

function extremes(maker: BatchMaker, training: Examples): { readonly min: Float32Array; readonly max: Float32Array } {
  const min = new Float32Array(maker.size).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(maker.size).fill(Number.NEGATIVE_INFINITY);
  visit(maker, training, (feature, value) => {
    min[feature] = Math.min(min[feature] ?? value, value);
    max[feature] = Math.max(max[feature] ?? value, value);
  });
  return { min, max };
}

function moments(
  maker: BatchMaker,
  training: Examples,
  min: Float32Array,
  max: Float32Array,
): { readonly mean: Float32Array; readonly std: Float32Array } {
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
  return {
    mean: Float32Array.from(means, (mean, feature) => (alike(feature) ? (min[feature] ?? mean) : mean)),
    std: Float32Array.from(squares, (square, feature) => (alike(feature) ? 0 : Math.sqrt(square / count))),
  };
}

/** Every value of every training example, with the index of its feature. */
function visit(maker: BatchMaker, { part, indices }: Examples, see: (feature: number, value: number) => void): void {
  for (let first = 0; first < indices.length; first += PORTION) {
    const portion = indices.subarray(first, first + PORTION);
    const values = new Float32Array(portion.length * maker.size);
    maker.fill(part, portion, { step: 0, firstExample: first }, values);
    for (let i = 0; i < values.length; i++) see(i % maker.size, values[i] ?? 0);
  }
}
