import { hostname } from 'node:os';
import type Database from 'better-sqlite3';
import { CheckpointTable } from './checkpoints.js';
import type { Connection } from './connection.js';
import { PlaceWatch } from './database-place.js';
import type { FileLock } from './file-lock.js';
import { type Collected, collectGarbage } from './garbage.js';
import { type ImportedIds, type ImportReport, type ImportTarget, importResults } from './import-results.js';
import type { ImportSource } from './import-source.js';
import { ObjectFolder, type ObjectName, type StoredObject } from './objects.js';
import { SqliteStore } from './readable-store.js';
import { type CheckpointRecord, type RunDescription, runNumber } from './records.js';
import { deleteResults, numbersOf, objectsOf, type RemovalPlan } from './removal.js';
import { copyRun, rewindRun } from './run-rewind.js';
import { RunTables } from './run-tables.js';
import { BufferedRunWriter, type ResumedRun, type RunWriter, type RunWriterContext } from './run-writer.js';
import { describeWriter, type SessionLock } from './sessions.js';
import type { RemovedResults, WritableStore, WriteOptions } from './store.js';
import { guarded, StoreError } from './store-error.js';
import type { SweepDescription, SweepWriter } from './sweep-records.js';
import { SweepTables } from './sweep-tables.js';
import { BufferedSweepWriter, sweepNumber } from './sweep-writer.js';

/** Time between commits while steps come in. */
const COMMIT_MILLISECONDS = 200;
/** How long another process may block commits. It may have been suspended (Ctrl-Z) in a transaction. */
const BUSY_MILLISECONDS = 60_000;

/** Locks held while the store is open. */
export interface WriterLocks {
  readonly session: SessionLock;
  /** Keeps the schema fixed; shared with other writers unless the store is opened with `alone`. */
  readonly database: FileLock;
}

/** A store open for writing. */
export class WritableSqliteStore extends SqliteStore implements WritableStore {
  readonly #database: Database.Database;
  readonly #objects: ObjectFolder;
  readonly #tables: RunTables;
  readonly #sweepTables: SweepTables;
  readonly #checkpointTable: CheckpointTable;
  readonly #locks: WriterLocks;
  readonly #place: PlaceWatch;
  readonly #now: () => string;
  readonly #session: number;
  readonly #alone: boolean;
  readonly #runs = new Set<BufferedRunWriter>();
  readonly #openSweeps = new Set<BufferedSweepWriter>();
  #lastCommit = performance.now();
  /** The mode in which the connection is opened. */
  #durability: 'durable' | 'fast' = 'fast';

  constructor(path: string, connection: Connection, locks: WriterLocks, options: WriteOptions) {
    const objects = new ObjectFolder(path, options.fileOperations);
    super(path, connection, objects);
    this.#place = new PlaceWatch(path, objects.path, locks.session.path);
    const clock = options.clock ?? (() => new Date());
    this.#database = connection.database;
    this.#objects = objects;
    this.#tables = new RunTables(connection.database);
    this.#sweepTables = new SweepTables(connection.database);
    this.#checkpointTable = new CheckpointTable(connection.database);
    this.#locks = locks;
    this.#alone = options.alone === true;
    this.#now = () => clock().toISOString();
    this.#session = this.#transaction('durable', () => {
      const [runs, sweeps] = [this.#tables.unfinishedSessions(), this.#sweepTables.unfinishedSessions()];
      for (const session of new Set([...runs, ...sweeps])) {
        if (this.sessions.isAlive(session)) continue;
        this.#tables.interruptUnfinished(session);
        this.#sweepTables.interruptUnfinished(session);
      }
      return this.#tables.insertSession(process.pid, hostname(), options.command, this.#now(), locks.session.name);
    });
    // For the only writer, everything left behind is garbage.
    if (this.#alone) return;
    const dead = this.sessions.deadTokens();
    objects.removeTemporaryFiles(dead);
    this.checkpointFiles.removeOrphans(dead, this.#checkpointTable.files());
  }

  startRun(description: RunDescription): RunWriter {
    const run = this.#transaction('durable', () => this.#tables.insertRun(description, this.#session, this.#now()));
    return this.#runWriter(run);
  }

  /** @throws StoreError for what is no run's id */
  #runOf(id: string): number {
    const run = runNumber(id);
    if (run !== null) return run;
    throw new StoreError('unknown_run', this.path, `there is no run '${id}'`, '`aedsl ls` lists the runs');
  }

