import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { systemReason } from '../../files/system-error.js';
import { isBusy } from './file-lock.js';
import type { Migration } from './migrations.js';
import { schemaVersion } from './schema.js';
import { SessionLock } from './sessions.js';
import { isSqliteError, openDatabase } from './sqlite.js';
import { asStoreError, explained, guarded, StoreError } from './store-error.js';
import { checkJournals } from './store-files.js';

/** How long SQLite waits for the short locks of other connections, in ms. */
const BUSY_MILLISECONDS = 5000;

/** Like {@link BUSY_MILLISECONDS}, for one attempt to write; the store retries. */
const WRITING_MILLISECONDS = 1000;

const MOST_LOG_BYTES = 2 ** 26;

export interface Connection {
  readonly database: Database.Database;
  close(): void;
}

/** Opens for writing, creating the file if needed. Opening alone writes nothing. */
export function connectForWriting(path: string): Connection {
  checkJournals(path);
  return guarded(path, () => {
    const database = openDatabase(path, { timeout: BUSY_MILLISECONDS });
    try {
      distrust(database);
      // Readers neither block writers nor are blocked, and a killed process loses no committed data. A power failure
      // may lose the last commits, unless they were made with synchronous = FULL (see Store).
      const mode = database.pragma('journal_mode = WAL', { simple: true });
      if (mode !== 'wal') throw explained('no_shared_memory', path);
      // A slow reader lets the log grow; this shrinks it once that reader is gone.
      database.pragma(`journal_size_limit = ${MOST_LOG_BYTES}`);
      database.pragma(`busy_timeout = ${WRITING_MILLISECONDS}`);
      database.pragma('synchronous = NORMAL');
      database.pragma('foreign_keys = ON');
    } catch (error) {
      database.close();
      throw error;
    }
    return { database, close: () => guarded(path, () => database.close()) };
  });
}

/**
 * Opens for reading. An idle database in a read-only folder is copied first, since SQLite must create its shared memory
 * file beside it.
 *
 * @throws StoreError `missing`, `not_a_database`, `cannot_open`, …
 */
export function connectForReading(path: string): Connection {
  if (!existsSync(path)) {
    throw new StoreError(
      'missing',
      path,
      `${path}: there is no results database here`,
      'the first `aedsl run` creates one; go to its project, or name it with --db or AEDSL_DB',
    );
  }
  requireFile(path);
  checkJournals(path);
  try {
    return openReadable(path, () => undefined);
  } catch (error) {
    if (isBusy(error)) requireLocks(path);
    if (!isUnwritableFolder(error, path)) throw asStoreError(path, error);
  }
  return guarded(path, () => {
    const folder = mkdtempSync(join(tmpdir(), 'aedsl-results-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    try {
      const copy = join(folder, 'results.db');
      copyFileSync(path, copy);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
      return openReadable(copy, remove);
    } catch (error) {
      remove();
      throw error;
    }
  });
}

/**
 * Inspects the file at `path` before anything is written.
 *
 * @returns the schema version; 0 if there is nothing yet
 * @throws StoreError `not_a_database`, `foreign_database`, `newer_schema`, `altered_schema`, `cannot_open`, …
 */
export function inspect(path: string, migrations: readonly Migration[]): number {
  if (!existsSync(path)) return 0;
  requireFile(path);
  if (guarded(path, () => statSync(path)).size === 0) return 0;
  const { database, close } = connectForReading(path);
  try {
    return guarded(path, () => schemaVersion(database, path, migrations));
  } finally {
    close();
  }
}

/** Opening a pipe would wait for its writer. */
function requireFile(path: string): void {
  if (!guarded(path, () => statSync(path)).isFile()) {
    throw new StoreError('cannot_open', path, `${path}: this is not a file`, 'give the path of the database itself');
  }
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const hint = 'its owner can allow it: chmod u+rw, or name another database with --db';
    throw new StoreError('cannot_open', path, `${path}: it cannot be read: ${systemReason(error)}`, hint, {
      cause: error,
    });
  }
}

function openReadable(path: string, afterwards: () => void): Connection {
  const database = openDatabase(path, { readonly: true, fileMustExist: true, timeout: BUSY_MILLISECONDS });
  try {
    distrust(database);
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    database.close();
    throw error;
  }
  const close = () => {
    database.close();
    afterwards();
  };
  return { database, close };
}

/**
 * The file is untrusted: its schema may not call functions with side effects, and pages are checked as they are read.
 */
function distrust(database: Database.Database): void {
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
}

/** On a drive without locks SQLite reports the database as busy. @throws StoreError `no_locks` */
function requireLocks(path: string): void {
  try {
    SessionLock.take(path).release();
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'no_locks') throw error;
  }
}

function isUnwritableFolder(error: unknown, path: string): boolean {
  if (!isSqliteError(error) || !statSync(path).isFile()) return false;
  return error.code.startsWith('SQLITE_CANTOPEN') || error.code.startsWith('SQLITE_READONLY');
}
