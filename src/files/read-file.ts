import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemCode, systemReason } from './system-error.js';

export type FileReason = 'not_found' | 'not_a_file' | 'too_large' | 'unreadable';

/** A file that could not be read, or should not be. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(
    readonly reason: FileReason,
    readonly path: string,
    /** Completes a sentence: "it is a pipe". */
    readonly problem: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(`cannot read '${path}': ${problem}`, options);
  }
}

/** How many bytes beyond its stated size a file may yield. Files in /proc state a size of 0, and some never end. */
const mostUnstated = 64 * 2 ** 20;

/** Without this, opening a pipe waits for its writer. */
const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Largest single read: the system takes less than 2³¹ bytes at a time. */
const mostAtOnce = 2 ** 30;

/**
 * Reads an untrusted regular file. Rejects pipes, devices and folders without waiting for them, and files over the
 * limit before reading them.
 *
 * @param mostBytes the limit; the error names it
 * @throws FileError
 */
export function readRegularFile(path: string, mostBytes: number): Uint8Array {
  try {
    const file = openSync(path, withoutWaiting);
    try {
      const status = fstatSync(file);
      requireOrdinary(status, path, mostBytes);
      const content = new GrowingContent(path, status.size, mostBytes);
      while (content.take(readSync(file, content.bytes, content.length, content.room, null)));
      return content.whole;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** As {@link readRegularFile}, on Node's thread pool. @throws FileError */
export async function readRegularFileBeside(path: string, mostBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path, withoutWaiting);
    try {
      const status = await file.stat();
      requireOrdinary(status, path, mostBytes);
      const content = new GrowingContent(path, status.size, mostBytes);
      while (content.take((await file.read(content.bytes, content.length, content.room, null)).bytesRead));
      return content.whole;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Tells the content of a file from what was at its path at another time. */
export interface FileVersion {
  readonly size: number;
  /** When its content was last written, and it or its permissions were changed; in nanoseconds. */
  readonly modified: string;
  readonly changed: string;
  readonly inode: string;
  /** Whether it has been deleted, or another has taken its name, while it was open. */
  readonly isGone: boolean;
}

/** A regular file opened for random access. */
export class OpenedFile {
  readonly #file: number;
  readonly path: string;
  /** Size in bytes, as the system states it. */
  readonly size: number;

  /**
   * @param mostBytes the limit; the error names it
   * @throws FileError as {@link readRegularFile}
   */
  constructor(path: string, mostBytes: number) {
    this.path = path;
    try {
      this.#file = openSync(path, withoutWaiting);
    } catch (error) {
      throw asFileError(error, path);
    }
    try {
      const status = fstatSync(this.#file);
      requireOrdinary(status, path, mostBytes);
      this.size = status.size;
    } catch (error) {
      closeSync(this.#file);
      throw asFileError(error, path);
    }
  }

  /** The file as it is now. @throws FileError */
  version(): FileVersion {
    try {
      const { size, mtimeNs, ctimeNs, dev, ino, nlink } = fstatSync(this.#file, { bigint: true });
      return {
        size: Number(size),
        modified: String(mtimeNs),
        changed: String(ctimeNs),
        inode: `${dev}:${ino}`,
        isGone: nlink === 0n,
      };
    } catch (error) {
      throw asFileError(error, this.path);
    }
  }

  /** Fills `into` starting at the offset `place`. @returns the number of bytes read. @throws FileError */
  read(into: Uint8Array, place: number): number {
    try {
      let length = 0;
      while (length < into.length) {
        const room = Math.min(into.length - length, mostAtOnce);
        const count = readSync(this.#file, into, length, room, place + length);
        if (count === 0) break;
        length += count;
      }
      return length;
    } catch (error) {
      throw asFileError(error, this.path);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

function requireOrdinary(status: Stats, path: string, mostBytes: number): void {
  if (!status.isFile()) {
    const kind = status.isDirectory() ? 'a folder' : status.isFIFO() ? 'a pipe' : 'a device or socket';
    throw new FileError('not_a_file', path, `it is ${kind}`, 'give the path of a regular file');
  }
  if (status.size > mostBytes) throw tooLarge(path, status.size, mostBytes);
}

function asFileError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (error instanceof FileError || code === null) return error;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new FileError(
    missing ? 'not_found' : 'unreadable',
    path,
    systemReason(error),
    missing ? 'check the path' : 'check what it is and its permissions',
    { cause: error },
  );
}

/** Buffer for a file whose stated size may be 0 (in /proc) and which may grow while it is read. */
class GrowingContent {
  bytes: Uint8Array;
  length = 0;
  readonly #path: string;
  readonly #most: number;

  constructor(path: string, stated: number, mostBytes: number) {
    this.#path = path;
    this.#most = Math.min(mostBytes, stated + mostUnstated);
    this.bytes = new Uint8Array(stated + 1);
  }

  /** Capacity for the next read, in bytes. */
  get room(): number {
    return Math.min(this.bytes.length - this.length, mostAtOnce);
  }

  get whole(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Accounts for the bytes just read. @returns whether there may be more */
  take(count: number): boolean {
    if (count === 0) return false;
    this.length += count;
    if (this.length > this.#most) throw tooLarge(this.#path, this.length, this.#most);
    if (this.length < this.bytes.length) return true;
    const larger = new Uint8Array(Math.min(this.bytes.length * 2, this.#most + 1));
    larger.set(this.bytes);
    this.bytes = larger;
    return true;
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

/** Formats a number of bytes: `16 MiB`. */
export function byteText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${Number(value.toFixed(1))} ${units[unit]}`;
}
