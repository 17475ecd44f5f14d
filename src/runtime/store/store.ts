import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { makeFolder } from '../../files/folders.js';
import type { FileOperations } from '../../files/write-file.js';
import { CheckedRows } from './checked-rows.js';
import { CheckpointFolder, CheckpointTable } from './checkpoints.js';
import { type Connection, connectForReading, connectForWriting, inspect } from './connection.js';
import { databasePlace, PlaceWatch, requireOneName } from './database-place.js';
import type { FileLock } from './file-lock.js';
import { type Collected, collectGarbage, findGarbage, type Garbage, type GarbagePlace } from './garbage.js';
import { type ImportedIds, type ImportReport, type ImportTarget, importResults } from './import-results.js';
import type { ImportSource } from './import-source.js';
import { type Migration, migrations as releasedMigrations } from './migrations.js';
import { ObjectFolder, type ObjectName, type StoredObject } from './objects.js';
import { type CheckpointRecord, type RunDescription, runNumber, type Writer } from './records.js';
import { deleteResults, numbersOf, objectsOf, planRemoval, type RemovalPlan } from './removal.js';
import { type RunReader, SqliteRunReader } from './run-reader.js';
import { copyRun, rewindRun } from './run-rewind.js';
import { RunTables } from './run-tables.js';
import { BufferedRunWriter, type ResumedRun, type RunWriter, type RunWriterContext } from './run-writer.js';
import { newestOf, schemaVersion } from './schema.js';
import { removeDeadLocks, requireNoStranger, SessionLock, Sessions } from './sessions.js';
import { haveDatabaseAlone, lockedError, shareDatabase } from './shared-database.js';
import { guarded, StoreError } from './store-error.js';
import { checkFolders, type StoreFile } from './store-files.js';
import { SqliteSweepReader } from './sweep-reader.js';
import type { SweepDescription, SweepReader, SweepWriter } from './sweep-records.js';
import { SweepTables } from './sweep-tables.js';
import { BufferedSweepWriter, sweepNumber } from './sweep-writer.js';
import { SqliteTrialsReader, type TrialsReader } from './trials-reader.js';

/** Time between commits while steps come in. */
const COMMIT_MILLISECONDS = 200;
/** How long another process may block commits. It may have been suspended (Ctrl-Z) in a transaction. */
const BUSY_MILLISECONDS = 60_000;

export interface Store extends RunReader, SweepReader {
  readonly path: string;
  /** Queries over many runs at once. */
  readonly trials: TrialsReader;
  /** Content of a checkpoint's file; null if it is missing or damaged. */
  readCheckpoint(checkpoint: CheckpointRecord): Uint8Array | null;
  /** Live writers of the database, newest first. */
  writers(): readonly Writer[];
  /**
   * Lists everything that deleting these runs and sweeps removes.
   * @param ids `r12`, `s3`
   * @throws StoreError `unknown_run`, `needed` (by a sweep that isn't deleted), `in_use` (by a live process)
   */
  planRemoval(ids: readonly string[]): RemovalPlan;
  /** Finds what no row refers to. While others write, that may include their latest files. */
  findGarbage(): Garbage;
  close(): void;
}

/** A store open for writing, shared by any number of processes and of runs within them. */
export interface WritableStore extends Store {
  /** Adds a run, durably, under the next id. @throws StoreError */
  startRun(description: RunDescription): RunWriter;
  /**
   * Resumes a run from one of its checkpoints, or from the beginning; removes everything recorded after it.
   * @throws StoreError `in_use` if another process has the run
   */
  resumeRun(id: string, from: CheckpointRecord | null): RunWriter;
  /**
   * Reopens a fully trained run to make, or remake, its evaluations and figures.
   * @param as the file that replaces the run's own list of them; noted in its log
   * @throws StoreError
   */
  evaluateRun(id: string, as?: string | null): RunWriter;
  /**
   * Adds a run that starts as a copy of another up to one of its checkpoints. Durable.
   * @throws StoreError
   */
  forkRun(description: RunDescription, id: string, from: CheckpointRecord): RunWriter;
  /** Sets the final status of a run that nothing writes any more, such as a paused one. Durable. @throws StoreError */
  settleRun(id: string, status: 'pruned' | 'stopped' | 'interrupted', reason: string | null): void;
  /** Deletes all but the newest `count` checkpoints of each run. @throws StoreError */
  keepCheckpoints(ids: readonly string[], count: number): void;
  /** Folder for checkpoint files. */
  readonly checkpointFolder: string;
  /** Prefix of the file names of a run's checkpoints. */
  checkpointPrefix(id: string): string;
  /** @param id of a run or a sweep. @throws StoreError `in_use` if another process writes it */
  requireFree(id: string): void;
  /** Adds a sweep with all of its trials, durably. @throws StoreError */
  startSweep(description: SweepDescription): SweepWriter;
  /** Continues a sweep. @throws StoreError `in_use` if another process has it */
  continueSweep(id: string): SweepWriter;
  /** Imports runs and sweeps of another database, all or none. Durable. @throws StoreError of either database */
  importResults(source: ImportSource, ids: ImportedIds): ImportReport;
  /**
   * Deletes runs and sweeps with their checkpoints. Durable. Leaves their objects, which other runs may use, including
   * one that another process hasn't recorded yet; {@link collectGarbage} deletes them.
   *
   * @param plan as shown to the user
   * @throws StoreError as `planRemoval`; also `in_use` if something outside the plan would be deleted
   */
  removeResults(plan: RemovalPlan, ids: readonly string[]): RemovedResults;
  /**
   * Deletes garbage. The store must be opened with `alone`.
   *
   * @param only objects of deleted runs; null collects all garbage and shrinks the database
   * @throws StoreError
   */
  collectGarbage(only: readonly ObjectName[] | null): Collected;
  /** Commits the pending data of all runs. @throws StoreError */
  flush(): void;
  /** Marks unfinished runs and sweeps as `interrupted`. Releases the write lock even if that fails. */
  close(): void;
}

