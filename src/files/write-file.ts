import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from './folders.js';
import { isSystemError, systemCode, systemReason } from './system-error.js';

/** Permissions and owner of a file, as `stat` gives them. */
export type FileOwnership = Pick<Stats, 'mode' | 'uid' | 'gid'>;

export interface OpenOptions {
  /** `w`, a new or empty file, by default. */
  readonly flags?: 'w' | 'a';
  /** Whose permissions and owner the file gets; the process's defaults when omitted. */
  readonly like?: FileOwnership | undefined;
}

/** The operations of a durable write, one by one, so that a test can make any of them fail. */
export interface FileOperations {
  open(path: string, options?: OpenOptions): number;
  /** Returns how many bytes were written, which may be fewer than were given. */
  write(file: number, bytes: Uint8Array): number;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  syncFolder(path: string): void;
}

export const fileOperations: FileOperations = {
  open: openFile,
  write: (file, bytes) => writeSync(file, bytes),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  syncFolder,
};

export type FileContent = string | Uint8Array | Iterable<string | Uint8Array>;

/**
 * Writes a file whole or not at all: at any instant, power failure included, its path holds either what was there before or
 * all of `content`. A symbolic link is followed and stays a link, also one to a file that doesn't exist yet; permissions and
 * owner are kept. A file that has other names (hard links) is overwritten in place instead, so that all of them mean the new
 * content, and no power failure may come between. Standard streams (`/dev/stdout`, `/dev/fd/63`) and devices such as `/dev/null` are written directly.
 *
 * @throws NotAFileError for a pipe, a socket or a disk; ReadOnlyFileError; the system's error; the temporary file is removed and the old content is untouched
 */
