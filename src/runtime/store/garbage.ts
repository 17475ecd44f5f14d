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

/** What nothing in the database needs. */
export interface Garbage {
  readonly files: readonly StoreFile[];
  /** Sources, recipes, IRs and environments without a run or a trial. */
  readonly texts: number;
}

/** What has been given back. */
export interface Collected extends Garbage {
  /** By which the database itself has become smaller. */
  readonly databaseBytes: number;
  /** Why the database has kept its size although it has free pages; null otherwise. */
  readonly notShrunk: string | null;
}

const unusedTexts = `text_id NOT IN (SELECT source FROM runs UNION ALL SELECT ir FROM runs
  UNION ALL SELECT environment FROM runs UNION ALL SELECT recipe FROM sweep_trials)`;
const unusedObjects = 'object NOT IN (SELECT object FROM files)';

/** Writing a database anew is worth it from this part of free pages on. */
const FREE_PART = 1 / 20;

/**
 * Only reads. A live process has files that no row names yet, so what is found beside one need not be garbage.
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
 * Deletes rows that nothing needs, and then files that no row names. To be called by who has the database alone.
 *
 * @param only objects of runs that were deleted; null: all garbage, and the database becomes as small as it can be
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
  // SQLite would look for each deleted row in every row that could name it, which the statements have done.
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

/** @returns why it could not be done; null when it is done, or isn't worth it */
function shrink(database: Database.Database, path: string): string | null {
  const count = (name: string) => Number(database.pragma(name, { simple: true }));
  try {
    guarded(path, () => {
      if (count('freelist_count') > FREE_PART * count('page_count')) database.exec('VACUUM');
      // While somebody reads, the log stays, and the file keeps its size until it is written back.
      database.pragma('wal_checkpoint(TRUNCATE)');
    });
    return null;
  } catch (error) {
    // A full disk has no room for the copy that SQLite makes first. What was deleted is deleted.
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}

function bytesOf(path: string): number {
  return guarded(path, () =>
    [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0),
  );
}
