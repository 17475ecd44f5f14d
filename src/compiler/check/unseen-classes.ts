import { printable } from '../diagnostics/printable.js';
import type { DatasetDescription } from '../library/data-file.js';
import { type Problem, problem } from '../library/word.js';

/** How examples are split; the last `test` examples are the test set if there is no test file. */
interface Division {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly isShuffled: boolean;
}

/** Most classes that a message names. */
const mostNamed = 8;

/**
 * Warns if validation or test examples have classes that no training example has: usually the data is sorted by class
 * and split in order. For a shuffled set, only a test file is compared with the training file.
 */
export function unseenClasses(
  { classPlaces, train: available }: DatasetDescription,
  { train, validation, test, isShuffled }: Division,
): readonly Problem[] {
  if (!classPlaces) return [];
  const { names, first, last } = classPlaces.train;
  const { test: tested } = classPlaces;
  const inFile = new Set(names);
  const seen = new Set(names.filter((_, i) => isShuffled || (first[i] ?? 0) < train));
  const within = (from: number, to: number) =>
    isShuffled ? [] : names.filter((name, i) => !seen.has(name) && (first[i] ?? 0) < to && (last[i] ?? 0) >= from);
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
        hint:
          !isShuffled && classes.every((name) => inFile.has(name))
            ? 'the examples are divided in their order: shuffle_seed=1 mixes them before'
            : 'a probe cannot know them: train on some, or leave them out of the test',
      }),
    );
}

function described(classes: readonly string[]): string {
  const named = classes.slice(0, mostNamed).map((name) => `'${printable(name)}'`);
  const more = classes.length > mostNamed ? `, … (${classes.length})` : '';
  return `the ${classes.length === 1 ? 'class' : 'classes'} ${named.join(', ')}${more}`;
}
