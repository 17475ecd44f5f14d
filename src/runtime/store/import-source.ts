import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckedRows } from './checked-rows.js';
import { connectForReading, connectForWriting } from './connection.js';
import { migrations } from './migrations.js';
import { ObjectFolder } from './objects.js';
import { SqliteRunReader } from './run-reader.js';
import { migrate, schemaVersion } from './schema.js';
import { isSqliteError } from './sqlite.js';
import { asStoreError, StoreError } from './store-error.js';
import { SqliteSweepReader } from './sweep-reader.js';

/** Snapshot of a database to import from. */
export interface ImportSource {
  /** Path of the original database, for messages. */
  readonly path: string;
  /** Nothing in a snapshot is running: unfinished runs read as `interrupted`. */
  readonly runs: SqliteRunReader;
  readonly sweeps: SqliteSweepReader;
  readonly rows: CheckedRows;
  close(): void;
}

/**
 * Copies an untrusted database of any schema up to ours, which others may be writing. Only reads the original.
 *
 * @throws StoreError as `openStore`; `damaged` if its pages are inconsistent
 */
export async function openImportSource(path: string): Promise<ImportSource> {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-import-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'results.db');
    await copyDatabase(path, copy);
    const { database, close } = connectForWriting(copy);
    try {
      migrate(database, path, migrations);
      const sound = database.pragma('integrity_check(1)', { simple: true });
      if (sound !== 'ok') throw damaged(path);
    } catch (error) {
      close();
      throw error;
    }
    const nothingRuns = () => false;
    const objects = new ObjectFolder(path);
    return {
      path,
      runs: new SqliteRunReader(database, path, objects, nothingRuns),
      sweeps: new SqliteSweepReader(database, path, nothingRuns, objects),
      rows: new CheckedRows(database, path, 'r'),
      close: () => {
        close();
        remove();
      },
    };
  } catch (error) {
    remove();
    if (isSqliteError(error) && error.code.startsWith('SQLITE_CONSTRAINT')) throw damaged(path);
    throw asStoreError(path, error);
  }
}

async function copyDatabase(path: string, copy: string): Promise<void> {
  const { database, close } = connectForReading(path);
  try {
    if (schemaVersion(database, path, migrations) === 0) {
      throw new StoreError('missing', path, `${path}: there are no results in it yet`, 'give another database');
    }
    await database.backup(copy);
  } finally {
    close();
  }
}

function damaged(path: string): StoreError {
  return new StoreError(
    'damaged',
    path,
    `${path}: the database is damaged (its tables are inconsistent); nothing was imported`,
    'copy it, try `sqlite3 results.db ".recover"`, and import what that gives',
  );
}
