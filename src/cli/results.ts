import { takeIn } from '../api/compare.js';
import type { Words } from '../api/compiler.js';
import { namesBundle, readStore, type Store, withNamedRun, withResultsNamed } from '../api/results.js';
import type { Console } from './console.js';

/**
 * Reads the results that have a run, or those of a run's bundle.
 *
 * @param read receives the run's id in these results
 * @throws StoreError, BundleError, UsageError
 */
export function withResultsOf<T>(
  what: string,
  path: string,
  words: Words,
  read: (store: Store, id: string) => T | Promise<T>,
): Promise<T> {
  return withResultsNamed(what, path, words, (run) => readStore(run.store, (store) => read(store, run.id)));
}

/**
 * A run to continue must be in the results, so a bundle's run is imported first.
 * @returns its id there
 * @throws BundleError, UsageError, StoreError
 */
export async function runTakenIn(
  console: Console,
  what: string,
  database: string,
  commandLine: readonly string[],
  words: Words,
): Promise<string> {
  if (!namesBundle(what)) return what;
  const { from, to, known } = await takeIn(what, database, ['aedsl', ...commandLine].join(' '), words);
  console.err(`${from} of ${what} is ${known ? '' : 'now '}${to} in ${database}\n`);
  return to;
}

/**
 * Like {@link runTakenIn}; an experiment stands for its latest complete run.
 * @throws BundleError, UsageError, StoreError
 */
export async function completeRunTakenIn(
  console: Console,
  what: string,
  database: string,
  commandLine: readonly string[],
  words: Words,
): Promise<string> {
  if (namesBundle(what)) return runTakenIn(console, what, database, commandLine, words);
  return withNamedRun(what, database, words, ({ id }) => id);
}
