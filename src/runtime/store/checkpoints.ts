import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { type CheckpointRecord, runId } from './records.js';
import { guarded } from './store-error.js';
import {
  filesOf,
  hasForm,
  isFolder,
  MOST_FILE_BYTES,
  makeOwnFolder,
  removeFile,
  type StoreFile,
  sessionToken,
} from './store-files.js';

/** Checkpoints kept per run: the newest, and the previous one in case the newest is damaged. */
export const KEPT_CHECKPOINTS = 2;

/** The checkpoint files, in `results.db.checkpoints/` beside the database `results.db`. */
export class CheckpointFolder {
  readonly path: string;

  constructor(databasePath: string) {
    this.path = `${databasePath}.checkpoints`;
  }

  /** @throws StoreError `foreign_file`, `read_only`, `disk_full`, … */
  make(): void {
    makeOwnFolder(this.path);
  }

  /** Returns null if the file is missing or doesn't match its hash. */
  read({ file, sha256, bytes: length }: CheckpointRecord): Uint8Array | null {
    if (!hasForm('checkpoint', file)) return null;
    try {
      const bytes = readRegularFile(join(this.path, file), Math.min(length, MOST_FILE_BYTES));
      return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : null;
    } catch (error) {
      if (error instanceof FileError && error.reason !== 'unreadable') return null;
      throw error;
    }
  }

  remove(files: readonly string[]): void {
    for (const file of files) removeFile('checkpoint', this.path, file);
  }

  /** All files, complete or not. */
  files(): readonly StoreFile[] {
    return filesOf('checkpoint', this.path);
  }

  /** Removes files of deleted runs. @param named files that rows of other runs still name */
  removeOf(runs: ReadonlySet<string>, named: ReadonlySet<string>): readonly StoreFile[] {
    const theirs = this.files().filter(({ name }) => runs.has(name.slice(0, name.indexOf('-'))) && !named.has(name));
    this.remove(theirs.map(({ name }) => name));
    return theirs;
  }

  /** Removes files that no row names, left by sessions that died before recording them. */
  removeOrphans(deadTokens: ReadonlySet<string>, named: ReadonlySet<string>): void {
    if (!isFolder(this.path)) return;
    const files = guarded(this.path, () => readdirSync(this.path));
    const isOrphan = (file: string) => deadTokens.has(sessionToken('checkpoint', file) ?? '') && !named.has(file);
    this.remove(files.filter(isOrphan));
  }
}

/** The statements for checkpoints. Those that write run in one of the store's transactions. */
export class CheckpointTable {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  insert(run: number, { stage, step, epochs, seconds, file, sha256, bytes }: CheckpointRecord, now: string): void {
    this.#database
      .prepare(
        `INSERT INTO checkpoints (run, stage, step, epochs, seconds, file, sha256, bytes, time)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(run, stage, step, epochs, seconds, file, sha256, bytes, now);
  }

  /** @returns the files that no row names any more */
  dropAllBut(run: number, kept: number): readonly string[] {
    const dropped = this.#database
      .prepare<[number, number, number], string>(
        `DELETE FROM checkpoints WHERE run = ? AND checkpoint NOT IN
           (SELECT checkpoint FROM checkpoints WHERE run = ? ORDER BY checkpoint DESC LIMIT ?) RETURNING file`,
      )
      .pluck()
      .all(run, run, kept);
    const named = this.#database.prepare<[number], string>('SELECT file FROM checkpoints WHERE run = ?').pluck();
    const still = new Set(named.all(run));
    return dropped.filter((file) => !still.has(file) && file.startsWith(`${runId(run)}-`));
  }

  /** Drops checkpoints newer than `file`, which turned out to be damaged. @returns as {@link dropAllBut} */
  dropNewerThan(run: number, sha256: string | null): void {
    this.#database
      .prepare(
        `DELETE FROM checkpoints WHERE run = ? AND checkpoint >
           coalesce((SELECT max(checkpoint) FROM checkpoints WHERE run = ? AND sha256 = ?), 0)`,
      )
      .run(run, run, sha256);
  }

  files(): ReadonlySet<string> {
    return new Set(this.#database.prepare<[], string>('SELECT file FROM checkpoints').pluck().all());
  }
}
