import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode, systemReason } from './system-error.js';

export type FileReason = 'not_found' | 'not_a_file' | 'too_large' | 'unreadable';

/** A file that could not be read, or should not be. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(
    readonly reason: FileReason,
    readonly path: string,
    /** The second half of a sentence: "it is a pipe". */
    readonly problem: string,
    /** What the person can do. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(`cannot read '${path}': ${problem}`, options);
  }
}

/**
 * Reads an ordinary file that may come from anybody. Pipes, devices and folders are refused without waiting for them, and so
 * is a file larger than the limit, before it is read.
 *
 * @param mostBytes the limit; the error names it
 * @throws FileError
 */
export function readRegularFile(path: string, mostBytes: number): Uint8Array {
  try {
    // Opening a pipe waits for its writer otherwise.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const status = fstatSync(file);
      if (!status.isFile()) {
        const kind = status.isDirectory() ? 'a folder' : status.isFIFO() ? 'a pipe' : 'a device or socket';
        throw new FileError('not_a_file', path, `it is ${kind}`, 'give the path of an ordinary file');
      }
      if (status.size > mostBytes) throw tooLarge(path, status.size, mostBytes);
      return readOpen(file, path, status.size, mostBytes);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof FileError) throw error;
    const code = systemCode(error);
    if (code === null) throw error;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new FileError(
      missing ? 'not_found' : 'unreadable',
      path,
      systemReason(error),
      missing ? 'check the path' : 'check what it is and its permissions',
      { cause: error },
    );
  }
}

/** A file of /proc states a size of 0, and any file may grow while it is read. */
function readOpen(file: number, path: string, stated: number, mostBytes: number): Uint8Array {
  let bytes = new Uint8Array(stated + 1);
  let length = 0;
  for (;;) {
    const count = readSync(file, bytes, length, Math.min(bytes.length - length, 2 ** 30), null);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length > mostBytes) throw tooLarge(path, length, mostBytes);
    if (length < bytes.length) continue;
    const larger = new Uint8Array(Math.min(bytes.length * 2, mostBytes + 1));
    larger.set(bytes);
    bytes = larger;
  }
}

function tooLarge(path: string, size: number, mostBytes: number): FileError {
  return new FileError(
    'too_large',
    path,
    `it has ${size} bytes, more than the limit of ${byteText(mostBytes)}`,
    'check that it is the right file',
  );
}

/** `16 MiB` */
export function byteText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}
