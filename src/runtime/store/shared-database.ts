import type Database from 'better-sqlite3';
import { FileLock } from './file-lock.js';
import type { Migration } from './migrations.js';
import { migrate, newestOf, schemaVersion } from './schema.js';
import { guarded, StoreError } from './store-error.js';

/** Polling interval while waiting for another process. */
const POLL_MILLISECONDS = 50;

/** How long a wait lasts before anyone is told: another command that creates the schema is done by then. */
const UNTOLD_MILLISECONDS = 300;

export interface SharingOptions {
  readonly migrations: readonly Migration[];
  /** How long to wait for other processes. */
  readonly patienceMilliseconds: number;
  /** Called once, if the wait is not over in a moment. */
  readonly onWait: () => void;
}

/**
 * Joins the writers of a database, whose schema is then, and stays, the newest. All writers share `results.db.lock`; a
 * migration, or a release that can't share, holds it exclusively.
 *
 * @returns the lock, to be held while the database is written; null if others still hold it after the timeout
 */
export async function shareDatabase(
  database: Database.Database,
  path: string,
  options: SharingOptions,
): Promise<FileLock | null> {
  const { migrations } = options;
  const newest = newestOf(migrations);
  return patiently(options, () => {
    const lock = sharedIf(path, () => schemaVersion(database, path, migrations) === newest);
    if (lock !== null) return lock;
    return migrateAlone(database, path, migrations) ? 'again' : null;
  });
}

/**
 * Becomes the only writer of a database, and migrates its schema.
 *
 * @returns the lock; null if others still write after the timeout
 */
export async function haveDatabaseAlone(
  database: Database.Database,
  path: string,
  options: SharingOptions,
): Promise<FileLock | null> {
  const { migrations } = options;
  return patiently(options, () => {
    const alone = FileLock.exclusive(`${path}.lock`);
    if (alone === null) return null;
    try {
      guarded(path, () => migrate(database, path, migrations));
      return alone;
    } catch (error) {
      alone.release();
      throw error;
    }
  });
}

/** Tries to get a lock until there is one, or until the timeout; null then. @param attempt null if others hold it */
async function patiently(
  { patienceMilliseconds, onWait }: SharingOptions,
  attempt: () => FileLock | 'again' | null,
): Promise<FileLock | null> {
  const [began, deadline] = [performance.now(), performance.now() + patienceMilliseconds];
  for (let told = false; ; ) {
    const lock = attempt();
    if (lock === 'again') continue;
    if (lock !== null) return lock;
    if (performance.now() >= deadline) return null;
    if (!told && performance.now() - began >= Math.min(UNTOLD_MILLISECONDS, patienceMilliseconds / 2)) {
      onWait();
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** Takes the lock shared, unless another process holds it exclusively or `condition` fails once it is taken. */
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

/** Migrates the schema unless another process writes. @returns whether the schema is up to date */
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

/** @param who live writers, as far as they are known */
export function lockedError(path: string, who: string | null): StoreError {
  return new StoreError(
    'locked',
    path,
    `${path}: ${who ?? 'another process'} is writing this database`,
    'wait until it has finished, or use another database',
  );
}
