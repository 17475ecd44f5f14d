import type Database from 'better-sqlite3';
import { FileLock } from './file-lock.js';
import type { Migration } from './migrations.js';
import { migrate, newestOf, schemaVersion } from './schema.js';
import { guarded, StoreError } from './store-error.js';

/** How often a waiting process asks again. */
const POLL_MILLISECONDS = 50;

export interface SharingOptions {
  readonly migrations: readonly Migration[];
  /** How long to wait for other processes. */
  readonly patienceMilliseconds: number;
  /** Called once, when there are any to wait for. */
  readonly onWait: () => void;
}

/**
 * Becomes one of those that write a database, whose schema is then the newest and stays so. `results.db.lock` is shared by all of
 * them; who changes the schema has it alone, and so does a release that can't share.
 *
 * @returns the lock, which is kept for as long as the database is written; null when others still have it after the patience
 */
export async function shareDatabase(
  database: Database.Database,
  path: string,
  { migrations, patienceMilliseconds, onWait }: SharingOptions,
): Promise<FileLock | null> {
  const newest = newestOf(migrations);
  const deadline = performance.now() + patienceMilliseconds;
  for (let waited = false; ; ) {
    const lock = sharedIf(path, () => schemaVersion(database, path, migrations) === newest);
    if (lock !== null) return lock;
    if (migrateAlone(database, path, migrations)) continue;
    if (performance.now() >= deadline) return null;
    if (!waited) onWait();
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/**
 * Becomes the only one that writes a database, and brings its schema up to date.
 *
 * @returns the lock; null when others still write after the patience
 */
export async function haveDatabaseAlone(
  database: Database.Database,
  path: string,
  { migrations, patienceMilliseconds, onWait }: SharingOptions,
): Promise<FileLock | null> {
  const deadline = performance.now() + patienceMilliseconds;
  for (let waited = false; ; ) {
    const alone = FileLock.exclusive(`${path}.lock`);
    if (alone !== null) {
      try {
        guarded(path, () => migrate(database, path, migrations));
        return alone;
      } catch (error) {
        alone.release();
        throw error;
      }
    }
    if (performance.now() >= deadline) return null;
    if (!waited) onWait();
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** The lock, unless another process has it for itself or `condition` doesn't hold while this one shares it. */
function sharedIf(path: string, condition: () => boolean): FileLock | null {
  const lock = FileLock.shared(`${path}.lock`);
  let holds = false;
  try {
    holds = lock !== null && guarded(path, condition);
    return holds ? lock : null;
  } finally {
    if (!holds) lock?.release();
  }
}

/** Brings the schema up to date unless another process writes. @returns whether it is */
function migrateAlone(database: Database.Database, path: string, migrations: readonly Migration[]): boolean {
  const alone = FileLock.exclusive(`${path}.lock`);
  if (alone === null) return false;
  try {
    guarded(path, () => migrate(database, path, migrations));
    return true;
  } finally {
    alone.release();
  }
}

/** @param who processes that write now, as far as that can be told */
export function lockedError(path: string, who: string | null): StoreError {
  return new StoreError(
    'locked',
    path,
    `${path}: ${who ?? 'another process'} is writing this database`,
    'wait until it has finished, or use another database',
  );
}