export interface RemovedResults {
  /** Already deleted. */
  readonly checkpoints: readonly StoreFile[];
  /** Not deleted yet. */
  readonly objects: readonly ObjectName[];
}

export interface ReadOptions {
  readonly mode: 'read';
  /** For tests: the expected schema. */
  readonly migrations?: readonly Migration[];
}

export interface WriteOptions {
  readonly mode: 'write';
  /** Command line, shown to another process that has to wait. */
  readonly command: string;
  /** Requires that nobody else writes meanwhile. */
  readonly alone?: boolean;
  /** Requires that the database exists. */
  readonly existing?: boolean;
  /** How long to wait for others, if they write a database wanted `alone` or with an older schema; default 5,000. */
  readonly patienceMilliseconds?: number;
  /** Called once, if there is one to wait for. */
  readonly onWait?: (writer: Writer | null) => void;
  /** Time shown to users; no result depends on it. */
  readonly clock?: () => Date;
  /** For tests: file operations and schema. */
  readonly fileOperations?: FileOperations;
  readonly migrations?: readonly Migration[];
}

/**
 * Opens `results.db`. For writing, creates it and its folder if needed, migrates an older schema once nobody else
 * writes, and marks the runs of dead processes as `interrupted`.
 *
 * @throws StoreError with a stable reason: `missing` (reading), `not_a_database`, `foreign_database`, `newer_schema`,
 * `older_schema` (reading), `altered_schema`, `foreign_file`, `several_names`, `no_locks` and `no_shared_memory` (of
 * the drive), `locked` (says who writes), `read_only`, `disk_full`, `cannot_open`, `damaged`, `io_error`; later writes
 * also throw `moved`
 */
export async function openStore(path: string, options: WriteOptions): Promise<WritableStore>;
export async function openStore(path: string, options: ReadOptions): Promise<Store>;
export async function openStore(path: string, options: ReadOptions | WriteOptions): Promise<Store> {
  const place = databasePlace(path);
  return options.mode === 'read' ? openForReading(place, options.migrations) : openForWriting(place, options);
}

function openForReading(path: string, migrations: readonly Migration[] = releasedMigrations): Store {
  const newest = newestOf(migrations);
  const connection = connectForReading(path);
  const { database } = connection;
  try {
    const version = guarded(path, () => schemaVersion(database, path, migrations));
    if (version === 0) throw nothingThere(path);
    if (version < newest) {
      throw new StoreError(
        'older_schema',
        path,
        `${path}: made by an older aedsl (schema ${version}, this one reads ${newest})`,
        'any command that writes, such as `aedsl run`, brings it up to date',
      );
    }
  } catch (error) {
    connection.close();
    throw error;
  }
  const objects = new ObjectFolder(path);
  return new ReadableStore(path, connection, objects);
}

function nothingThere(path: string): StoreError {
  return new StoreError('missing', path, `${path}: there are no results in it yet`, 'run an experiment first');
}

async function openForWriting(path: string, options: WriteOptions): Promise<WritableStore> {
  const migrations = options.migrations ?? releasedMigrations;
  requireNoStranger(path);
  // Before SQLite creates a log beside the wrong name.
  requireOneName(path);
  const version = inspect(path, migrations);
  if (options.existing === true && version === 0) throw nothingThere(path);
  guarded(path, () => {
    makeFolder(dirname(path));
    // SQLite would only say that it cannot open the file.
    accessSync(dirname(path), constants.W_OK);
    // A session's lock records which file it writes, so the file must exist.
    if (!existsSync(path)) closeSync(openSync(path, 'a'));
  });
  checkFolders(path);
  const steps: (() => void)[] = [];
  try {
    const session = SessionLock.take(path);
    steps.push(() => session.release());
    const connection = connectForWriting(path);
    steps.push(() => connection.close());
    const lockDatabase = options.alone === true ? haveDatabaseAlone : shareDatabase;
    const lock = await lockDatabase(connection.database, path, {
      migrations,
      patienceMilliseconds: options.patienceMilliseconds ?? 5000,
      onWait: () => options.onWait?.(writersOf(path)[0] ?? null),
    });
    if (lock === null) throw lockedError(path, writersOf(path).map(described).join(', ') || null);
    steps.push(() => lock.release());
    removeDeadLocks(path);
    return new OpenStore(path, connection, { session, database: lock }, options);
  } catch (error) {
    for (const undo of steps.reverse()) undo();
    throw error;
  }
}

/** Empty if unknown, because another release created the schema. */
function writersOf(path: string): readonly Writer[] {
  try {
    const store = openForReading(path);
    try {
      return store.writers();
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return [];
    throw error;
  }
}

function described({ pid, host, command, started }: Writer): string {
  return `process ${pid} on ${host} (\`${command}\`, since ${started})`;
}

class ReadableStore extends SqliteRunReader implements Store {
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
    this.#sweeps = new SqliteSweepReader(connection.database, path, alive);
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

/** Locks held while the store is open. */
interface WriterLocks {
  readonly session: SessionLock;
  /** Keeps the schema fixed; shared with other writers unless the store is opened with `alone`. */
  readonly database: FileLock;
}

class OpenStore extends ReadableStore implements WritableStore {
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
      `${id} is being written by ${described(writer)}`,
      'wait until it has finished, or end it (Ctrl-C, `kill`) and then resume',
    );
  }

  startSweep(description: SweepDescription): SweepWriter {
    const sweep = this.#transaction('durable', () => {
      const inserted = this.#sweepTables.insertSweep(description, this.#session, this.#now());
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
