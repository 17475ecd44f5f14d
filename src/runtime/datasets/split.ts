import type { ClassChoice } from '../../compiler/library/data-file.js';
import { stream } from '../random/stream.js';
import { type ChosenClasses, chosenClasses, keptClasses } from './chosen-classes.js';
import type { Dataset, Part } from './dataset.js';
import { DatasetError } from './dataset-error.js';

/** Which examples are used for what, as the data sets' words say it. */
export interface SplitRequest extends ClassChoice {
  /** Training examples, the first ones of the classes to train on; null: all that validation leaves. */
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
  /** Their targets, of another data set; absent if each is its own. */
  readonly target?: Omit<Examples, 'target'>;
}

export interface Split {
  readonly train: Examples;
  readonly validation: Examples;
  readonly test: Examples;
  /**
   * The validation examples with those between and after them that are not trained on, which measures of the validation
   * part see.
   */
  readonly measuredValidation: Examples;
}

/**
 * Divides a data set. A set that has no test part is permuted as a whole and gives its last examples to the test; where
 * there is a test part, only the training part is permuted. Only the test has examples of classes that are kept and not
 * trained on.
 *
 * @throws DatasetError not_enough_examples; as `chosenClasses`
 */
export function split(dataset: Dataset, request: SplitRequest): Split {
  const { train: part, test: testPart, name } = dataset;
  const divided = divide(part.count, request, testPart !== null, chosenClasses(dataset, part.labels, request));
  const { available } = divided;
  const held = testPart === null ? (request.test ?? 0) : 0;
  const take = request.take ?? available - request.validation;
  if (take < 1 || take + request.validation > available) {
    const validation = request.validation > 0 ? ` and ${request.validation} for validation` : '';
    const test = held > 0 ? ` and ${held} for the test` : '';
    const asked = `${request.take ?? 'some'} to train on${validation}${test}`;
    const ofClasses = request.classes || request.trainOn ? ' of these classes' : '';
    const there = ofClasses === '' ? part.count : available;
    throw notEnough(name, `has ${there} training examples${ofClasses}, and ${asked} are asked for`);
  }
  if (testPart === null) {
    return {
      train: { part, indices: divided.train },
      validation: { part, indices: divided.validation },
      test: { part, indices: divided.test },
      measuredValidation: { part, indices: divided.measured },
    };
  }
  const tests = keptInOrder(testPart.count, null, chosenClasses(dataset, testPart.labels, keptClasses(request)));
  const tested = request.test ?? tests.length;
  if (tested > tests.length) {
    throw notEnough(name, `has ${tests.length} test examples, and ${tested} are asked for`);
  }
  return {
    train: { part, indices: divided.train },
    validation: { part, indices: divided.validation },
    measuredValidation: { part, indices: divided.measured },
    test: { part: testPart, indices: tests.slice(0, tested) },
  };
}

interface Divided {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  /** The validation examples, and others that lie between and after them, up to the next that could be trained on. */
  readonly measured: Uint32Array;
  /** Empty if the set has a test part. */
  readonly test: Uint32Array;
  /** Examples that can be trained or validated on. */
  readonly available: number;
}

/** @param chosen null: all classes alike */
function divide(count: number, request: SplitRequest, hasTestPart: boolean, chosen: ChosenClasses | null): Divided {
  const kept = keptInOrder(count, request.shuffleSeed, chosen);
  const held = hasTestPart ? 0 : (request.test ?? 0);
  const rest = kept.subarray(0, Math.max(0, kept.length - held));
  const usable = chosen === null ? rest : rest.filter(chosen.isTrained);
  const take = Math.max(0, request.take ?? usable.length - request.validation);
  const validation = usable.slice(take, take + request.validation);
  return {
    train: usable.slice(0, take),
    validation,
    measured: chosen === null || validation.length === 0 ? validation : between(rest, usable, take, validation.length),
    test: kept.slice(rest.length),
    available: kept.length < held ? kept.length - held : usable.length,
  };
}

