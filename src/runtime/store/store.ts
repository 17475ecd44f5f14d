import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import type { FileOperations } from '../../files/write-file.js';
import { connectForReading, connectForWriting, inspect } from './connection.js';
import { databasePlace, requireOneName } from './database-place.js';
import { type Collected, collectGarbage, type Garbage } from './garbage.js';
import type { ImportedIds, ImportReport } from './import-results.js';
import type { ImportSource } from './import-source.js';
import { type Migration, migrations as releasedMigrations } from './migrations.js';
import { ObjectFolder, type ObjectName } from './objects.js';
import { SqliteStore } from './readable-store.js';
import type { CheckpointRecord, RunDescription, Writer } from './records.js';
import type { RemovalPlan } from './removal.js';
import type { RunReader } from './run-reader.js';
import type { RunWriter } from './run-writer.js';
import { newestOf, schemaVersion } from './schema.js';
import { describeWriter, removeDeadLocks, requireNoStranger, SessionLock } from './sessions.js';
import { haveDatabaseAlone, lockedError, shareDatabase } from './shared-database.js';
import { guarded, StoreError } from './store-error.js';
import { checkFolders, type StoreFile } from './store-files.js';
import type { SweepDescription, SweepReader, SweepWriter } from './sweep-records.js';
import type { TrialsReader } from './trials-reader.js';
import { WritableSqliteStore } from './writable-store.js';

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

/**
 * Opens `results.db` for reading, and brings an older schema up to date first.
 * @throws StoreError as {@link openStore}; `older_schema` for a database that can't be written
 */
export async function openUpToDate(path: string): Promise<Store> {
  try {
    return await openStore(path, { mode: 'read' });
  } catch (error) {
    if (!(error instanceof StoreError && error.reason === 'older_schema')) throw error;
    await bringUpToDate(path, error);
    return openStore(path, { mode: 'read' });
  }
}

async function bringUpToDate(path: string, older: StoreError): Promise<void> {
  try {
    (await openStore(path, { mode: 'write', command: 'bringing the results up to date', existing: true })).close();
  } catch (error) {
    if (!(error instanceof StoreError && error.reason === 'read_only')) throw error;
    const hint = 'it has to be brought up to date, and may not be written here: copy it to a folder where it may';
    throw new StoreError('older_schema', older.path, older.message, hint, { cause: error });
  }
}

/** Reads a database, which is closed whatever happens. @throws StoreError as {@link openUpToDate}, and what `read` throws */
export async function readStore<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  return closedAfter(await openUpToDate(path), read);
}

/** As {@link readStore}, for those who only look on: leaves an older schema as it is. @throws StoreError `older_schema` */
export async function readStoreAsItIs<T>(path: string, read: (store: Store) => T | Promise<T>): Promise<T> {
  return closedAfter(await openStore(path, { mode: 'read' }), read);
}

async function closedAfter<T>(store: Store, read: (store: Store) => T | Promise<T>): Promise<T> {
  try {
    return await read(store);
  } finally {
    store.close();
  }
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
        'any command that shows or writes results, such as `aedsl ls`, brings it up to date',
      );
    }
  } catch (error) {
    connection.close();
    throw error;
  }
  const objects = new ObjectFolder(path);
  return new SqliteStore(path, connection, objects);
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
    if (lock === null) throw lockedError(path, writersOf(path).map(describeWriter).join(', ') || null);
    steps.push(() => lock.release());
    removeDeadLocks(path);
    return new WritableSqliteStore(path, connection, { session, database: lock }, options);
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
