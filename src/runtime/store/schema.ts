import type Database from 'better-sqlite3';
import { APPLICATION_ID } from './database-header.js';
import type { Migration } from './migrations.js';
import { olderDatabases } from './older-database.js';
import { checkPages, checkSchema } from './schema-check.js';
import { StoreError } from './store-error.js';

/**
 * Reads the schema version of an open database, after checking that its tables are exactly those of that version; 0 for
 * an empty database, which will become ours.
 *
 * @throws StoreError `foreign_database` for another program's database, `newer_schema` for a later release's,
 * `altered_schema` if its tables, triggers or views differ from those of its version
 */
export function schemaVersion(database: Database.Database, path: string, migrations: readonly Migration[]): number {
  // In a transaction, so that no other process migrates it between reading the version and the tables.
  return database.transaction(() => checkedVersion(database, path, migrations))();
}

function checkedVersion(database: Database.Database, path: string, migrations: readonly Migration[]): number {
  const version = pragmaNumber(database, 'user_version');
  if (pragmaNumber(database, 'application_id') !== APPLICATION_ID) {
    const tables = database.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get();
    if (tables === undefined || tables.n > 0) {
      throw new StoreError(
        'foreign_database',
        path,
        `${path}: this SQLite database was not made by aedsl`,
        'choose another path; it was not touched',
      );
    }
    return 0;
  }
  const newest = newestOf(migrations);
  if (version > newest) {
    throw new StoreError(
      'newer_schema',
      path,
      `${path}: made by a newer aedsl (schema ${version}, this one knows up to ${newest})`,
      'update aedsl, or use another database',
    );
  }
  checkSchema(
    database,
    path,
    migrations.filter((step) => step.version <= version),
  );
  return version;
}

/**
 * Migrates the schema to the newest version, each step in a transaction that also sets its version.
 *
 * @throws StoreError as {@link schemaVersion}; `damaged`, before anything is changed
 */
export function migrate(database: Database.Database, path: string, migrations: readonly Migration[]): void {
  const version = schemaVersion(database, path, migrations);
  if (version > 0 && version < newestOf(migrations)) checkPages(database, path);
  for (const migration of migrations.filter((step) => step.version > version)) {
    database
      .transaction(() => {
        database.exec(migration.sql);
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
  }
  if (version > 0 && version < newestOf(migrations)) olderDatabases.emit('broughtUpToDate', path);
}

export function newestOf(migrations: readonly Migration[]): number {
  return migrations.reduce((newest, step) => Math.max(newest, step.version), 0);
}

function pragmaNumber(database: Database.Database, name: 'application_id' | 'user_version'): number {
  return database.prepare<[], number>(`PRAGMA ${name}`).pluck().get() ?? 0;
}
