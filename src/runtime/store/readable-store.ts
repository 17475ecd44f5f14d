import { CheckedRows } from './checked-rows.js';
import { CheckpointFolder } from './checkpoints.js';
import type { Connection } from './connection.js';
import { findGarbage, type Garbage, type GarbagePlace } from './garbage.js';
import type { ObjectFolder } from './objects.js';
import type { CheckpointRecord, Writer } from './records.js';
import { planRemoval, type RemovalPlan } from './removal.js';
import { SqliteRunReader } from './run-reader.js';
import { Sessions } from './sessions.js';
import type { Store } from './store.js';
import { SqliteSweepReader } from './sweep-reader.js';
import type { SweepReader } from './sweep-records.js';
import { SqliteTrialsReader, type TrialsReader } from './trials-reader.js';

/** A store open for reading. */
export class SqliteStore extends SqliteRunReader implements Store {
  readonly path: string;
  readonly trials: TrialsReader;
  protected readonly checkpointFiles: CheckpointFolder;
  protected readonly sessions: Sessions;
  readonly #connection: Connection;
  readonly #sweeps: SweepReader;
  protected readonly rows: CheckedRows;
  protected readonly garbagePlace: GarbagePlace;

  constructor(path: string, connection: Connection, objects: ObjectFolder) {
    const sessions = new Sessions(connection.database, path);
    const alive = (session: number) => sessions.isAlive(session);
    super(connection.database, path, objects, alive);
    this.path = path;
    this.sessions = sessions;
    this.trials = new SqliteTrialsReader(connection.database, path, alive);
    this.checkpointFiles = new CheckpointFolder(path);
    this.rows = new CheckedRows(connection.database, path, 'r');
    this.garbagePlace = { path, rows: this.rows, objects, checkpoints: this.checkpointFiles };
    this.#connection = connection;
    this.#sweeps = new SqliteSweepReader(connection.database, path, alive, objects);
  }

  sweeps(limit?: number) {
    return this.#sweeps.sweeps(limit);
  }

  sweep(idOrName: string) {
    return this.#sweeps.sweep(idOrName);
  }

  sweepTrials(sweepId: string) {
    return this.#sweeps.sweepTrials(sweepId);
  }

  sweepRecipe(sweepId: string, trial: number) {
    return this.#sweeps.sweepRecipe(sweepId, trial);
  }

  sweepInit(sweepId: string) {
    return this.#sweeps.sweepInit(sweepId);
  }

  sweepDecisions(sweepId: string) {
    return this.#sweeps.sweepDecisions(sweepId);
  }

  sweepActions(sweepId: string) {
    return this.#sweeps.sweepActions(sweepId);
  }

  readCheckpoint(checkpoint: CheckpointRecord): Uint8Array | null {
    return this.checkpointFiles.read(checkpoint);
  }

  writers(): readonly Writer[] {
    return this.sessions.writers();
  }

  planRemoval(ids: readonly string[]): RemovalPlan {
    const writerOf = (session: number) => this.sessions.writer(session);
    return planRemoval({ path: this.path, rows: this.rows, writerOf }, ids);
  }

  findGarbage(): Garbage {
    return findGarbage(this.garbagePlace);
  }

  close(): void {
    this.#connection.close();
  }
}