/** Examples after the one before `usable[first]`, and before the one that follows `count` of them. */
function between(all: Uint32Array, usable: Uint32Array, first: number, count: number): Uint32Array {
  const [before, after] = [usable[first - 1], usable[first + count]];
  const start = before === undefined ? 0 : all.indexOf(before) + 1;
  return all.slice(start, after === undefined ? all.length : all.indexOf(after));
}

/**
 * The examples of a part that a split uses, in its order: training, validation, and test if the set has no test part.
 * Splitting them in this order gives the same parts. Null: all of them, or more than there are.
 */
export function neededExamples(
  count: number,
  request: SplitRequest,
  hasTestPart: boolean,
  chosen: ChosenClasses | null = null,
): Uint32Array | null {
  const { take, validation } = request;
  if (chosen === null && (take === null || take < 1)) return null;
  const { train, measured, test, available } = divide(count, request, hasTestPart, chosen);
  const isShort = train.length < 1 || (take ?? 0) + validation > available;
  if (isShort || train.length + measured.length + test.length >= count) return null;
  return joined(train, measured, test);
}

/** Indices of a file's training examples. @param request the file's split, including test examples */
export function trainedExamples(
  count: number,
  request: SplitRequest,
  chosen: ChosenClasses | null = null,
): Uint32Array {
  return divide(count, request, false, chosen).train;
}

/** Indices of a file's training examples, and of all others that are used. @param request like `trainedExamples` */
export function usedIndices(
  count: number,
  request: SplitRequest,
  chosen: ChosenClasses | null = null,
): { readonly trained: Uint32Array; readonly others: Uint32Array } {
  const { train, measured, test } = divide(count, request, false, chosen);
  return { trained: train, others: joined(measured, test) };
}

/** Indices one after the other. There may be more than an array of any elements holds. */
export function joined(...parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

/** How many examples of a file are kept, and how many of these can be trained or validated on. */
export function countChosen(
  count: number,
  { test, shuffleSeed }: Pick<SplitRequest, 'test' | 'shuffleSeed'>,
  chosen: ChosenClasses,
): { readonly kept: number; readonly trained: number } {
  const kept = keptInOrder(count, shuffleSeed, chosen);
  const rest = kept.subarray(0, Math.max(0, kept.length - (test ?? 0)));
  return { kept: kept.length, trained: rest.filter(chosen.isTrained).length };
}

/**
 * The examples of a file that are kept, in the order in which they are divided, but those that cannot be trained on come
 * last: held for the test, or of classes that are not trained on.
 */
export function trainableFirst(
  count: number,
  { test, shuffleSeed }: Pick<SplitRequest, 'test' | 'shuffleSeed'>,
  chosen: ChosenClasses | null,
): Uint32Array {
  const kept = keptInOrder(count, shuffleSeed, chosen);
  if (chosen === null) return kept;
  const end = Math.max(0, kept.length - (test ?? 0));
  const isTrainable = (example: number, place: number) => place < end && chosen.isTrained(example);
  const trainable = kept.filter(isTrainable);
  const ordered = new Uint32Array(kept.length);
  ordered.set(trainable);
  ordered.set(
    kept.filter((example, place) => !isTrainable(example, place)),
    trainable.length,
  );
  return ordered;
}

function keptInOrder(count: number, shuffleSeed: number | null, chosen: ChosenClasses | null): Uint32Array {
  const order = examplesInOrder(count, shuffleSeed);
  return chosen === null ? order : order.filter(chosen.isKept);
}

function examplesInOrder(count: number, shuffleSeed: number | null): Uint32Array {
  if (shuffleSeed === null) return Uint32Array.from({ length: count }, (_, i) => i);
  return stream({ seed: shuffleSeed, path: 'data', purpose: 'division' }).permutation(count, 0);
}

function notEnough(name: string, problem: string): DatasetError {
  return new DatasetError('not_enough_examples', name, problem, 'ask for fewer examples');
}
