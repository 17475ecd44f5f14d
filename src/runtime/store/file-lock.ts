import { existsSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { isSqliteError, openDatabase } from './sqlite.js';
import { guarded } from './store-error.js';

/** A process that only tests a lock (see {@link isHeld}) holds it for an instant; wait that out. */
const LOOK_MILLISECONDS = 250;

/**
 * An operating system lock on an empty file, taken through SQLite. It is released when the process ends, however that
 * happens, so it relies on no process id, boot id or clock. The file stays, and means nothing by itself.
 */
export class FileLock {
  readonly #connection: Database.Database;

  private constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  /** Returns null if any other process holds the lock. @throws StoreError */
  static exclusive(path: string): FileLock | null {
    return FileLock.#take(path, 'BEGIN EXCLUSIVE');
  }

  /** Returns null if another process holds the lock exclusively. @throws StoreError */
  static shared(path: string): FileLock | null {
    return FileLock.#take(path, 'BEGIN');
  }

  static #take(path: string, begin: string): FileLock | null {
    return guarded(path, () => {
      const connection = openDatabase(path, { timeout: LOOK_MILLISECONDS });
      try {
        // The file is never written to; without this SQLite would create a journal beside it.
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

/**
 * Returns whether any process, including this one, holds the lock exclusively. False if the file doesn't exist. @throws
 * StoreError
 */
export function isHeld(path: string): boolean {
  return guarded(path, () => {
    if (!existsSync(path)) return false;
    const connection = openDatabase(path, { readonly: true, timeout: 0 });
    try {
      connection.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      // Removed just now by another process.
      if (!existsSync(path)) return false;
      throw error;
    } finally {
      connection.close();
    }
  });
}

/** Returns whether SQLite reports that another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && error.code.startsWith('SQLITE_BUSY');
}
