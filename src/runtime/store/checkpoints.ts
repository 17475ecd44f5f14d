import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { CheckpointRecord } from './records.js';
import { guarded } from './store-error.js';

/** Checkpoints of a run that are kept: the newest, and the one before in case it is damaged. */
export const KEPT_CHECKPOINTS = 2;

/** Files of the states of runs, in `results.db.checkpoints/` beside the database `results.db`. */
export class CheckpointFolder {
  readonly path: string;

  constructor(databasePath: string) {
    this.path = `${databasePath}.checkpoints`;
  }

  /** @throws StoreError `read_only`, `disk_full`, … */
  make(): void {
    guarded(this.path, () => mkdirSync(this.path, { recursive: true }));
  }

  /** Null when the file is gone or isn't what was written. */
  read({ file, sha256 }: CheckpointRecord): Uint8Array | null {
    const path = join(this.path, file);
    if (!existsSync(path)) return null;
    const bytes = guarded(path, () => readFileSync(path));
    return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : null;
  }

  remove(files: readonly string[]): void {
    for (const file of files) guarded(this.path, () => rmSync(join(this.path, file), { force: true }));
  }

  /** Files that no row names: of a process that died between writing one and saying so. */
  removeAllBut(known: ReadonlySet<string>): void {
    if (!existsSync(this.path)) return;
    this.remove(guarded(this.path, () => readdirSync(this.path)).filter((file) => !known.has(file)));
  }
}

/** The statements for checkpoints. Those that write run inside a transaction of the store. */
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
    return dropped.filter((file) => !still.has(file));
  }

  /** Those newer than `file`, which turned out to be damaged. @returns as {@link dropAllBut} */
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
