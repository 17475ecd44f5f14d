import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { systemReason } from '../../files/system-error.js';
import { writeFile } from '../../files/write-file.js';
import { isSqliteError, openDatabase } from './sqlite.js';

/** Whether a drive meets the needs of a results database. */
export interface DriveReport {
  /** Null if it can; otherwise the reason, to complete a sentence. */
  readonly write: string | null;
  readonly locks: string | null;
  /** Shared memory file of SQLite's write-ahead log. */
  readonly wal: string | null;
  /** Whether a rename is durable; `write` covers the files themselves. */
  readonly folderSync: string | null;
  /** Null if the system doesn't say. */
  readonly freeBytes: number | null;
}

/** Tries in a temporary folder everything that a database would do in this one. */
export function checkDrive(folder: string): DriveReport {
  const freeBytes = attempt(() => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  });
  let place = '';
  const made = attempt(() => {
    place = mkdtempSync(join(folder, '.aedsl-doctor-'));
  });
  const without = `it could not be tried`;
  const free = typeof freeBytes.value === 'number' ? freeBytes.value : null;
  if (made.problem !== null) {
    return { write: made.problem, locks: without, wal: without, folderSync: without, freeBytes: free };
  }
  try {
    return {
      write: attempt(() => writeFile(join(place, 'file'), 'what a file holds')).problem,
      locks: attempt(() => checkLocks(join(place, 'locks.db'))).problem,
      wal: attempt(() => checkWal(join(place, 'wal.db'))).problem,
      folderSync: process.platform === 'win32' ? null : attempt(() => syncFolder(place)).problem,
      freeBytes: free,
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function attempt<T>(action: () => T): { readonly value: T | null; readonly problem: string | null } {
  try {
    return { value: action(), problem: null };
  } catch (error) {
    return { value: null, problem: systemReason(error) };
  }
}

/** @throws if a second connection gets in beside the first, or there are no locks at all */
function checkLocks(path: string): void {
  const [first, second] = [openDatabase(path, { timeout: 0 }), openDatabase(path, { timeout: 0 })];
  try {
    first.exec('CREATE TABLE t (x); BEGIN EXCLUSIVE');
    try {
      second.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      if (isSqliteError(error) && error.code.startsWith('SQLITE_BUSY')) return;
      throw error;
    }
    throw new Error('two processes could write at the same time');
  } finally {
    first.close();
    second.close();
  }
}

/** @throws if SQLite can't use its write-ahead log */
function checkWal(path: string): void {
  const database = openDatabase(path, { timeout: 0 });
  try {
    const mode = database.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal') throw new Error(`SQLite falls back to the journal mode '${String(mode)}'`);
    database.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
  } finally {
    database.close();
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
