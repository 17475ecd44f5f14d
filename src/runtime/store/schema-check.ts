import type Database from 'better-sqlite3';
import { quoted } from '../../files/quoted.js';
import type { Migration } from './migrations.js';
import { openDatabase } from './sqlite.js';
import { explained, StoreError } from './store-error.js';

/** A row of `sqlite_schema`. */
interface SchemaEntry {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  /** Null for indexes that SQLite creates for a UNIQUE or PRIMARY KEY. */
  readonly sql: string | null;
}

/** Most entries that a message names. */
const SHOWN_NAMES = 5;

const expectedSchemas = new WeakMap<Migration, ReadonlyMap<string, SchemaEntry>>();

/**
 * Compares the tables, indexes, triggers and views of an open database with those our migrations create. A trigger, a
 * generated column or a view in place of a table would run foreign SQL on every read or write.
 *
 * @param applied the migrations the database claims to have had
 * @throws StoreError `altered_schema`
 */
export function checkSchema(database: Database.Database, path: string, applied: readonly Migration[]): void {
  const expected = expectedSchema(applied);
  const found = entriesOf(database);
  const strange = [...found].filter(([key, entry]) => !isStatistics(entry) && !isSame(expected.get(key), entry));
  const missing = [...expected].filter(([key]) => !found.has(key));
  if (strange.length === 0 && missing.length === 0) return;
  const problem =
    strange.length > 0
      ? `it has ${listed(strange)}, which no aedsl made so`
      : `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`;
  throw new StoreError(
    'altered_schema',
    path,
    `${path}: its tables are not those of a results database: ${problem}`,
    'it may be malicious; use a copy from a source you trust. It was not changed',
  );
}

/**
 * Reads every page of an open database and checks that each is used once. Otherwise statements that count or delete
 * would never end on pages that form a cycle, and SQLite can't be interrupted. Takes about 1 ms per MiB.
 *
 * @throws StoreError `damaged`
 */
export function checkPages(database: Database.Database, path: string): void {
  if (database.pragma('quick_check(1)', { simple: true }) !== 'ok') throw explained('damaged', path);
}

/** Tables left by `ANALYZE`, which affect speed but not results. */
function isStatistics({ type, name, sql }: SchemaEntry): boolean {
  return (
    type === 'table' && /^sqlite_stat[14]$/.test(name) && /^CREATE TABLE sqlite_stat\d\([a-z, ]*\)$/i.test(sql ?? '')
  );
}

function isSame(expected: SchemaEntry | undefined, found: SchemaEntry): boolean {
  return expected !== undefined && expected.table === found.table && normalised(expected.sql) === normalised(found.sql);
}

/** Whitespace and optional quotes depend on the version of SQLite that last altered a table. */
function normalised(sql: string | null): string | null {
  if (sql === null) return null;
  return sql
    .split(/('[^']*')/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/"([a-z_]+)"/g, '$1').replace(/\s+/g, ' ')))
    .join('')
    .trim();
}

function expectedSchema(applied: readonly Migration[]): ReadonlyMap<string, SchemaEntry> {
  const newest = applied.at(-1);
  if (newest === undefined) return new Map();
  const known = expectedSchemas.get(newest);
  if (known !== undefined) return known;
  const database = openDatabase(':memory:');
  try {
    for (const { sql } of applied) database.exec(sql);
    const entries = entriesOf(database);
    expectedSchemas.set(newest, entries);
    return entries;
  } finally {
    database.close();
  }
}

function entriesOf(database: Database.Database): ReadonlyMap<string, SchemaEntry> {
  // The schema is itself a table of the file, whose columns can hold anything.
  const rows = database
    .prepare<[], SchemaEntry>(
      `SELECT CAST(type AS TEXT) AS type, CAST(name AS TEXT) AS name, CAST(tbl_name AS TEXT) AS "table",
         CAST(sql AS TEXT) AS sql FROM sqlite_schema`,
    )
    .all();
  return new Map(rows.map((entry) => [`${entry.type} ${entry.name}`, entry]));
}

function listed(entries: readonly (readonly [string, SchemaEntry])[]): string {
  const names = entries
    .slice(0, SHOWN_NAMES)
    .map(([, { type, name }]) => `${isKnownType(type) ? type : quoted(type)} ${quoted(name)}`);
  const more = entries.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

function isKnownType(type: string): boolean {
  return ['table', 'index', 'trigger', 'view'].includes(type);
}
