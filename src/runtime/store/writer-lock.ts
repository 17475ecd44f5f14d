import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { guarded } from './store-error.js';

/** How often a waiting process asks again. */
const POLL_MILLISECONDS = 50;
/** A reader that looks whether the lock is held (see {@link writerIsAlive}) has it for an instant; that is waited out. */
const READER_PATIENCE_MILLISECONDS = 250;

/**
 * The right to write a database, for as long as a process lives. It is an exclusive lock of the operating system, taken
 * through SQLite on an empty file beside the database (`results.db.lock`), so it ends with the process whatever ends
 * that, and no id of a process, boot or clock has to be trusted. The file stays and means nothing by itself.
 */
export class WriterLock {
  readonly #connection: Database.Database;

  private constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  /**
   * Waits until no other process has the lock; null when it still is another's after `patience` milliseconds.
   *
   * @param onWait called once, when it has to wait
   */
  static async acquire(databasePath: string, patience: number, onWait: () => void): Promise<WriterLock | null> {
    const path = lockPath(databasePath);
    const deadline = performance.now() + patience;
    for (let attempt = 0; ; attempt++) {
      const lock = guarded(path, () => WriterLock.#tryAcquire(path));
      if (lock !== null) return lock;
      if (performance.now() >= deadline) return null;
      if (attempt === 0) onWait();
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  }

  static #tryAcquire(path: string): WriterLock | null {
    const connection = new Database(path, { timeout: READER_PATIENCE_MILLISECONDS });
    try {
      // Nothing is ever written to the file; without this SQLite would put a journal beside it.
      connection.pragma('journal_mode = MEMORY');
      connection.exec('BEGIN EXCLUSIVE');
      return new WriterLock(connection);
    } catch (error) {
      connection.close();
      if (isBusy(error)) return null;
      throw error;
    }
  }

  release(): void {
    this.#connection.close();
  }
}

/** Whether some process, this one included, has the right to write the database now. */
export function writerIsAlive(databasePath: string): boolean {
  const path = lockPath(databasePath);
  if (!existsSync(path)) return false;
  return guarded(path, () => {
    const connection = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
    try {
      connection.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    } finally {
      connection.close();
    }
  });
}

function lockPath(databasePath: string): string {
  return `${databasePath}.lock`;
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
