import type {
  ClassChoice,
  ClassPlaces,
  ClassSelection,
  DescribedCondition,
  FileContents,
  SelectedExamples,
} from '../../compiler/library/data-file.js';
import { largest, smallest } from '../../numerics/extremes.js';
import { anyNumber, count, listOf, nullable, object, oneOf, type SchemaOutput, text } from '../formats/json.js';
import type { ArrayFile } from './array-part.js';
import { type ChosenClasses, chosenAmong } from './chosen-classes.js';
import { countClasses, type LabelNumbers, placesOfClasses } from './class-labels.js';
import type { TableDoubt } from './csv-doubts.js';
import { DatasetError } from './dataset-error.js';
import { PrecisionSurvey, requireMagnitudes } from './precision.js';
import { countChosen, EVERYTHING, type SplitRequest, trainableFirst } from './split.js';
import { product, type StoredArray } from './stored-array.js';

/** Facts about a file that are needed before training. */
export interface ArrayDescription {
  readonly count: number;
  /** Shape of one example, as stored in the file. */
  readonly shape: readonly number[];
  /** Smallest and largest value; 0 and 1 for bytes, which stand for byte / 255. */
  readonly low: number;
  readonly high: number;
  /** Largest label plus one; null if the file holds examples only. */
  readonly classes: number | null;
  /** Positions of each class; absent without labels or with very many classes. */
  readonly classPlaces?: ClassPlaces;
  /** Absent if no classes are selected. */
  readonly selected?: SelectedExamples;
  /** Absent for labels. */
  readonly contents?: FileContents;
  /** Largest byte if it is below 128; absent otherwise, and for other numbers. */
  readonly mostByte?: number;
  /** Features that are constant over all training examples; absent if there are none. */
  readonly constants?: readonly string[];
  /** Columns of a table that are conditions; absent if there are none. */
  readonly conditions?: readonly DescribedCondition[];
  /** Places of features that say with 0 or 1 whether an example is of a category; absent if there are none. */
  readonly indicators?: readonly number[];
  /** Columns of a table that may be misread; absent if there are none. */
  readonly doubts?: readonly TableDoubt[];
  /** Bytes of examples in use beyond which they stay in the file; absent if they are always read into memory. */
  readonly staysAbove?: number;
  /** Memory of one value once it is read, in bytes; absent for those of bytes and of float32. */
  readonly valueBytes?: number;
  /** Memory of one value while the file is read, in bytes; absent if that is what it takes afterwards. */
  readonly readingBytes?: number;
}

/** Ranges of more features would make a run's recipe large. */
const mostFeatureRanges = 10_000;

const ranges = listOf(anyNumber, mostFeatureRanges);

/** The description of examples whose columns and classes have no names, as JSON. */
export const keptDescription = object({
  count,
  shape: listOf(count, 8),
  low: anyNumber,
  high: anyNumber,
  contents: object({
    numbers: oneOf('bytes', 'integers', 'reals'),
    featureRanges: nullable(object({ low: ranges, high: ranges })),
  }),
  mostByte: nullable(count),
  valueBytes: nullable(count),
  constants: nullable(listOf(text, 2 ** 24)),
  doubts: nullable(listOf(object({ message: text, hint: text }), 16)),
});

export function descriptionKept(kept: SchemaOutput<typeof keptDescription>): ArrayDescription {
  const { contents, mostByte, valueBytes, constants, doubts, ...described } = kept;
  return {
    ...described,
    classes: null,
    contents: { ...contents, columns: null, classNames: null },
    ...(mostByte === null ? {} : { mostByte }),
    ...(valueBytes === null ? {} : { valueBytes }),
    ...(constants === null ? {} : { constants }),
    ...(doubts === null ? {} : { doubts }),
  };
}

/**
 * @param names of classes 0, 1, …; null if the labels are the names
 * @param select the classes in use; their places are counted among the examples that are kept
 * @param used how the file is divided
 */
export function describedLabels(
  labels: LabelNumbers,
  names: readonly string[] | null,
  select?: ClassSelection,
  used: Pick<SplitRequest, 'test' | 'shuffleSeed'> = EVERYTHING,
) {
  const classes = countClasses(labels);
  const placed = (chosen: ChosenClasses | null) => {
    const classPlaces = placesOfClasses(labels, names, trainableFirst(labels.length, used, chosen));
    return classPlaces ? { classPlaces } : {};
  };
  if (select === undefined) return { classes, ...placed(null) };
  const chosen = chosenByName(labels, names, select);
  const { test = null, shuffleSeed = null } = select;
  const counted = countChosen(labels.length, { test, shuffleSeed }, chosen);
  const there = [...new Set(labels)].sort((a, b) => a - b).map((label) => nameOfLabel(label, names));
  const present = new Set(there);
  const absent = [...(select.classes ?? []), ...(select.trainOn ?? [])].filter((one) => !present.has(one));
  return { classes, selected: { ...counted, absent, present: there }, ...placed(chosen) };
}

