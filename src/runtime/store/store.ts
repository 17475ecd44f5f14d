import { accessSync, constants, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type Database from 'better-sqlite3';
import type { FileOperations } from './atomic-file.js';
import { type Connection, connectForReading, connectForWriting, inspect } from './connection.js';
import { type Migration, migrations as releasedMigrations } from './migrations.js';
import { ObjectFolder } from './objects.js';
import type { RunDescription, Writer } from './records.js';
import { type RunReader, SqliteRunReader } from './run-reader.js';
import { RunTables } from './run-tables.js';
import { BufferedRunWriter, type RunWriter } from './run-writer.js';
import { migrate, newestOf, schemaVersion } from './schema.js';
import { guarded, StoreError } from './store-error.js';
import { WriterLock, writerIsAlive } from './writer-lock.js';

/** Between commits while steps come in. */
const COMMIT_MILLISECONDS = 200;

export interface Store extends RunReader {
  readonly path: string;
  close(): void;
}

/** A store that may be written: by one process at a time, and by any number of runs within it. */
export interface WritableStore extends Store {
  /** Adds a run, durably, and gives it the next id. @throws StoreError */
  startRun(description: RunDescription): RunWriter;
  /** Commits what all runs have recorded. @throws StoreError */
  flush(): void;
  /** Runs that haven't ended become `interrupted`. The right to write is given up even when that fails. */
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
 *   `older_schema` (reading), `locked` (says who writes), `read_only`, `disk_full`, `cannot_open`, `damaged`, `io_error`
 */
export async function openStore(path: string, options: WriteOptions): Promise<WritableStore>;
export async function openStore(path: string, options: ReadOptions): Promise<Store>;
export async function openStore(path: string, options: ReadOptions | WriteOptions): Promise<Store> {
  const absolute = resolve(path);
  return options.mode === 'read' ? openForReading(absolute, options.migrations) : openForWriting(absolute, options);
}

function openForReading(path: string, migrations: readonly Migration[] = releasedMigrations): Store {
  const newest = newestOf(migrations);
  const connection = connectForReading(path);
  const { database } = connection;
  try {
    const version = guarded(path, () => schemaVersion(database, path, newest));
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
  inspect(path, newestOf(migrations));
  guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    // SQLite would only say that it cannot open the file.
    accessSync(dirname(path), constants.W_OK);
  });
  const lock = await acquireLock(path, options);
  try {
    const connection = connectForWriting(path);
    try {
      guarded(path, () => migrate(connection.database, path, migrations));
      const objects = new ObjectFolder(path, options.fileOperations);
      return new OpenStore(path, connection, objects, lock, options);
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
  readonly #connection: Connection;

  constructor(path: string, connection: Connection, objects: ObjectFolder) {
    super(connection.database, path, objects, () => writerIsAlive(path));
    this.path = path;
    this.#connection = connection;
  }

  close(): void {
    this.#connection.close();
  }
}

class OpenStore extends ReadableStore implements WritableStore {
  readonly #database: Database.Database;
  readonly #objects: ObjectFolder;
  readonly #tables: RunTables;
  readonly #lock: WriterLock;
  readonly #now: () => string;
  readonly #session: number;
  readonly #runs = new Set<BufferedRunWriter>();
  #lastCommit = performance.now();

  constructor(path: string, connection: Connection, objects: ObjectFolder, lock: WriterLock, options: WriteOptions) {
    super(path, connection, objects);
    const clock = options.clock ?? (() => new Date());
    this.#database = connection.database;
    this.#objects = objects;
    this.#tables = new RunTables(connection.database);
    this.#lock = lock;
    this.#now = () => clock().toISOString();
    objects.removeTemporaryFiles();
    this.#session = this.#transaction('durable', () => {
      this.#tables.interruptUnfinished();
      return this.#tables.insertSession(process.pid, hostname(), options.command, this.#now());
    });
  }

  startRun(description: RunDescription): RunWriter {
    const run = this.#transaction('durable', () => this.#tables.insertRun(description, this.#session, this.#now()));
    const writer = new BufferedRunWriter(run, {
      tables: this.#tables,
      objects: this.#objects,
      now: this.#now,
      commit: (when) => this.#commit(when),
      done: (done) => this.#runs.delete(done),
    });
    this.#runs.add(writer);
    return writer;
  }

  flush(): void {
    this.#commit('now');
  }

  override close(): void {
    try {
      for (const run of [...this.#runs]) run.interrupt();
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
      [...this.#runs].map((run) => run.write()),
    );
    for (const callback of committed) callback();
    this.#lastCommit = performance.now();
  }

  /** A durable transaction survives a power failure, with all that were committed before it. */
  #transaction<T>(durability: 'durable' | 'fast', write: () => T): T {
    return guarded(this.path, () => {
      this.#database.pragma(`synchronous = ${durability === 'durable' ? 'FULL' : 'NORMAL'}`);
      try {
        return this.#database.transaction(write).immediate();
      } catch (error) {
        this.#tables.rolledBack();
        throw error;
      }
    });
  }
}
