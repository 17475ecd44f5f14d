import { accessSync, constants } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import type { FileOperations } from '../../files/write-file.js';
import { makeFolder } from '../../files/write-file.js';
import { CheckpointFolder, CheckpointTable } from './checkpoints.js';
import { type Connection, connectForReading, connectForWriting, inspect } from './connection.js';
import { databasePlace, PlaceWatch, requireOneName } from './database-place.js';
import { type Migration, migrations as releasedMigrations } from './migrations.js';
import { ObjectFolder } from './objects.js';
import { type CheckpointRecord, type RunDescription, runNumber, type Writer } from './records.js';
import { type RunReader, SqliteRunReader } from './run-reader.js';
import { copyRun, rewindRun } from './run-rewind.js';
import { RunTables } from './run-tables.js';
import { BufferedRunWriter, type ResumedRun, type RunWriter, type RunWriterContext } from './run-writer.js';
import { migrate, newestOf, schemaVersion } from './schema.js';
import { guarded, StoreError } from './store-error.js';
import { checkFolders } from './store-files.js';
import { SqliteSweepReader } from './sweep-reader.js';
import type { SweepDescription, SweepReader, SweepWriter } from './sweep-records.js';
import { SweepTables } from './sweep-tables.js';
import { BufferedSweepWriter, sweepNumber } from './sweep-writer.js';
import { SqliteTrialsReader, type TrialsReader } from './trials-reader.js';
import { WriterLock, writerIsAlive } from './writer-lock.js';

/** Between commits while steps come in. */
const COMMIT_MILLISECONDS = 200;

export interface Store extends RunReader, SweepReader {
  readonly path: string;
  /** Questions about many runs at once. */
  readonly trials: TrialsReader;
  /** The content of a checkpoint's file; null when it is gone or damaged. */
  readCheckpoint(checkpoint: CheckpointRecord): Uint8Array | null;
  close(): void;
}

/** A store that may be written: by one process at a time, and by any number of runs within it. */
export interface WritableStore extends Store {
  /** Adds a run, durably, and gives it the next id. @throws StoreError */
  startRun(description: RunDescription): RunWriter;
  /**
   * Goes on with a run from a checkpoint of its, or from its beginning; what it recorded after that is taken back.
   * @throws StoreError
   */
  resumeRun(id: string, from: CheckpointRecord | null): RunWriter;
  /** Goes on with a run whose training is over: its evaluations and pictures are made, or made again. @throws StoreError */
  evaluateRun(id: string): RunWriter;
  /**
   * Adds a run that begins as another one did: everything up to a checkpoint of that is its own. Durable.
   * @throws StoreError
   */
  forkRun(description: RunDescription, id: string, from: CheckpointRecord): RunWriter;
  /** Says how a run ended that nothing writes any more: one that was paused. Durable. @throws StoreError */
  settleRun(id: string, status: 'pruned' | 'stopped' | 'interrupted', reason: string | null): void;
  /** Deletes all checkpoints of these runs but so many of each, the newest. @throws StoreError */
  keepCheckpoints(ids: readonly string[], count: number): void;
  /** Where the files of checkpoints are written. */
  readonly checkpointFolder: string;
  /** Adds a sweep with all of its trials, durably. @throws StoreError */
  startSweep(description: SweepDescription): SweepWriter;
  /** Goes on with a sweep. @throws StoreError */
  continueSweep(id: string): SweepWriter;
  /** Commits what all runs have recorded. @throws StoreError */
  flush(): void;
  /** Runs and sweeps that haven't ended become `interrupted`. The right to write is given up even when that fails. */
  close(): void;
}

export interface ReadOptions {
  readonly mode: 'read';
  /** For tests: which schema is expected. */
  readonly migrations?: readonly Migration[];
}

export interface WriteOptions {
  readonly mode: 'write';
  /** The command line, which another process is told when it has to wait. */
  readonly command: string;
  /** How long to wait for another process that writes; default 5,000. */
  readonly patienceMilliseconds?: number;
  /** Called once, when there is one. */
  readonly onWait?: (writer: Writer | null) => void;
  /** The time for people; no result depends on it. */
  readonly clock?: () => Date;
  /** For tests: how files are written, and which schema is made. */
  readonly fileOperations?: FileOperations;
  readonly migrations?: readonly Migration[];
}