  resumeRun(id: string, from: CheckpointRecord | null): RunWriter {
    const run = this.#runOf(id);
    const { stages, tails } = this.#transaction('durable', () => {
      // Another process may have deleted it.
      const { stages } = this.findRun(id);
      this.requireFree(id);
      this.#tables.assign(run, this.#session);
      this.#checkpointTable.dropNewerThan(run, from?.sha256 ?? null);
      const tails = rewindRun(this.#database, this.path, run, from);
      this.#tables.insertEvent(run, this.#now(), 'resumed', JSON.stringify({ stage: from?.stage, step: from?.step }));
      return { stages, tails };
    });
    const resumed = { seconds: from?.seconds ?? 0, stages: stages.map(({ stage }) => stage), tails, trained: false };
    return this.#runWriter(run, resumed);
  }

  evaluateRun(id: string, as: string | null = null): RunWriter {
    const run = this.#runOf(id);
    const { stages, seconds } = this.#transaction('durable', () => {
      const found = this.findRun(id);
      this.requireFree(id);
      this.#tables.assign(run, this.#session);
      this.#tables.setEvaluation(run, 'pending', null, this.#now());
      if (as === null) this.#tables.insertEvent(run, this.#now(), 'evaluated', '{}');
      else this.#tables.insertEvent(run, this.#now(), 'evaluated_as', JSON.stringify({ file: as }));
      return found;
    });
    const names = stages.map(({ stage }) => stage);
    return this.#runWriter(run, { seconds: seconds ?? 0, stages: names, tails: [], trained: true });
  }

  forkRun(description: RunDescription, id: string, from: CheckpointRecord): RunWriter {
    const { run, stages, tails } = this.#transaction('durable', () => {
      const { stages } = this.findRun(id);
      const run = this.#tables.insertRun(description, this.#session, this.#now());
      copyRun(this.#database, this.#runOf(id), run);
      const tails = rewindRun(this.#database, this.path, run, from);
      this.#tables.insertEvent(run, this.#now(), 'forked', JSON.stringify({ from: id, step: from.step }));
      return { run, stages, tails };
    });
    const resumed = { seconds: from.seconds, stages: stages.map(({ stage }) => stage), tails, trained: false };
    return this.#runWriter(run, resumed);
  }

  settleRun(id: string, status: 'pruned' | 'stopped' | 'interrupted', reason: string | null): void {
    const run = this.#runOf(id);
    this.#transaction('durable', () => this.#tables.settleRun(run, status, reason, this.#now()));
  }

  keepCheckpoints(ids: readonly string[], count: number): void {
    if (ids.length === 0) return;
    const unnamed = this.#transaction('durable', () =>
      ids.flatMap((id) => this.#checkpointTable.dropAllBut(this.#runOf(id), count)),
    );
    this.checkpointFiles.remove(unnamed);
  }

  get checkpointFolder(): string {
    this.#place.check();
    this.checkpointFiles.make();
    return this.checkpointFiles.path;
  }

  checkpointPrefix(id: string): string {
    return `${id}-${this.#locks.session.token}`;
  }

  requireFree(id: string): void {
    const sweep = sweepNumber(id);
    const session = sweep === null ? this.#tables.sessionOf(this.#runOf(id)) : this.#sweepTables.sessionOf(sweep);
    if (session === null || session === this.#session) return;
    const writer = this.sessions.writer(session);
    if (writer === null) return;
    throw new StoreError(
      'in_use',
      this.path,
      `${id} is being written by ${describeWriter(writer)}`,
      'wait until it has finished, or end it (Ctrl-C, `kill`) and then resume',
    );
  }

  startSweep(description: SweepDescription): SweepWriter {
    const init = description.init ? this.#putObject(description.init, 'safetensors') : null;
    const sweep = this.#transaction('durable', () => {
      const inserted = this.#sweepTables.insertSweep(description, init, this.#session, this.#now());
      description.trials.forEach((trial, number) => {
        this.#sweepTables.insertTrial(inserted, number, trial);
      });
      return inserted;
    });
    return this.#sweepWriter(sweep, description.trials.length);
  }

  continueSweep(id: string): SweepWriter {
    const sweep = sweepNumber(id) ?? -1;
    this.#transaction('durable', () => {
      if (this.sweep(id) === null) {
        throw new StoreError('unknown_run', this.path, `there is no sweep ${id}`, '`aedsl ls` lists the sweeps');
      }
      this.requireFree(id);
      this.#sweepTables.reopenSweep(sweep, this.#session, this.#now());
    });
    return this.#sweepWriter(sweep, this.#sweepTables.trialCount(sweep));
  }

  importResults(source: ImportSource, ids: ImportedIds): ImportReport {
    const target: ImportTarget = {
      database: this.#database,
      runs: this,
      sweeps: this,
      session: this.#session,
      now: this.#now,
      putObject: (bytes, extension) => this.#putObject(bytes, extension),
    };
    return this.#transaction('durable', () => importResults(target, source, ids));
  }

  removeResults(plan: RemovalPlan, ids: readonly string[]): RemovedResults {
    const objects = this.#transaction('durable', () => {
      const now = this.planRemoval(ids);
      if (JSON.stringify([now.runs, now.sweeps]) !== JSON.stringify([plan.runs, plan.sweeps])) {
        throw new StoreError(
          'in_use',
          this.path,
          'another process changed what would be deleted; nothing was deleted',
          'review it again, then delete',
        );
      }
      const objects = objectsOf(this.rows, numbersOf(plan.runs, runNumber));
      deleteResults(this.#database, plan);
      return objects;
    });
    const checkpoints = this.checkpointFiles.removeOf(new Set(plan.runs), this.#checkpointTable.files());
    return { objects, checkpoints };
  }

  collectGarbage(only: readonly ObjectName[] | null): Collected {
    if (!this.#alone) throw new Error('garbage is collected by who has the database alone');
    const durably = (write: () => void) => this.#transaction('durable', write);
    return collectGarbage(this.#database, this.garbagePlace, only, durably);
  }

  flush(): void {
    this.#commit('now');
  }

  override close(): void {
    try {
      for (const run of [...this.#runs]) run.suspend('interrupted', null);
      for (const sweep of [...this.#openSweeps]) sweep.finish('interrupted');
      this.#transaction('durable', () => this.#tables.endSession(this.#session, this.#now()));
    } finally {
      try {
        super.close();
      } finally {
        this.#locks.database.release();
        this.#locks.session.release();
      }
    }
  }

  #commit(when: 'now' | 'durably' | 'due'): void {
    if (when === 'due' && performance.now() - this.#lastCommit < COMMIT_MILLISECONDS) return;
    try {
      const committed = this.#transaction(when === 'durably' ? 'durable' : 'fast', () =>
        [...this.#runs, ...this.#openSweeps].map((writer) => writer.write()),
      );
      for (const callback of committed) callback();
    } catch (error) {
      // Another process is writing. Everything is kept for the next commit.
      if (when !== 'durably' && isLocked(error) && performance.now() - this.#lastCommit < BUSY_MILLISECONDS) return;
      throw error;
    }
    this.#lastCommit = performance.now();
  }

  #runWriter(run: number, resumed?: ResumedRun): RunWriter {
    const context: RunWriterContext = {
      tables: this.#tables,
      checkpointTable: this.#checkpointTable,
      putObject: (bytes, extension) => this.#putObject(bytes, extension),
      checkpointFolder: this.checkpointFiles,
      now: this.#now,
      commit: (when) => this.#commit(when),
      done: (done) => this.#runs.delete(done),
    };
    const writer = new BufferedRunWriter(run, context, resumed);
    this.#runs.add(writer);
    return writer;
  }

  #putObject(bytes: Uint8Array, extension: string): StoredObject {
    this.#place.check();
    return this.#objects.put(bytes, extension, this.#locks.session.token);
  }

  #sweepWriter(sweep: number, trials: number): SweepWriter {
    const writer = new BufferedSweepWriter(sweep, trials, {
      tables: this.#sweepTables,
      now: this.#now,
      commit: (when) => this.#commit(when),
      done: (done) => this.#openSweeps.delete(done),
    });
    this.#openSweeps.add(writer);
    return writer;
  }

  /**
   * A durable transaction survives a power failure, with all those committed before it, and waits for other processes.
   */
  #transaction<T>(durability: 'durable' | 'fast', write: () => T): T {
    const began = performance.now();
    for (;;) {
      try {
        return this.#tryTransaction(durability, write);
      } catch (error) {
        const patient = durability === 'durable' && performance.now() - began < BUSY_MILLISECONDS;
        if (!patient || !isLocked(error)) throw error;
      }
    }
  }

  #tryTransaction<T>(durability: 'durable' | 'fast', write: () => T): T {
    this.#place.check();
    return guarded(this.path, () => {
      if (durability !== this.#durability) {
        this.#database.pragma(`synchronous = ${durability === 'durable' ? 'FULL' : 'NORMAL'}`);
        this.#durability = durability;
      }
      try {
        return this.#database.transaction(write).immediate();
      } catch (error) {
        this.#tables.rolledBack();
        throw error;
      }
    });
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof StoreError && error.reason === 'locked';
}
