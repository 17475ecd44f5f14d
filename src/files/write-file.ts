import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './system-error.js';

/** The operations of a durable write, one by one, so that a test can make any of them fail. */
export interface FileOperations {
  /** @param mode permissions of the new file; the process's default when omitted */
  open(path: string, mode?: number): number;
  /** Returns how many bytes were written, which may be fewer than were given. */
  write(file: number, bytes: Uint8Array): number;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  syncFolder(path: string): void;
}

export const fileOperations: FileOperations = {
  open: openNew,
  write: (file, bytes) => writeSync(file, bytes),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  syncFolder,
};

export type FileContent = string | Uint8Array | Iterable<string | Uint8Array>;

/**
 * Writes a file whole or not at all: at any instant, power failure included, its path holds either what was there before or
 * all of `content`. A symbolic link is followed and stays a link; permissions are kept. Devices and pipes (`/dev/stdout`)
 * are written directly.
 *
 * @throws the system's error; the temporary file is removed and the old content is untouched
 */
export function writeFile(path: string, content: FileContent, operations: FileOperations = fileOperations): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing && !existing.isFile() && !existing.isDirectory()) {
    const device = operations.open(path);
    try {
      for (const chunk of chunksOf(content)) writeWhole(device, chunk, operations);
    } finally {
      operations.close(device);
    }
    return;
  }
  const target = existing ? realpathSync(path) : path;
  writeAtomically(target, `${target}.${randomUUID()}.tmp`, content, operations, existing?.mode);
}

/**
 * As {@link writeFile}, with a temporary file of the caller's choice: written, synced, renamed, and the folder synced.
 *
 * @param temporary on the same file system as `path`
 * @param mode permissions of the file; the process's default when omitted
 */
export function writeAtomically(
  path: string,
  temporary: string,
  content: FileContent,
  operations: FileOperations = fileOperations,
  mode?: number,
): void {
  try {
    const file = operations.open(temporary, mode);
    try {
      for (const chunk of chunksOf(content)) writeWhole(file, chunk, operations);
      operations.sync(file);
    } finally {
      operations.close(file);
    }
    operations.rename(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  operations.syncFolder(dirname(path));
}

function writeWhole(file: number, bytes: Uint8Array, operations: FileOperations): void {
  for (let written = 0; written < bytes.length; ) written += operations.write(file, bytes.subarray(written));
}

function* chunksOf(content: FileContent): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  const chunks = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
}

function openNew(path: string, mode?: number): number {
  const file = openSync(path, 'w', mode);
  if (mode === undefined) return file;
  try {
    // What openSync is given is narrowed by the umask.
    fchmodSync(file, mode & 0o7777);
  } catch (error) {
    if (![...unsupported, 'EPERM'].includes(systemCode(error))) throw error;
  }
  return file;
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
