import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { guarded } from './store-error.js';

/** Whoever only looks at a lock (see {@link isHeld}) has it for an instant; that is waited out. */
const LOOK_MILLISECONDS = 250;

/**
 * A lock of the operating system on an empty file, taken through SQLite. It ends with the process whatever ends that, so no id
 * of a process, boot or clock has to be trusted. The file stays and means nothing by itself.
 */
export class FileLock {
  readonly #connection: Database.Database;

  private constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  /** Null when any other process has the lock. @throws StoreError */
  static exclusive(path: string): FileLock | null {
    return FileLock.#take(path, 'BEGIN EXCLUSIVE');
  }

  /** Null when another process has the lock for itself. @throws StoreError */
  static shared(path: string): FileLock | null {
    return FileLock.#take(path, 'BEGIN');
  }

  static #take(path: string, begin: string): FileLock | null {
    return guarded(path, () => {
      const connection = new Database(path, { timeout: LOOK_MILLISECONDS });
      try {
        // Nothing is ever written to the file; without this SQLite would put a journal beside it.
        connection.pragma('journal_mode = MEMORY');
        connection.exec(begin);
        connection.prepare('SELECT count(*) FROM sqlite_schema').get();
        return new FileLock(connection);
      } catch (error) {
        connection.close();
        if (isBusy(error)) return null;
        throw error;
      }
    });
  }

  release(): void {
    this.#connection.close();
  }
}

/** Whether some process, this one included, has the lock for itself. False where there is no such file. @throws StoreError */
export function isHeld(path: string): boolean {
  return guarded(path, () => {
    if (!existsSync(path)) return false;
    const connection = new Database(path, { readonly: true, timeout: 0 });
    try {
      connection.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      // It was removed just now.
      if (!existsSync(path)) return false;
      throw error;
    } finally {
      connection.close();
    }
  });
}

/** Whether SQLite says that somebody else has a lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