/**
 * Opens `results.db`. For writing, it and its folder are made where there is none, an older schema is brought up to date,
 * and runs of processes that died become `interrupted`.
 *
 * @throws StoreError with a stable reason: `missing` (reading), `not_a_database`, `foreign_database`, `newer_schema`,
 *   `older_schema` (reading), `altered_schema`, `foreign_file`, `several_names` (writing), `locked` (says who writes), `read_only`,
 *   `disk_full`, `cannot_open`, `damaged`, `io_error`; whatever writes later, also `moved`
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
    if (version === 0) {
      throw new StoreError('missing', path, `${path}: there are no results in it yet`, 'run an experiment first');
    }
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

async function openForWriting(path: string, options: WriteOptions): Promise<WritableStore> {
  const migrations = options.migrations ?? releasedMigrations;
  inspect(path, migrations);
  guarded(path, () => {
    makeFolder(dirname(path));
    // SQLite would only say that it cannot open the file.
    accessSync(dirname(path), constants.W_OK);
  });
  requireOneName(path);
  checkFolders(path);
  const lock = await acquireLock(path, options);
  try {
    const connection = connectForWriting(path);
    try {
      guarded(path, () => migrate(connection.database, path, migrations));
      return new OpenStore(path, connection, lock, options);
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function acquireLock(path: string, options: WriteOptions): Promise<WriterLock> {
  const patience = options.patienceMilliseconds ?? 5000;
  const lock = await WriterLock.acquire(path, patience, () => options.onWait?.(currentWriter(path)));
  if (lock !== null) return lock;
  const writer = currentWriter(path);
  const who = writer && `process ${writer.pid} on ${writer.host} (\`${writer.command}\`, since ${writer.started})`;
  throw new StoreError(
    'locked',
    path,
    `${path}: ${who ?? 'another process'} is writing this database`,
    'wait until it has finished, or use another database',
  );
}

/** Null when it can't be told, because the other process has only just made the database. */
function currentWriter(path: string): Writer | null {
  try {
    const store = openForReading(path);
    try {
      return store.writer();
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}

class ReadableStore extends SqliteRunReader implements Store {
  readonly path: string;
  readonly trials: TrialsReader;
  protected readonly checkpointFiles: CheckpointFolder;
  readonly #connection: Connection;
  readonly #sweeps: SweepReader;

  constructor(path: string, connection: Connection, objects: ObjectFolder) {
    const alive = () => writerIsAlive(path);
    super(connection.database, path, objects, alive);
    this.path = path;
    this.trials = new SqliteTrialsReader(connection.database, path, alive);
    this.checkpointFiles = new CheckpointFolder(path);
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

  close(): void {
    this.#connection.close();
  }
}

class OpenStore extends ReadableStore implements WritableStore {
  readonly #database: Database.Database;
  readonly #objects: ObjectFolder;
  readonly #tables: RunTables;
  readonly #sweepTables: SweepTables;
  readonly #checkpointTable: CheckpointTable;
  readonly #lock: WriterLock;
  readonly #place: PlaceWatch;
  readonly #now: () => string;
  readonly #session: number;
  readonly #runs = new Set<BufferedRunWriter>();
  readonly #openSweeps = new Set<BufferedSweepWriter>();
  #lastCommit = performance.now();
  /** As the connection is opened. */
  #durability: 'durable' | 'fast' = 'fast';

  constructor(path: string, connection: Connection, lock: WriterLock, options: WriteOptions) {
    const objects = new ObjectFolder(path, options.fileOperations, () => this.#place.check());
    super(path, connection, objects);
    this.#place = new PlaceWatch(path, objects.path);
    const clock = options.clock ?? (() => new Date());
    this.#database = connection.database;
    this.#objects = objects;
    this.#tables = new RunTables(connection.database);
    this.#sweepTables = new SweepTables(connection.database);
    this.#checkpointTable = new CheckpointTable(connection.database);
    this.#lock = lock;
    this.#now = () => clock().toISOString();
    objects.removeTemporaryFiles();
    this.checkpointFiles.removeAllBut(this.#checkpointTable.files());
    this.#session = this.#transaction('durable', () => {
      this.#tables.interruptUnfinished();
      this.#sweepTables.interruptUnfinished();
      return this.#tables.insertSession(process.pid, hostname(), options.command, this.#now());
    });
  }

  startRun(description: RunDescription): RunWriter {
    const run = this.#transaction('durable', () => this.#tables.insertRun(description, this.#session, this.#now()));
    return this.#runWriter(run);
  }

  resumeRun(id: string, from: CheckpointRecord | null): RunWriter {
    const { stages } = this.findRun(id);
    const run = runNumber(id) ?? -1;
    const tails = this.#transaction('durable', () => {
      this.#checkpointTable.dropNewerThan(run, from?.sha256 ?? null);
      const tails = rewindRun(this.#database, this.path, run, from);
      this.#tables.insertEvent(run, this.#now(), 'resumed', JSON.stringify({ stage: from?.stage, step: from?.step }));
      return tails;
    });
    const resumed = { seconds: from?.seconds ?? 0, stages: stages.map(({ stage }) => stage), tails, trained: false };
    return this.#runWriter(run, resumed);
  }

  evaluateRun(id: string): RunWriter {
    const { stages, seconds } = this.findRun(id);
    const run = runNumber(id) ?? -1;
    this.#transaction('durable', () => {
      this.#tables.setEvaluation(run, 'pending', null, this.#now());
      this.#tables.insertEvent(run, this.#now(), 'evaluated', '{}');
    });
    const names = stages.map(({ stage }) => stage);
    return this.#runWriter(run, { seconds: seconds ?? 0, stages: names, tails: [], trained: true });
  }

  forkRun(description: RunDescription, id: string, from: CheckpointRecord): RunWriter {
    const { stages } = this.findRun(id);
    const { run, tails } = this.#transaction('durable', () => {
      const run = this.#tables.insertRun(description, this.#session, this.#now());
      copyRun(this.#database, runNumber(id) ?? -1, run);
      const tails = rewindRun(this.#database, this.path, run, from);
      this.#tables.insertEvent(run, this.#now(), 'forked', JSON.stringify({ from: id, step: from.step }));
      return { run, tails };
    });
    const resumed = { seconds: from.seconds, stages: stages.map(({ stage }) => stage), tails, trained: false };
    return this.#runWriter(run, resumed);
  }

  settleRun(id: string, status: 'pruned' | 'stopped' | 'interrupted', reason: string | null): void {
    const run = runNumber(id) ?? -1;
    this.#transaction('durable', () => this.#tables.settleRun(run, status, reason, this.#now()));
  }

  keepCheckpoints(ids: readonly string[], count: number): void {
    if (ids.length === 0) return;
    const unnamed = this.#transaction('durable', () =>
      ids.flatMap((id) => this.#checkpointTable.dropAllBut(runNumber(id) ?? -1, count)),
    );
    this.checkpointFiles.remove(unnamed);
  }

  get checkpointFolder(): string {
    this.#place.check();
    this.checkpointFiles.make();
    return this.checkpointFiles.path;
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
    this.#transaction('durable', () => this.#sweepTables.reopenSweep(sweep, this.#now()));
    return this.#sweepWriter(sweep, this.#sweepTables.trialCount(sweep));
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
        this.#lock.release();
      }
    }
  }

  #commit(when: 'now' | 'durably' | 'due'): void {
    if (when === 'due' && performance.now() - this.#lastCommit < COMMIT_MILLISECONDS) return;
    const committed = this.#transaction(when === 'durably' ? 'durable' : 'fast', () =>
      [...this.#runs, ...this.#openSweeps].map((writer) => writer.write()),
    );
    for (const callback of committed) callback();
    this.#lastCommit = performance.now();
  }

  #runWriter(run: number, resumed?: ResumedRun): RunWriter {
    const context: RunWriterContext = {
      tables: this.#tables,
      checkpointTable: this.#checkpointTable,
      objects: this.#objects,
      checkpointFolder: this.checkpointFiles,
      now: this.#now,
      commit: (when) => this.#commit(when),
      done: (done) => this.#runs.delete(done),
    };
    const writer = new BufferedRunWriter(run, context, resumed);
    this.#runs.add(writer);
    return writer;
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

  /** A durable transaction survives a power failure, with all that were committed before it. */
  #transaction<T>(durability: 'durable' | 'fast', write: () => T): T {
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
