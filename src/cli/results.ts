import { openStore, type Store } from '../runtime/store/store.js';
import { exitCodes } from './failure.js';

/**
 * Reads the results; the database is closed whatever happens. Whoever reads the output may stop when it has enough, as
 * `head` does: then the command is over.
 *
 * @throws StoreError
 */
export async function withResults<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  if (!process.stdout.listeners('error').includes(onClosedOutput)) process.stdout.on('error', onClosedOutput);
  const store = await openStore(path, { mode: 'read' });
  try {
    return await read(store);
  } finally {
    store.close();
  }
}

function onClosedOutput(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.ok);
}
