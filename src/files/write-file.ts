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

/** Permissions and owner of a file, as `stat` returns them. */
export type FileOwnership = Pick<Stats, 'mode' | 'uid' | 'gid'>;

export interface OpenOptions {
  /** Defaults to `w`: create or truncate. */
  readonly flags?: 'w' | 'a';
  /** Source of the file's permissions and owner; the process's defaults if omitted. */
  readonly like?: FileOwnership | undefined;
}

/** The operations of a durable write, separate so that a test can make any of them fail. */
export interface FileOperations {
  open(path: string, options?: OpenOptions): number;
  /** Returns the number of bytes written, which may be fewer than given. */
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
 * Writes a file atomically: at any instant, power failure included, its path holds either the old content or all of
 * `content`. Follows a symbolic link, even a dangling one, and keeps it a link; keeps permissions and owner. A file
 * with other hard links is overwritten in place instead, so that every name sees the new content; that write is not
 * safe against power failure. Writes directly to standard streams (`/dev/stdout`, `/dev/fd/63`) and devices such as
 * `/dev/null`.
 *
 * @throws NotAFileError for a pipe, a socket or a disk; ReadOnlyFileError; the system's error. The temporary file is
 * then removed and the old content untouched
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

/** The file is read-only. It is not replaced, even if the permissions of its folder would allow it. */
export class ReadOnlyFileError extends Error {
  override readonly name = 'ReadOnlyFileError';
  readonly hint: string;

  constructor(path: string) {
    super(`cannot write '${path}': it is read-only`);
    this.hint = `make it writable: chmod u+w ${path}`;
  }
}

/** Checks the mode as well, because access checks always pass for the superuser. @throws ReadOnlyFileError */
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

/** Returns whether other hard links share the file, and must share its new content. */
function hasOtherNames(existing: Stats | undefined): boolean {
  return existing !== undefined && existing.nlink > 1;
}

/** Copies content into an existing inode, so that all its hard links see it. */
function overwrite(target: string, from: string, operations: FileOperations): void {
  copyFileSync(from, target);
  const file = operations.open(target, { flags: 'a' });
  try {
    operations.sync(file);
  } finally {
    operations.close(file);
  }
}

/** The output path names something that cannot hold a file. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';
  readonly hint = 'name a regular file; /dev/stdout writes into a pipe';

  constructor(path: string, kind: string) {
    super(`cannot write '${path}': it is ${kind}`);
  }
}

/** Some files of a set were replaced and the others were not. */
export class PartlyWrittenError extends Error {
  override readonly name = 'PartlyWrittenError';
  readonly hint: string;

  constructor(folder: string, missing: readonly string[], cause: unknown) {
    super(`cannot write all files of '${folder}': ${systemReason(cause)}`, { cause });
    this.hint = `not written: ${missing.join(', ')}; the files there are now inconsistent`;
  }
}

/** A complete temporary file, ready to be renamed. */
interface Staged {
  readonly name: string;
  readonly temporary: string;
  readonly target: string;
  /** Whether the file at the target has other hard links. */
  readonly isShared: boolean;
}

/**
 * Writes a set of files into a folder, creating it if needed. All of them are on disk before the first is renamed into
 * place, so a full disk leaves the folder as it was.
 *
 * @returns the paths written
 * @throws the system's error or ReadOnlyFileError, with nothing written; PartlyWrittenError if a file could not be
 * renamed
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
 * As {@link writeFile}, with a temporary file of the caller's choice: written, synced and renamed, then the folder
 * synced.
 *
 * @param temporary on the same file system as `path`
 * @param like source of the permissions and owner; the process's defaults if omitted
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

/**
 * Rewrites a system error to name the target: a failed write names no file, and a failed open names the temporary one.
 */
function naming(error: unknown, path: string): unknown {
  return isSystemError(error) ? Object.assign(error, { path, dest: undefined }) : error;
}

/** Removes the file if it cannot be written completely. */
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

/** Resolves the file a path leads to, which may not exist yet. */
function targetOf(path: string): string {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry?.isSymbolicLink()) return path;
  // A `..` in a link is relative to the real path of the link's folder.
  return targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path)));
}

/** Not derived from the file's name, which may already be as long as a name can be. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.aedsl-${randomUUID()}.tmp`);
}

/** Written to directly, whatever they are redirected to. */
const standardStream = /^\/(dev\/(stdout|stderr|fd\/)|proc\/[^/]+\/fd\/)/;

function isDevice(path: string, existing: Stats | undefined): boolean {
  if (existing === undefined) return false;
  return (!existing.isFile() && !existing.isDirectory()) || standardStream.test(resolve(path));
}

/** Opening a pipe would wait for its reader, and writing to a disk would destroy it. */
function requireNoWaiting(path: string, existing: Stats | undefined): void {
  if (existing === undefined || standardStream.test(resolve(path))) return;
  if (existing.isFIFO()) throw new NotAFileError(path, 'a pipe');
  if (existing.isSocket()) throw new NotAFileError(path, 'a socket');
  if (existing.isBlockDevice()) throw new NotAFileError(path, 'a disk');
}

/** Removes empty folders, from the innermost up to `first`. */
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

/** Largest single write that the system takes. */
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
  // The umask narrows the mode given to openSync, and only the superuser can change an owner. Changing the owner clears
  // the setuid and setgid bits, so the mode comes last.
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

/** Codes of file systems that cannot sync a folder, such as some FUSE and network drives. */
const unsupported: readonly (string | null)[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Makes a rename durable, if the file system can. Windows cannot open a folder for this, and journals its entries. */
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
