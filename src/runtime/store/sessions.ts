import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { CheckedRows } from './checked-rows.js';
import { FileLock, isHeld } from './file-lock.js';
import type { Writer } from './records.js';
import { explained, guarded, StoreError } from './store-error.js';
import { hasForm, isFolder, makeOwnFolder, removeFile } from './store-files.js';

/** For how long a session that was seen alive is believed to be. */
const BELIEVED_MILLISECONDS = 100;

/** Where each session of a database has its lock, beside the database `results.db`. */
export function sessionFolder(databasePath: string): string {
  return `${databasePath}.sessions`;
}

/** The lock of a session of this process: while it is held, the runs and sweeps of the session belong to it. */
export class SessionLock {
  /** Its file's name, which no other session has; a row of the database names it. */
  readonly name: string;
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(name: string, path: string, lock: FileLock) {
    this.name = name;
    this.path = path;
    this.#lock = lock;
  }

  /**
   * @param databasePath of a file that exists
   * @throws StoreError `no_locks` where the drive has none
   */
  static take(databasePath: string): SessionLock {
    const folder = sessionFolder(databasePath);
    makeOwnFolder(folder);
    for (;;) {
      const name = `${randomBytes(8).toString('hex')}-${inodeOf(databasePath)}.lock`;
      const path = join(folder, name);
      const lock = FileLock.exclusive(path);
      // Nobody else can know the file, so nobody else has its lock.
      if (lock === null) throw explained('no_locks', databasePath);
      // Whoever removes what dead sessions left may have come before the lock.
      if (existsSync(path)) return new SessionLock(name, path, lock);
      lock.release();
    }
  }

  /** What begins the names of files that this session hasn't finished writing. */
  get token(): string {
    return tokenOf(this.name);
  }

  release(): void {
    this.#lock.release();
    removeFile('session', dirname(this.path), this.name);
  }
}

/**
 * @throws StoreError `locked` when a process still writes to another file that had this database's name: both would use the
 *   same log
 */
export function requireNoStranger(databasePath: string): void {
  const inode = inodeOf(databasePath);
  const strangers = lockNames(databasePath).filter((name) => !name.endsWith(`-${inode}.lock`));
  if (!strangers.some((name) => isHeld(join(sessionFolder(databasePath), name)))) return;
  throw new StoreError(
    'locked',
    databasePath,
    `${databasePath}: a process still writes to a database that had this name before it was deleted, moved or replaced`,
    'wait until that process has noticed and ended, or end it; then run again',
  );
}

/** Removes the locks of processes that were killed. Others that do so at the same time are no matter. */
export function removeDeadLocks(databasePath: string): void {
  const folder = sessionFolder(databasePath);
  for (const name of lockNames(databasePath)) {
    if (isHeld(join(folder, name))) continue;
    const lock = FileLock.exclusive(join(folder, name));
    if (lock === null) continue;
    removeFile('session', folder, name);
    lock.release();
  }
}

function lockNames(databasePath: string): readonly string[] {
  const folder = sessionFolder(databasePath);
  if (!isFolder(folder)) return [];
  return guarded(folder, () => readdirSync(folder)).filter((name) => hasForm('session', name));
}

/** The sessions that a database knows. */
export class Sessions {
  readonly #rows: CheckedRows;
  readonly #databasePath: string;
  readonly #believed = new Map<number, { readonly alive: boolean; readonly until: number }>();

  /** @param databasePath as of {@link databasePlace}, even where a copy is read */
  constructor(database: Database.Database, databasePath: string) {
    this.#rows = new CheckedRows(database, databasePath, 'r');
    this.#databasePath = databasePath;
  }

  /** Whether what a session says is running can be believed. */
  isAlive(session: number): boolean {
    const now = performance.now();
    const believed = this.#believed.get(session);
    if (believed !== undefined && now < believed.until) return believed.alive;
    const alive = this.#looksAlive(session);
    // What is dead stays so.
    this.#believed.set(session, { alive, until: alive ? now + BELIEVED_MILLISECONDS : Number.POSITIVE_INFINITY });
    return alive;
  }

  /** Null for a session that is gone. */
  writer(session: number): Writer | null {
    if (!this.isAlive(session)) return null;
    const sql = 'SELECT pid, host, command, started FROM sessions WHERE session = ?';
    return this.#rows.objects<Writer>(sql, session)[0] ?? null;
  }

  /** Those that write now, the newest first. */
  writers(): readonly Writer[] {
    const sql = 'SELECT session FROM sessions WHERE ended IS NULL AND lock IS NOT NULL ORDER BY session DESC';
    return this.#rows.objects<{ session: number }>(sql).flatMap(({ session }) => this.writer(session) ?? []);
  }

  /** Tokens of those that have left the files of this database as they are; see {@link SessionLock.token}. */
  deadTokens(): ReadonlySet<string> {
    const sql = 'SELECT session, lock FROM sessions WHERE lock IS NOT NULL';
    const rows = this.#rows.objects<{ session: number; lock: string }>(sql);
    return new Set(rows.filter(({ session }) => !this.isAlive(session)).map(({ lock }) => tokenOf(lock)));
  }

  #looksAlive(session: number): boolean {
    const sql = 'SELECT lock FROM sessions WHERE session = ?';
    const name = this.#rows.objects<{ lock: string | null }>(sql, session)[0]?.lock ?? null;
    // A session of a release before this one has no lock of its own, and had the whole database to itself.
    if (name === null || !hasForm('session', name)) return false;
    return isHeld(join(sessionFolder(this.#databasePath), name));
  }
}

function inodeOf(databasePath: string): string {
  const file = guarded(databasePath, () => statSync(databasePath, { bigint: true, throwIfNoEntry: false }));
  return file === undefined ? 'none' : file.ino.toString(16);
}

function tokenOf(lockName: string): string {
  return lockName.slice(0, 16);
}
