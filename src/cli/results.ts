import { openStore, type Store } from '../runtime/store/store.js';

/**
 * Reads the results; the database is closed whatever happens.
 *
 * @throws StoreError
 */
export async function withResults<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openStore(path, { mode: 'read' });
  try {
    return await read(store);
  } finally {
    store.close();
  }
}