/** The examples of a file that a choice of classes means. Classes that aren't there have none. */
export function chosenByName(
  labels: LabelNumbers,
  names: readonly string[] | null,
  { classes, trainOn }: ClassChoice,
): ChosenClasses {
  const distinct = [...new Set(labels)];
  const numbers = (asked: readonly string[]) =>
    new Set(distinct.filter((label) => asked.includes(nameOfLabel(label, names))));
  return chosenAmong(labels, classes && numbers(classes), trainOn && numbers(trainOn));
}

function nameOfLabel(label: number, names: readonly string[] | null): string {
  // -0 is 0 in a text.
  return names?.[label] ?? String(label);
}

/**
 * Shape, range and columns of examples.
 *
 * @param trained examples to train on
 * @throws DatasetError wrong_value as `requireMagnitudes`
 */
export function describeExamples(
  { path, array: { dims, data } }: ArrayFile,
  names: Pick<FileContents, 'columns' | 'classNames'>,
  trained: Uint32Array,
): ArrayDescription {
  const survey = new ExampleSurvey(dims, trained);
  survey.take(data);
  return survey.description(path, names);
}

/** Looks through examples, a piece at a time: an array that is larger than memory can be described. */
export class ExampleSurvey {
  readonly #dims: readonly number[];
  readonly #shape: readonly number[];
  readonly #size: number;
  readonly #ranges: PrecisionSurvey;
  readonly #isTrained: Uint8Array;
  /** The first training example; null until it has been read. */
  #first: StoredArray['data'] | null = null;
  /** Columns that have been constant so far over all training examples. */
  #constant: number[];
  #numbers: FileContents['numbers'] = 'bytes';
  #mostByte = 0;
  #taken = 0;

  /** @param trained examples to train on; columns count as constant only with at least two */
  constructor(dims: readonly number[], trained: Uint32Array) {
    const [count = 0, ...shape] = dims;
    this.#dims = dims;
    this.#shape = shape;
    this.#size = product(shape);
    this.#ranges = new PrecisionSurvey(dims, trained);
    this.#isTrained = new Uint8Array(count);
    for (const row of trained) this.#isTrained[row] = 1;
    const areFeatures = shape.length === 1 && trained.length > 1;
    this.#constant = areFeatures ? Array.from({ length: this.#size }, (_, column) => column) : [];
  }

  /** @param data of the examples that follow those that it has seen */
  take(data: StoredArray['data']): void {
    if (data instanceof Int32Array) this.#numbers = this.#numbers === 'reals' ? 'reals' : 'integers';
    else if (!(data instanceof Uint8Array)) this.#numbers = 'reals';
    if (data instanceof Uint8Array) this.#seeBytes(data);
    else this.#ranges.take(data);
    const count = this.#size === 0 ? 0 : data.length / this.#size;
    for (let i = 0; i < count && this.#constant.length > 0; i++) {
      if (this.#isTrained[this.#taken + i] === 1) this.#compare(data.subarray(i * this.#size, (i + 1) * this.#size));
    }
    this.#taken += count;
  }

  #seeBytes(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length && this.#mostByte < 128; i++) {
      this.#mostByte = Math.max(this.#mostByte, bytes[i] ?? 0);
    }
  }

  #compare(example: StoredArray['data']): void {
    this.#first ??= example.slice();
    const first = this.#first;
    const isSame = (column: number): boolean => example[column] === first[column];
    if (!this.#constant.every(isSame)) this.#constant = this.#constant.filter(isSame);
  }

  /** @throws DatasetError wrong_shape without examples; wrong_value as `requireMagnitudes` */
  description(path: string, names: Pick<FileContents, 'columns' | 'classNames'>): ArrayDescription {
    const [count = 0] = this.#dims;
    if (count === 0) throw new DatasetError('wrong_shape', path, 'has no examples', 'give some examples');
    const shape = this.#shape;
    const constants = this.#constant.map((place) => names.columns?.[place] ?? String(place + 1));
    const unvaried = constants.length === 0 ? {} : { constants };
    const numbers = this.#numbers;
    if (numbers === 'bytes') {
      const contents = { numbers, ...names, featureRanges: null };
      const most = this.#mostByte < 128 ? { mostByte: this.#mostByte } : {};
      return { count, shape, low: 0, high: 1, classes: null, contents, ...most, ...unvaried };
    }
    const ranges = this.#ranges.ranges();
    requireMagnitudes(ranges, names.columns, path);
    const [low, high] = [Math.fround(smallest(ranges.low)), Math.fround(largest(ranges.high))];
    const isNarrow = shape.length === 1 && ranges.low.length <= mostFeatureRanges;
    const featureRanges = isNarrow ? { low: [...ranges.low], high: [...ranges.high] } : null;
    const contents = { numbers, ...names, featureRanges };
    const inDouble = this.#ranges.precision() === 'double' ? { valueBytes: Float64Array.BYTES_PER_ELEMENT } : {};
    return { count, shape, low, high, classes: null, contents, ...inDouble, ...unvaried };
  }
}
