import { printable } from '../diagnostics/printable.js';
import type { DatasetDescription } from '../library/data-file.js';
import { type Problem, problem } from '../library/word.js';

/** How examples are split; the last `test` examples are the test set if there is no test file. */
interface Division {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly isShuffled: boolean;
  /** Whether the data name classes to train on, so that others are for the test alone. */
  readonly isTrainedOnSome: boolean;
}

/** Most classes that a message names. */
const mostNamed = 8;

/** Labels of more classes are rather numbers that differ from example to example. */
const mostClasses = 1000;

/**
 * Warns if validation or test examples have classes that no training example has: usually the data is sorted by class
 * and split in order.
 */
export function unseenClasses(
  { classPlaces, train: available }: DatasetDescription,
  division: Division,
): readonly Problem[] {
  if (!classPlaces || division.isTrainedOnSome || classPlaces.train.names.length > mostClasses) return [];
  const { names, first, last } = classPlaces.train;
  const { test: tested } = classPlaces;
  const { train, validation, test } = division;
  const seen = trainedClasses(classPlaces.train, train);
  const within = (from: number, to: number) =>
    names.filter((name, i) => !seen.has(name) && (first[i] ?? 0) < to && (last[i] ?? 0) >= from);
  const unseenIn = [
    { part: 'validation', classes: within(train, train + validation) },
    tested === null
      ? { part: 'test', classes: within(available, available + test) }
      : { part: 'test', classes: tested.names.filter((name, i) => !seen.has(name) && (tested.first[i] ?? 0) < test) },
  ];
  return unseenIn
    .filter(({ classes }) => classes.length > 0)
    .map(({ part, classes }) =>
      problem('AE512', `no training example has ${described(classes)} of the ${part} part`, {
        severity: 'warning',
        hint: isMixingEnough(classes, names, division)
          ? 'the examples are divided in their order: shuffle_seed=1 mixes them before'
          : 'a probe cannot know them: train on some, or leave them out of the test',
      }),
    );
}

/**
 * Classes that no training example has, where the network is given the class: they would make it wider, and so move its
 * weights, without being trained on.
 */
export function classesNeverTrained({ classPlaces }: DatasetDescription, division: Division): readonly Problem[] {
  if (!classPlaces) return [];
  const { train, test } = classPlaces;
  const seen = trainedClasses(train, division.train);
  const all = [...new Set([...train.names, ...(test?.names ?? [])])];
  const unseen = all.filter((name) => !seen.has(name));
  if (unseen.length === 0) return [];
  const choice = `classes=[${seen.size > mostNamed ? '…' : [...seen].map(written).join(', ')}]`;
  const without = `or take them out of the file (${choice} leaves them out, but keeps their inputs)`;
  return [
    problem(
      'AE512',
      `a network that is told the class needs training examples of each, and none has ${described(unseen)}`,
      {
        hint: isMixingEnough(unseen, train.names, division)
          ? `the examples are divided in their order: shuffle_seed=1 mixes them before; ${without}`
          : `train on some; ${without}`,
      },
    ),
  ];
}

function trainedClasses({ names, first }: { names: readonly string[]; first: readonly number[] }, train: number) {
  return new Set(names.filter((_, i) => (first[i] ?? 0) < train));
}

/** Whether the training would have examples of the classes if the file were not in its order. */
function isMixingEnough(
  classes: readonly string[],
  inFile: readonly string[],
  { isShuffled, isTrainedOnSome }: Division,
): boolean {
  const there = new Set(inFile);
  return !isShuffled && !isTrainedOnSome && classes.every((name) => there.has(name));
}

function written(name: string): string {
  return /^\d+$/.test(name) ? name : JSON.stringify(printable(name));
}

function described(classes: readonly string[]): string {
  const named = classes.slice(0, mostNamed).map((name) => `'${printable(name)}'`);
  const more = classes.length > mostNamed ? `, … (${classes.length})` : '';
  return `the ${classes.length === 1 ? 'class' : 'classes'} ${named.join(', ')}${more}`;
}
