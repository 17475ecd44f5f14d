import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { CheckedRows } from './checked-rows.js';
import { FileLock, isHeld } from './file-lock.js';
import type { Writer } from './records.js';
import { explained, guarded, StoreError } from './store-error.js';
import { hasForm, isFolder, makeOwnFolder, removeFile } from './store-files.js';

/** How long a session that was seen alive is assumed to be. */
const BELIEVED_MILLISECONDS = 100;

/** Folder of session locks, beside the database `results.db`. */
function sessionFolder(databasePath: string): string {
  return `${databasePath}.sessions`;
}

/** The lock of one of this process's sessions. While it is held, the session's runs and sweeps belong to it. */
export class SessionLock {
  /** Unique file name, recorded in a row of the database. */
  readonly name: string;
  readonly path: string;
  readonly #lock: FileLock;

  private constructor(name: string, path: string, lock: FileLock) {
    this.name = name;
    this.path = path;
    this.#lock = lock;
  }

  /**
   * @param databasePath of an existing file
   * @throws StoreError `no_locks` if the drive has none
   */
  static take(databasePath: string): SessionLock {
    const folder = sessionFolder(databasePath);
    makeOwnFolder(folder);
    for (;;) {
      const name = `${randomBytes(8).toString('hex')}-${inodeOf(databasePath)}.lock`;
      const path = join(folder, name);
      const lock = FileLock.exclusive(path);
      // The name was just made up, so nobody else can hold its lock.
      if (lock === null) throw explained('no_locks', databasePath);
      // The cleanup of dead sessions may have removed the file before it was locked.
      if (existsSync(path)) return new SessionLock(name, path, lock);
      lock.release();
    }
  }

  /** Prefix for the names of this session's unfinished files. */
  get token(): string {
    return tokenOf(this.name);
  }

  release(): void {
    this.#lock.release();
    removeFile('session', dirname(this.path), this.name);
  }
}

/**
 * @throws StoreError `locked` if a process still writes to another file that had this database's name: both would use
 * the same log
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

/** Removes the locks of killed processes. Safe to run concurrently. */
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

export class Sessions {
  readonly #rows: CheckedRows;
  readonly #databasePath: string;
  readonly #believed = new Map<number, { readonly alive: boolean; readonly until: number }>();

  /** @param databasePath as returned by {@link databasePlace}, even if a copy is read */
  constructor(database: Database.Database, databasePath: string) {
    this.#rows = new CheckedRows(database, databasePath, 'r');
    this.#databasePath = databasePath;
  }

  /** Returns whether a session is alive, so that what it marked as running really is. */
  isAlive(session: number): boolean {
    const now = performance.now();
    const believed = this.#believed.get(session);
    if (believed !== undefined && now < believed.until) return believed.alive;
    const alive = this.#looksAlive(session);
    // Dead sessions stay dead.
    this.#believed.set(session, { alive, until: alive ? now + BELIEVED_MILLISECONDS : Number.POSITIVE_INFINITY });
    return alive;
  }

  /** Returns null for a session that is gone. */
  writer(session: number): Writer | null {
    if (!this.isAlive(session)) return null;
    const sql = 'SELECT pid, host, command, started FROM sessions WHERE session = ?';
    return this.#rows.objects<Writer>(sql, session)[0] ?? null;
  }

  /** Live writers, newest first. */
  writers(): readonly Writer[] {
    const sql = 'SELECT session FROM sessions WHERE ended IS NULL AND lock IS NOT NULL ORDER BY session DESC';
    return this.#rows.objects<{ session: number }>(sql).flatMap(({ session }) => this.writer(session) ?? []);
  }

  /** Tokens of dead sessions, which no longer touch the files of this database; see {@link SessionLock.token}. */
  deadTokens(): ReadonlySet<string> {
    const sql = 'SELECT session, lock FROM sessions WHERE lock IS NOT NULL';
    const rows = this.#rows.objects<{ session: number; lock: string }>(sql);
    return new Set(rows.filter(({ session }) => !this.isAlive(session)).map(({ lock }) => tokenOf(lock)));
  }

  #looksAlive(session: number): boolean {
    const sql = 'SELECT lock FROM sessions WHERE session = ?';
    const name = this.#rows.objects<{ lock: string | null }>(sql, session)[0]?.lock ?? null;
    // Sessions of earlier releases have no lock of their own, and held the whole database exclusively.
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

/** `process 12 on node7 (…, since …)` */
export function describeWriter({ pid, host, command, started }: Writer): string {
  return `process ${pid} on ${host} (\`${command}\`, since ${started})`;
}
