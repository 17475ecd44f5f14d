// The only place that loads better-sqlite3 (docs/decisions/0031-two-versions-of-better-sqlite3.md).
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { printable, StoreError } from './store-error.js';

/** Names of the packages in `node_modules`: version 12, and version 13 under a name of its own. */
export type SqlitePackage = 'better-sqlite3' | 'better-sqlite3-13';

/** What this Node uses of SQLite. */
export interface SqliteBinding {
  readonly package: SqlitePackage;
  readonly packageVersion: string;
  readonly sqliteVersion: string;
}

const require = createRequire(import.meta.url);

interface Binding {
  load(): typeof Database;
  manifest(): { readonly version: string };
  /** What to do if it is not installed. */
  readonly absent: string;
  /** What to do if its native part does not load. */
  readonly broken: string;
}

const again = `install aedsl again with this Node (${process.version}) and without --omit=optional`;
const bindings: Readonly<Record<SqlitePackage, Binding>> = {
  'better-sqlite3': {
    load: () => require('better-sqlite3'),
    manifest: () => require('better-sqlite3/package.json'),
    absent: `${again}, where github.com can be reached or there are a C++ compiler and Python; Node 22.14 and later need neither`,
    broken: 'install it again with this Node: npm rebuild better-sqlite3',
  },
  'better-sqlite3-13': {
    load: () => require('better-sqlite3-13'),
    manifest: () => require('better-sqlite3-13/package.json'),
    absent: again,
    broken: `${again}; on a system without a binary in the package: npm explore better-sqlite3-13 -- npm run build-release`,
  },
};

/**
 * Version 13 needs Node-API 10 (Node 22.14) and crashes on less. Version 12 aborts from Node 24.19 on, when the garbage
 * collector takes a statement.
 *
 * @param nodeApi `process.versions.napi`
 */
export function sqlitePackageFor(nodeApi: string | undefined): SqlitePackage {
  return Number(nodeApi) >= 10 ? 'better-sqlite3-13' : 'better-sqlite3';
}

const chosen = sqlitePackageFor(process.versions.napi);
let loaded: typeof Database | null = null;

/**
 * Loads SQLite on the first call.
 * @throws StoreError `not_loaded` if it can't be used on this machine
 */
export function loadSqlite(): typeof Database {
  if (loaded !== null) return loaded;
  const binding = bindings[chosen];
  try {
    const sqlite = binding.load();
    // The native part is loaded with the first database.
    new sqlite(':memory:').close();
    loaded = sqlite;
    return sqlite;
  } catch (error) {
    throw notLoaded(error, binding);
  }
}

/** @throws StoreError `not_loaded`, and the errors of SQLite */
export function openDatabase(path: string, options?: Database.Options): Database.Database {
  const sqlite = loadSqlite();
  return new sqlite(path, options);
}

/** Returns whether SQLite reported the error. */
export function isSqliteError(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return loaded !== null && error instanceof loaded.SqliteError;
}

/** @throws StoreError `not_loaded` */
export function sqliteBinding(): SqliteBinding {
  const database = openDatabase(':memory:');
  try {
    const sqliteVersion = database.prepare<[], string>('SELECT sqlite_version()').pluck().get();
    if (sqliteVersion === undefined) throw new Error('SQLite did not say its version');
    return { package: chosen, packageVersion: bindings[chosen].manifest().version, sqliteVersion };
  } finally {
    database.close();
  }
}

/** npm leaves out an optional package for another Node, one that it could not build, and all with --omit=optional. */
function notLoaded(error: unknown, { absent, broken }: Binding): StoreError {
  const isAbsent = error instanceof Error && error.message.startsWith(`Cannot find module '${chosen}'`);
  // The rest lists paths, one per line.
  const sentence = error instanceof Error ? error.message.replace(/:?\s+Tried:.*$/s, '') : String(error);
  const reason = isAbsent ? `the package ${chosen} is not installed` : printable(sentence.replace(/\s+/g, ' '));
  return new StoreError('not_loaded', chosen, `SQLite does not load (${reason})`, isAbsent ? absent : broken, {
    cause: error,
  });
}
