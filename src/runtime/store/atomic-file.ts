import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The operations of a durable write, one by one, so that a test can let any of them fail. */
export interface FileOperations {
  open(path: string): number;
  /** Returns how many bytes were written, which may be fewer than were given. */
  write(file: number, bytes: Uint8Array): number;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  syncFolder(path: string): void;
}

export const fileOperations: FileOperations = {
  open: (path) => openSync(path, 'w'),
  write: (file, bytes) => writeSync(file, bytes),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  syncFolder,
};

/**
 * Writes a file so that at any instant, power failure included, its path has either what was there before or all of
 * `bytes`: temporary file, fsync, rename, fsync of the folder. The temporary file is removed when a step fails.
 *
 * @param temporary on the same file system as `path`
 */
export function writeAtomically(
  path: string,
  temporary: string,
  bytes: Uint8Array,
  operations: FileOperations = fileOperations,
): void {
  try {
    const file = operations.open(temporary);
    try {
      for (let written = 0; written < bytes.length; ) written += operations.write(file, bytes.subarray(written));
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

/** Windows cannot open a folder for that, and keeps its entries in a journal. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
