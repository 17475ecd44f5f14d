import type { ClassChoice } from '../../compiler/library/data-file.js';
import type { Dataset } from './dataset.js';
import { DatasetError, someOf } from './dataset-error.js';

/** Which examples a choice of classes means, by their places in a part. */
export interface ChosenClasses {
  /** Whether an example is kept. */
  readonly isKept: (example: number) => boolean;
  /** Whether it can be trained on, if it is kept. */
  readonly isTrained: (example: number) => boolean;
}

/**
 * The examples that a choice of classes means.
 *
 * @returns null if it chooses all
 * @throws DatasetError wrong_type for data without labels, wrong_value for a class that isn't there
 */
export function chosenClasses(
  { name, classNames, classes: count }: Pick<Dataset, 'name' | 'classNames' | 'classes'>,
  labels: ArrayLike<number> | null,
  choice: ClassChoice,
): ChosenClasses | null {
  const { classes, trainOn } = choice;
  if (classes === undefined && trainOn === undefined) return null;
  if (labels === null) {
    throw new DatasetError('wrong_type', name, 'has no labels to choose classes by', 'give it labels');
  }
  const numbers = (asked: readonly string[]) => classNumbers({ name, classNames, classes: count }, asked);
  return chosenAmong(labels, classes && numbers(classes), trainOn && numbers(trainOn));
}

/** The numbers of classes. @throws DatasetError wrong_value for a class that isn't there */
export function classNumbers(
  { name, classNames, classes }: Pick<Dataset, 'name' | 'classNames' | 'classes'>,
  asked: readonly string[],
): ReadonlySet<number> {
  return new Set(asked.map((one) => classNumber(one, name, classNames, classes)));
}

/** The part of a choice that holds for the test too. */
export function keptClasses({ classes }: ClassChoice): ClassChoice {
  return classes === undefined ? {} : { classes };
}

/** The same by the numbers of the classes; undefined: all. */
export function chosenAmong(
  labels: ArrayLike<number>,
  classes: ReadonlySet<number> | undefined,
  trainOn: ReadonlySet<number> | undefined,
): ChosenClasses {
  const isAmong = (numbers: ReadonlySet<number> | undefined) => (example: number) =>
    numbers === undefined || numbers.has(labels[example] ?? Number.NaN);
  return { isKept: isAmong(classes), isTrained: isAmong(trainOn) };
}

/** @throws DatasetError wrong_value */
function classNumber(asked: string, set: string, names: readonly string[] | null, count: number | null): number {
  const place = classAmong(asked, names);
  if (place !== null && (names !== null || place < (count ?? 0))) return place;
  const there = names ?? Array.from({ length: count ?? 0 }, (_, i) => String(i));
  throw new DatasetError('wrong_value', set, `has no class '${asked}'`, `its classes are ${someOf(there)}`);
}

/**
 * The number of a class.
 * @param asked its name, or its number
 * @param names of classes 0, 1, …; null if their numbers are their names
 * @returns null if there is none of this name
 */
export function classAmong(asked: string, names: readonly string[] | null): number | null {
  const named = names?.indexOf(asked) ?? -1;
  if (named >= 0) return named;
  const number = /^\d{1,9}$/.test(asked) ? Number(asked) : Number.NaN;
  return Number.isInteger(number) && (names === null || number < names.length) ? number : null;
}
