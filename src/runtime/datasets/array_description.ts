import type { ClassPlaces, FileContents } from '../../compiler/library/word.js';
import { largest, smallest } from '../../numerics/extremes.js';
import type { ArrayFile } from './array_part.js';
import { countClasses, type LabelNumbers, placesOfClasses } from './class_labels.js';
import type { TableDoubt } from './csv_doubts.js';
import { rangesOfColumns, requireMagnitudes } from './precision.js';
import type { StoredArray } from './stored_array.js';

/** What has to be known of a file before it is trained on. */
export interface ArrayDescription {
  readonly count: number;
  /** Of one example, as the file has it. */
  readonly shape: readonly number[];
  /** The smallest and largest value; 0 and 1 for bytes, which stand for byte / 255. */
  readonly low: number;
  readonly high: number;
  /** One more than the largest label; null for examples alone. */
  readonly classes: number | null;
  /** Where its classes are; absent without labels, and for very many classes. */
  readonly classPlaces?: ClassPlaces;
  /** Absent for labels. */
  readonly contents?: FileContents;
  /** Features that have one value in all examples that are trained on; absent where there are none. */
  readonly constants?: readonly string[];
  /** Columns of a table that may have been meant otherwise; absent where there are none. */
  readonly doubts?: readonly TableDoubt[];
}

/** Ranges of more features would make a run's recipe large. */
const mostFeatureRanges = 10_000;

/** @param names of classes 0, 1, …; null where the numbers are */
export function describedLabels(labels: LabelNumbers, names: readonly string[] | null) {
  const classPlaces = placesOfClasses(labels, names);
  return { classes: countClasses(labels), ...(classPlaces ? { classPlaces } : {}) };
}

/**
 * Shape, range and columns of examples.
 *
 * @param trained the examples that are trained on
 * @throws DatasetError wrong_value as `requireMagnitudes`
 */
export function describeExamples(
  { path, array: { dims, data } }: ArrayFile,
  names: Pick<FileContents, 'columns' | 'classNames'>,
  trained: Uint32Array,
): ArrayDescription {
  const [count = 0, ...shape] = dims;
  const constants = shape.length === 1 ? constantColumns(data, shape[0] ?? 1, trained) : [];
  const unvaried =
    constants.length === 0 ? {} : { constants: constants.map((place) => names.columns?.[place] ?? String(place + 1)) };
  if (data instanceof Uint8Array) {
    const contents = { numbers: 'bytes', ...names, featureRanges: null } as const;
    return { count, shape, low: 0, high: 1, classes: null, contents, ...unvaried };
  }
  const ranges = rangesOfColumns(data, shape.length === 1 ? (shape[0] ?? 1) : 1);
  requireMagnitudes(ranges, names.columns, path);
  const [low, high] = [Math.fround(smallest(ranges.low)), Math.fround(largest(ranges.high))];
  const isNarrow = shape.length === 1 && ranges.low.length <= mostFeatureRanges;
  const featureRanges = isNarrow ? { low: [...ranges.low], high: [...ranges.high] } : null;
  const numbers = data instanceof Int32Array ? 'integers' : 'reals';
  return { count, shape, low, high, classes: null, contents: { numbers, ...names, featureRanges }, ...unvaried };
}

/** Columns that have one value in all of some rows; none where there are fewer than two rows. */
function constantColumns(data: StoredArray['data'], width: number, rows: Uint32Array): readonly number[] {
  if (rows.length < 2) return [];
  const start = (rows[0] ?? 0) * width;
  let open = Array.from({ length: width }, (_, column) => column);
  for (let i = 1; i < rows.length && open.length > 0; i++) {
    const row = (rows[i] ?? 0) * width;
    const isSame = (column: number): boolean => data[row + column] === data[start + column];
    if (!open.every(isSame)) open = open.filter(isSame);
  }
  return open;
}
