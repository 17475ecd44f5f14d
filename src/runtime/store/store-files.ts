import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import { guarded, StoreError } from './store-error.js';

/** Largest object or checkpoint that is read. */
export const MOST_FILE_BYTES = 2 ** 31;

/** Name patterns that only the store gives to files. */
const forms = {
  /** `r12-0123456789abcdef-0-400.safetensors`: run, session, stage and step; ends in `.part` until complete. */
  checkpoint: /^r[1-9]\d{0,14}-(?:([0-9a-f]{16})-)?\d{1,15}-\d{1,15}\.safetensors(?:\.part)?$/,
  /** SHA-256 of its content. */
  object: /^[0-9a-f]{64}\.[a-z][a-z0-9]{0,15}$/,
  /** An incomplete object: the session and the object's name. */
  temporary: /^([0-9a-f]{16})-[0-9a-f]{64}\.[a-z][a-z0-9]{0,15}$/,
  /** A session's lock: the session and the inode of its database. */
  session: /^([0-9a-f]{16})-[0-9a-f]{1,16}\.lock$/,
} as const;

export type FileForm = keyof typeof forms;

/** Returns whether the store may have created a name found in the database. */
export function hasForm(form: FileForm, name: string): boolean {
  return forms[form].test(name);
}

/** Session encoded in a file name; null if there is none. */
export function sessionToken(form: FileForm, name: string): string | null {
  return forms[form].exec(name)?.[1] ?? null;
}

/**
 * Deletes a file of the store. Whatever the database says, this deletes only regular files whose names match the
 * pattern, directly in a folder that is not a link.
 *
 * @throws StoreError if the system refuses
 */
export function removeFile(form: FileForm, folder: string, name: string): void {
  if (!hasForm(form, name) || !isFolder(folder)) return;
  const path = join(folder, name);
  guarded(path, () => {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile()) rmSync(path, { force: true });
  });
}

/** A file that {@link removeFile} would delete. */
export interface StoreFile {
  readonly form: FileForm;
  readonly folder: string;
  readonly name: string;
  readonly bytes: number;
}

/**
 * Regular files whose names match the pattern, directly in a folder that is not a link. @throws StoreError if the
 * system refuses
 */
export function filesOf(form: FileForm, folder: string): readonly StoreFile[] {
  if (!isFolder(folder)) return [];
  return guarded(folder, () =>
    readdirSync(folder).flatMap((name) => {
      if (!hasForm(form, name)) return [];
      const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
      return found?.isFile() ? [{ form, folder, name, bytes: found.size }] : [];
    }),
  );
}

/** Returns whether the path is a folder, rather than a link to one. */
export function isFolder(path: string): boolean {
  return guarded(path, () => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}

/**
 * Creates a folder of the store if it doesn't exist.
 *
 * @throws StoreError `foreign_file` if a link or a file has its name
 */
export function makeOwnFolder(path: string): void {
  guarded(path, () => {
    requireOwn(path, 'folder');
    makeFolder(path);
  });
}

/**
 * Inspects the paths of SQLite's own files before SQLite uses them: it would write through links, and a rollback
 * journal may name any file of the machine to be deleted after playback.
 *
 * @param databasePath free of links
 * @throws StoreError `foreign_file`
 */
export function checkJournals(databasePath: string): void {
  guarded(databasePath, () => {
    for (const ending of ['-wal', '-shm', '-journal']) requireOwn(`${databasePath}${ending}`, 'file');
    const journal = `${databasePath}-journal`;
    if (!namesSuperJournal(journal)) return;
    throw new StoreError(
      'foreign_file',
      journal,
      `${journal}: this journal asks SQLite to delete another file, which no journal of aedsl does`,
      'do not trust where the database comes from; nothing was changed',
    );
  });
}

/** Like {@link checkJournals}, for the lock and the folders beside a database to be written. */
export function checkFolders(databasePath: string): void {
  guarded(databasePath, () => {
    requireOwn(`${databasePath}.lock`, 'file');
    for (const ending of ['.objects', '.checkpoints', '.sessions']) requireOwn(`${databasePath}${ending}`, 'folder');
  });
}

function requireOwn(path: string, kind: 'file' | 'folder'): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || (kind === 'file' ? found.isFile() : found.isDirectory())) return;
  const what = found.isSymbolicLink() ? 'a symbolic link' : `not a ${kind}`;
  throw new StoreError(
    'foreign_file',
    path,
    `${path}: this is ${what}, so it does not belong to the database of that name`,
    'move it away, or use another database; to keep results on another drive, put the database there as well',
  );
}

/** Trailer of a journal that names a super-journal (https://www.sqlite.org/fileformat2.html#the_rollback_journal). */
const SUPER_JOURNAL = Buffer.from('d9d505f920a163d7', 'hex');

function namesSuperJournal(journal: string): boolean {
  if (lstatSync(journal, { throwIfNoEntry: false }) === undefined) return false;
  const file = openSync(journal, 'r');
  try {
    const { size } = fstatSync(file);
    const end = Buffer.alloc(SUPER_JOURNAL.length);
    readSync(file, end, 0, end.length, Math.max(0, size - end.length));
    return end.equals(SUPER_JOURNAL);
  } finally {
    closeSync(file);
  }
}