export function writeFile(path: string, content: FileContent, operations: FileOperations = fileOperations): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (isDevice(path, existing)) {
    requireNoWaiting(path, existing);
    const device = operations.open(path, { flags: 'a' });
    try {
      writeAll(device, content, operations);
    } finally {
      operations.close(device);
    }
    return;
  }
  requireWritable(path, existing);
  const target = targetOf(path);
  const temporary = temporaryBeside(target);
  if (!hasOtherNames(existing)) {
    writeAtomically(target, temporary, content, operations, existing);
    return;
  }
  try {
    writeSynced(temporary, content, operations, existing);
    overwrite(target, temporary, operations);
  } catch (error) {
    throw naming(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A file that somebody has made read-only is not replaced, though the permissions of its folder would let it be. */
export class ReadOnlyFileError extends Error {
  override readonly name = 'ReadOnlyFileError';
  readonly hint: string;

  constructor(path: string) {
    super(`cannot write '${path}': it is read-only`);
    this.hint = `chmod u+w ${path} lets it be written`;
  }
}

/** By its mode too, which does not keep the superuser out. @throws ReadOnlyFileError */
function requireWritable(path: string, existing: Stats | undefined): void {
  if (existing === undefined) return;
  if ((existing.mode & 0o222) === 0) throw new ReadOnlyFileError(path);
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    if (systemCode(error) === 'EACCES') throw new ReadOnlyFileError(path);
    throw error;
  }
}

/** Whether another name, a hard link, means the same file, and is to mean it afterwards. */
function hasOtherNames(existing: Stats | undefined): boolean {
  return existing !== undefined && existing.nlink > 1;
}

/** Puts the content of one file into another, which stays the same file under all its names. */
function overwrite(target: string, from: string, operations: FileOperations): void {
  copyFileSync(from, target);
  const file = operations.open(target, { flags: 'a' });
  try {
    operations.sync(file);
  } finally {
    operations.close(file);
  }
}

/** What has the name of an output is nothing that could hold a file. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';
  readonly hint = 'name an ordinary file; /dev/stdout writes into a pipe';

  constructor(path: string, kind: string) {
    super(`cannot write '${path}': it is ${kind}`);
  }
}

/** Some of the files that belong together have been replaced, and the others have not. */
export class PartlyWrittenError extends Error {
  override readonly name = 'PartlyWrittenError';
  readonly hint: string;

  constructor(folder: string, missing: readonly string[], cause: unknown) {
    super(`cannot write all files of '${folder}': ${systemReason(cause)}`, { cause });
    this.hint = `not written: ${missing.join(', ')}; the files there do not belong together any more`;
  }
}

/** A file that waits for its name. */
interface Staged {
  readonly name: string;
  readonly temporary: string;
  readonly target: string;
  /** Whether the file that has the name has other names too. */
  readonly isShared: boolean;
}

/**
 * Writes files that belong together into a folder, which is made where there is none. All of them are on the disk before the
 * first gets its name, so that a full disk leaves the folder as it was.
 *
 * @returns the paths that were written
 * @throws the system's error or ReadOnlyFileError, with nothing written; PartlyWrittenError where a file could not get its name
 */
export function writeFiles(
  folder: string,
  files: readonly { readonly name: string; readonly content: FileContent }[],
  operations: FileOperations = fileOperations,
): readonly string[] {
  const made = makeFolder(folder);
  const staged: Staged[] = [];
  try {
    for (const { name, content } of files) {
      const path = join(folder, name);
      const existing = statSync(path, { throwIfNoEntry: false });
      requireWritable(path, existing);
      const target = targetOf(path);
      const temporary = temporaryBeside(target);
      writeSynced(temporary, content, operations, existing);
      staged.push({ name, temporary, target, isShared: hasOtherNames(existing) });
    }
  } catch (error) {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    if (made !== undefined) removeEmpty(folder, made);
    throw error;
  }
  for (const [i, { temporary, target, isShared }] of staged.entries()) {
    try {
      if (isShared) overwrite(target, temporary, operations);
      else operations.rename(temporary, target);
      rmSync(temporary, { force: true });
    } catch (error) {
      const left = staged.slice(i);
      for (const file of left) rmSync(file.temporary, { force: true });
      const missing = left.map(({ name }) => name);
      throw new PartlyWrittenError(folder, missing, error);
    }
  }
  operations.syncFolder(folder);
  return files.map(({ name }) => join(folder, name));
}

/**
 * As {@link writeFile}, with a temporary file of the caller's choice: written, synced, renamed, and the folder synced.
 *
 * @param temporary on the same file system as `path`
 * @param like whose permissions and owner the file gets; the process's defaults when omitted
 */
export function writeAtomically(
  path: string,
  temporary: string,
  content: FileContent,
  operations: FileOperations = fileOperations,
  like?: FileOwnership,
): void {
  try {
    writeSynced(temporary, content, operations, like);
    try {
      operations.rename(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    operations.syncFolder(dirname(path));
  } catch (error) {
    throw naming(error, path);
  }
}

/** A system's error as one about the file that was to be written: a write names none, and an open names the temporary one. */
function naming(error: unknown, path: string): unknown {
  return isSystemError(error) ? Object.assign(error, { path, dest: undefined }) : error;
}

/** Removed where it can't be written whole. */
function writeSynced(
  path: string,
  content: FileContent,
  operations: FileOperations,
  like: FileOwnership | undefined,
): void {
  try {
    const file = operations.open(path, { like });
    try {
      writeAll(file, content, operations);
      operations.sync(file);
    } finally {
      operations.close(file);
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** The file that a path leads to, which may not exist yet. */
function targetOf(path: string): string {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry?.isSymbolicLink()) return path;
  // The real path of the link's folder, as `..` in a link is relative to that.
  return targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path)));
}

/** Named by itself alone, as the name of the file may be as long as a name can be. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.aedsl-${randomUUID()}.tmp`);
}

/** Written as what they are, whatever they were redirected to. */
const standardStream = /^\/(dev\/(stdout|stderr|fd\/)|proc\/[^/]+\/fd\/)/;

function isDevice(path: string, existing: Stats | undefined): boolean {
  if (existing === undefined) return false;
  return (!existing.isFile() && !existing.isDirectory()) || standardStream.test(resolve(path));
}

/** Opening a pipe waits for its reader, and a disk is written over. */
function requireNoWaiting(path: string, existing: Stats | undefined): void {
  if (existing === undefined || standardStream.test(resolve(path))) return;
  if (existing.isFIFO()) throw new NotAFileError(path, 'a pipe');
  if (existing.isSocket()) throw new NotAFileError(path, 'a socket');
  if (existing.isBlockDevice()) throw new NotAFileError(path, 'a disk');
}

/** Removes folders that were made for files, from the innermost to the first, as long as they are empty. */
function removeEmpty(folder: string, first: string): void {
  try {
    for (let at = resolve(folder); at.length >= resolve(first).length; at = dirname(at)) rmdirSync(at);
  } catch (error) {
    if (systemCode(error) !== 'ENOTEMPTY') throw error;
  }
}

function writeAll(file: number, content: FileContent, operations: FileOperations): void {
  for (const chunk of chunksOf(content)) writeWhole(file, chunk, operations);
}

/** The system takes no more than this in one call. */
const mostBytesAtOnce = 2 ** 30;

function writeWhole(file: number, bytes: Uint8Array, operations: FileOperations): void {
  for (let written = 0; written < bytes.length; ) {
    written += operations.write(file, bytes.subarray(written, written + mostBytesAtOnce));
  }
}

function* chunksOf(content: FileContent): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  const chunks = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
}

function openFile(path: string, { flags = 'w', like }: OpenOptions = {}): number {
  const file = openSync(path, flags, like?.mode);
  if (like === undefined) return file;
  // What openSync is given is narrowed by the umask, and only the superuser can give a file to somebody else. A changed owner
  // clears the bits that run a program as its owner, so the mode comes last.
  const { uid, gid, mode } = like;
  if (process.getuid?.() !== uid || process.getgid?.() !== gid) tolerant(() => fchownSync(file, uid, gid));
  tolerant(() => fchmodSync(file, mode & 0o7777));
  return file;
}

function tolerant(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (![...unsupported, 'EPERM'].includes(systemCode(error))) throw error;
  }
}

/** Codes of file systems that have no way to sync a folder, such as some FUSE and network drives. */
const unsupported: readonly (string | null)[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Makes a rename survive a power failure, where the file system can. Windows cannot open a folder for that, and keeps its
 * entries in a journal.
 */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch (error) {
    if (!unsupported.includes(systemCode(error))) throw error;
  } finally {
    closeSync(folder);
  }
}
