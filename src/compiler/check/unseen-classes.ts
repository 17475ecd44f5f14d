import { printable } from '../diagnostics/printable.js';
import type { DatasetDescription } from '../library/word.js';
import { type Problem, problem } from '../library/word.js';

/** Which examples are used for what; the last `test` are those of a set without a test file. */
interface Division {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly isShuffled: boolean;
}

/** Classes that a sentence names. */
const mostNamed = 8;

/**
 * A warning where validation or test examples have classes that no training example has: mostly a set that is sorted by class and
 * divided in its order. Of one that is shuffled first only a test file is held against the training file.
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
