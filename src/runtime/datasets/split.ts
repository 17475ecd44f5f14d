import { stream } from '../random/stream.js';
import type { Dataset, Part } from './dataset.js';
import { DatasetError } from './dataset-error.js';

/** Which examples are used for what, as the data sets' words say it. */
export interface SplitRequest {
  /** Training examples, the first ones; null: all that validation leaves. */
  readonly take: number | null;
  /** Validation examples: those after the training examples. */
  readonly validation: number;
  /** Test examples: the first of the test part; of a data set without one, its last. Null: the whole test part. */
  readonly test: number | null;
  /** Permutes the examples before they are divided; not the run's seed. */
  readonly shuffleSeed: number | null;
}

export const EVERYTHING: SplitRequest = { take: null, validation: 0, test: null, shuffleSeed: null };

/** Some examples of a part, in the order of `indices`. */
export interface Examples {
  readonly part: Part;
  readonly indices: Uint32Array;
}

export interface Split {
  readonly train: Examples;
  readonly validation: Examples;
  readonly test: Examples;
}

/**
 * Divides a data set. A set that has no test part is permuted as a whole and gives its last examples to the test; where
 * there is a test part, only the training part is permuted.
 *
 * @throws DatasetError not_enough_examples
 */
export function split(dataset: Dataset, request: SplitRequest): Split {
  const { train: part, test: testPart, name } = dataset;
  const held = testPart === null ? (request.test ?? 0) : 0;
  const available = part.count - held;
  const take = request.take ?? available - request.validation;
  if (take < 1 || take + request.validation > available) {
    const validation = request.validation > 0 ? ` and ${request.validation} for validation` : '';
    const test = held > 0 ? ` and ${held} for the test` : '';
    const asked = `${request.take ?? 'some'} to train on${validation}${test}`;
    throw notEnough(name, `has ${part.count} training examples, and ${asked} are asked for`);
  }
  const tested = request.test ?? testPart?.count ?? 0;
  if (testPart !== null && tested > testPart.count) {
    throw notEnough(name, `has ${testPart.count} test examples, and ${tested} are asked for`);
  }
  const order = examplesInOrder(part.count, request.shuffleSeed);
  return {
    train: { part, indices: order.slice(0, take) },
    validation: { part, indices: order.slice(take, take + request.validation) },
    test:
      testPart === null
        ? { part, indices: order.slice(available) }
        : { part: testPart, indices: examplesInOrder(tested, null) },
  };
}

/**
 * The examples of a part that a split uses, in its order: training, validation, and test if the set has no test part.
 * Splitting them in this order gives the same parts. Null: all of them, or more than there are.
 */
export function neededExamples(count: number, request: SplitRequest, hasTestPart: boolean): Uint32Array | null {
  const { take, validation, test, shuffleSeed } = request;
  const held = hasTestPart ? 0 : (test ?? 0);
  if (take === null || take < 1 || take + validation + held >= count) return null;
  const order = examplesInOrder(count, shuffleSeed);
  const needed = new Uint32Array(take + validation + held);
  needed.set(order.subarray(0, take + validation));
  needed.set(order.subarray(count - held), take + validation);
  return needed;
}

/** Indices of a file's training examples. @param request the file's split, including test examples */
export function trainedExamples(count: number, { take, validation, test, shuffleSeed }: SplitRequest): Uint32Array {
  const trained = take ?? count - validation - (test ?? 0);
  return examplesInOrder(count, shuffleSeed).subarray(0, Math.max(0, trained));
}

function examplesInOrder(count: number, shuffleSeed: number | null): Uint32Array {
  if (shuffleSeed === null) return Uint32Array.from({ length: count }, (_, i) => i);
  return stream({ seed: shuffleSeed, path: 'data', purpose: 'division' }).permutation(count, 0);
}

function notEnough(name: string, problem: string): DatasetError {
  return new DatasetError('not_enough_examples', name, problem, 'ask for fewer examples');
}
