import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import { FileError } from '../../files/read-file.js';
import { isSystemError } from '../../files/system-error.js';
import { writeFile } from '../../files/write-file.js';
import { JsonError, readJsonFile, type Schema } from '../formats/json.js';
import { userCache } from './places.js';
import type { RowsInFiles } from './stored-rows.js';

/*
 * A survey reads every value of large files. Its result is kept in the user's cache, under the files' paths, sizes, times
 * and inodes, so that they are read again only after one was touched. It is not kept beside the files: a checksum that
 * came with somebody's data would be believed.
 */

/** Smaller arrays are read again in a moment. */
const leastKept = 64 * 2 ** 20;

/** Time stamps of file systems are at most 2 s apart (FAT). */
const settledNanoseconds = 2_000_000_000n;

const mostKeptBytes = 16 * 2 ** 20;

export interface Question {
  /** Name of the survey and of its method; each method has its own. */
  readonly of: string;
  readonly rows: RowsInFiles;
  /** Everything else that it depends on. */
  readonly given: unknown;
}

/**
 * Returns the survey of rows in files from the cache, or makes it.
 *
 * @param schema of a kept result
 * @param known restores a result from its kept form; null for one that can't be of these rows
 * @param find makes the survey
 * @param folder where results are kept
 */
export function keptSurvey<K, T>(
  { of, rows, given }: Question,
  schema: Schema<K>,
  known: (kept: K) => T | null,
  find: () => T,
  folder = join(userCache(process.env), 'surveys'),
): T {
  const bytes = rows.files.reduce((sum, { version }) => sum + version.size, 0);
  if (bytes < leastKept) return find();
  const key = createHash('sha256')
    .update(JSON.stringify(['aedsl-survey-2', of, rows, given]))
    .digest('hex');
  const path = join(folder, `${key}.json`);
  const kept = keptAt(path, rows, schema);
  const restored = kept === null ? null : known(kept);
  if (restored !== null) return restored;
  const found = find();
  keep(path, found);
  return found;
}

/** Whether a file of the cache is so much later than the last write to the rows that none came after it in the same instant. */
function isKeptLaterThan({ files }: RowsInFiles, path: string): boolean {
  const written = statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  if (written === undefined) return false;
  return files.every(({ version }) =>
    [version.modified, version.changed].every((time) => BigInt(time) + settledNanoseconds < written),
  );
}

/** Null for a file that isn't there or is damaged, or that another version wrote. */
function keptAt<K>(path: string, rows: RowsInFiles, schema: Schema<K>): K | null {
  try {
    return isKeptLaterThan(rows, path) ? readJsonFile(schema, path, mostKeptBytes) : null;
  } catch (error) {
    if (error instanceof FileError || error instanceof JsonError || isSystemError(error)) return null;
    throw error;
  }
}

/** Without a cache that can be written, it is found again the next time. */
function keep(path: string, found: unknown): void {
  try {
    makeFolder(dirname(path));
    writeFile(path, JSON.stringify(found));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
