import type { ClassPlaces } from '../../compiler/library/data-file.js';
import type { ArrayFile } from './array-part.js';
import { DatasetError } from './dataset-error.js';
import { describedDims } from './stored-array.js';

/** Class labels as stored in a file: integers of any size and sign. */
export type LabelNumbers = Uint8Array | Int32Array | Float32Array | Float64Array;

/** Labels as data sets have them. */
export interface ClassLabels {
  readonly train: Uint8Array | Int32Array;
  readonly test: Uint8Array | Int32Array | null;
  /** The classes' names in the files; null if the labels are the class numbers. */
  readonly names: readonly string[] | null;
}

/** Labels below this are used as they are; if any label is negative or larger, classes are numbered in sorted order. */
const mostPlainLabels = 65_536;

/** Classes whose places are told. */
const mostPlaces = 65_536;

/**
 * Reads a file's labels: whole numbers, stored as integers, booleans or floats.
 *
 * @throws DatasetError wrong_shape, wrong_type; wrong_value for a label beyond 2⁵³, where floats skip integers
 */
export function labelNumbers({ path, array: { dims, data } }: ArrayFile): LabelNumbers {
  if (dims.length !== 1 && !(dims.length === 2 && dims[1] === 1)) {
    const problem = `is an array of shape ${describedDims(dims)}, which is no list of labels`;
    throw new DatasetError('wrong_shape', path, problem, 'give [n], one class for each example');
  }
  if (data instanceof Uint8Array || data instanceof Int32Array) return data;
  const wrong = data.findIndex((label) => !Number.isSafeInteger(label));
  if (wrong < 0) return data;
  if (Number.isInteger(data[wrong])) {
    const problem = `label ${wrong} is ${data[wrong]}, and whole numbers beyond 2^53 are not told apart`;
    throw new DatasetError('wrong_value', path, problem, 'number the classes anew');
  }
  const problem = `has real numbers for labels: label ${wrong} is ${data[wrong]}`;
  throw new DatasetError('wrong_type', path, problem, 'give whole numbers, one for each class');
}

/** The labels of both parts, numbered alike. */
export function classLabels(train: LabelNumbers, test: LabelNumbers | null): ClassLabels {
  if (isPlain(train) && (test === null || isPlain(test))) {
    return { train: compact(train), test: test && compact(test), names: null };
  }
  const values = distinct(train, test ?? []).sort((a, b) => a - b);
  const numbers = new Map(values.map((value, i) => [value, i]));
  const numbered = (labels: LabelNumbers) => compact(Int32Array.from(labels, (label) => numberOf(label, numbers)));
  return { train: numbered(train), test: test && numbered(test), names: values.map(String) };
}

/** Number of classes after numbering: the largest label plus one, or the number of distinct labels. */
export function countClasses(labels: LabelNumbers): number {
  if (!isPlain(labels)) return distinct(labels, []).length;
  let largest = -1;
  for (let i = 0; i < labels.length; i++) largest = Math.max(largest, labels[i] ?? 0);
  return largest + 1;
}

/**
 * The first and the last example of each class; undefined for very many classes.
 * @param names of classes 0, 1, …; null if the labels are the names
 * @param order the examples in the order in which they are counted
 */
export function placesOfClasses(
  labels: LabelNumbers,
  names: readonly string[] | null,
  order: Uint32Array,
): ClassPlaces | undefined {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  for (let i = 0; i < order.length; i++) {
    const label = labels[order[i] ?? 0] ?? 0;
    if (!first.has(label)) first.set(label, i);
    last.set(label, i);
    if (first.size > mostPlaces) return undefined;
  }
  const classes = [...first.keys()].sort((a, b) => a - b);
  return {
    names: classes.map((label) => names?.[label] ?? String(label)),
    first: classes.map((label) => first.get(label) ?? 0),
    last: classes.map((label) => last.get(label) ?? 0),
  };
}

function isPlain(labels: LabelNumbers): boolean {
  if (labels instanceof Uint8Array) return true;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    if (label < 0 || label >= mostPlainLabels) return false;
  }
  return true;
}

function distinct(labels: LabelNumbers, others: ArrayLike<number>): number[] {
  const seen = new Set<number>();
  // -0 is 0 in a set.
  for (let i = 0; i < labels.length; i++) seen.add(labels[i] ?? 0);
  for (let i = 0; i < others.length; i++) seen.add(others[i] ?? 0);
  return [...seen];
}

/** Stores labels as bytes if they fit. */
function compact(labels: LabelNumbers): Uint8Array | Int32Array {
  for (let i = 0; i < labels.length; i++) if ((labels[i] ?? 0) > 255) return Int32Array.from(labels);
  return Uint8Array.from(labels);
}

/** The training part's classes, followed by those found only in a test part, sorted by UTF-16 units. */
export function withKnown(known: readonly string[], found: ReadonlySet<string>): readonly string[] {
  const before = new Set(known);
  return [...known, ...[...found].filter((name) => !before.has(name)).sort((a, b) => (a < b ? -1 : 1))];
}

/** The labels of some examples. @throws RangeError for an example that there is not */
export function labelsAt(labels: ArrayLike<number>, indices: ArrayLike<number>): Int32Array {
  return Int32Array.from(indices, (index) => {
    const label = labels[index];
    if (label === undefined) throw new RangeError(`there is no example ${index} of ${labels.length}`);
    return label;
  });
}

/** The number of a class. @throws RangeError for one that was not counted */
export function numberOf<T>(name: T, numbers: ReadonlyMap<T, number>): number {
  const number = numbers.get(name);
  if (number === undefined) throw new RangeError(`the class '${String(name)}' has no number`);
  return number;
}
