import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import type { CheckedRows } from './checked-rows.js';
import type { CheckpointFolder } from './checkpoints.js';
import { type ObjectFolder, type ObjectName, objectFileName } from './objects.js';
import { guarded, StoreError } from './store-error.js';
import { removeFile, type StoreFile } from './store-files.js';

/** A database and the folders beside it. */
export interface GarbagePlace {
  readonly path: string;
  readonly rows: CheckedRows;
  readonly objects: ObjectFolder;
  readonly checkpoints: CheckpointFolder;
}

/** Files and rows that nothing refers to. */
export interface Garbage {
  readonly files: readonly StoreFile[];
  /** Sources, recipes, IRs and environments that no run or trial uses. */
  readonly texts: number;
}

export interface Collected extends Garbage {
  /** Bytes by which the database file shrank. */
  readonly databaseBytes: number;
  /** Why the database kept its size despite free pages; null otherwise. */
  readonly notShrunk: string | null;
}

const unusedTexts = `text_id NOT IN (SELECT source FROM runs UNION ALL SELECT ir FROM runs
  UNION ALL SELECT environment FROM runs UNION ALL SELECT recipe FROM sweep_trials)`;
const unusedObjects =
  'object NOT IN (SELECT object FROM files UNION ALL SELECT init FROM sweeps WHERE init IS NOT NULL)';

/** Fraction of free pages from which rewriting the database pays off. */
const FREE_PART = 1 / 20;

/**
 * Read-only. Live processes have files that no row names yet, so what is found while one is running may not be garbage.
 *
 * @throws StoreError `damaged`
 */
export function findGarbage({ rows, objects, checkpoints }: GarbagePlace): Garbage {
  rows.checkPages();
  const stored = rows.objects<ObjectName>(`SELECT o.sha256, o.extension FROM objects o WHERE NOT o.${unusedObjects}`);
  const states = rows.objects<{ file: string }>('SELECT c.file FROM checkpoints c');
  const named = new Set([...stored.map(objectFileName), ...states.map(({ file }) => file)]);
  const [texts] = rows.objects<{ n: number }>(`SELECT count(*) AS n FROM texts WHERE ${unusedTexts}`);
  return {
    files: [...objects.files(), ...checkpoints.files()].filter(({ name }) => !named.has(name)),
    texts: texts?.n ?? 0,
  };
}

/**
 * Deletes unreferenced rows, then files that no row names. The caller must hold the database exclusively.
 *
 * @param only objects of deleted runs; null collects all garbage and shrinks the database
 * @param durably runs a transaction that survives a power failure
 */
export function collectGarbage(
  database: Database.Database,
  place: GarbagePlace,
  only: readonly ObjectName[] | null,
  durably: (write: () => void) => void,
): Collected {
  const before = bytesOf(place.path);
  const garbage = findGarbage(place);
  // SQLite would search every referring table for each deleted row; the statements already did.
  database.pragma('foreign_keys = OFF');
  try {
    durably(() => database.exec(`DELETE FROM objects WHERE ${unusedObjects}; DELETE FROM texts WHERE ${unusedTexts}`));
  } finally {
    database.pragma('foreign_keys = ON');
  }
  const wanted = only && new Set(only.map(objectFileName));
  const files = garbage.files.filter(({ name }) => wanted === null || wanted.has(name));
  for (const { form, folder, name } of files) removeFile(form, folder, name);
  const notShrunk = only === null ? shrink(database, place.path) : null;
  return { files, texts: garbage.texts, databaseBytes: Math.max(0, before - bytesOf(place.path)), notShrunk };
}

/** @returns why the database could not be shrunk; null if it was, or if that isn't worth it */
function shrink(database: Database.Database, path: string): string | null {
  const count = (name: string) => Number(database.pragma(name, { simple: true }));
  try {
    guarded(path, () => {
      if (count('freelist_count') > FREE_PART * count('page_count')) database.exec('VACUUM');
      // The log can't be truncated while anyone reads, and the file keeps its size until the log is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
    });
    return null;
  } catch (error) {
    // SQLite makes a copy first, for which a full disk has no room. The rows are deleted all the same.
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}

function bytesOf(path: string): number {
  return guarded(path, () =>
    [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0),
  );
}
