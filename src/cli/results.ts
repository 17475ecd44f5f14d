import type { Words } from '../api/compiler.js';
import { openStore, type Store, withResultsNamed } from '../api/results.js';

/** Reads the results, and closes the database whatever happens. @throws StoreError */
export async function withResults<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openStore(path, { mode: 'read' });
  try {
    return await read(store);
  } finally {
    store.close();
  }
}

/**
 * As {@link withResults}, for a run or a run's bundle.
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
  return withResultsNamed(what, path, words, (run) => withResults(run.store, (store) => read(store, run.id)));
}
