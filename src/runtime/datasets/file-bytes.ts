import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import {
  byteText,
  FileError,
  type FileVersion,
  OpenedFile,
  readRegularFile,
  readRegularFileBeside,
} from '../../files/read-file.js';
import { largestDeflateRatio, leastUnpackedBytes, mostDataBytes, mostUnpackedRatio } from './data-limits.js';
import { DatasetError, systemErrorCode } from './dataset-error.js';

/**
 * The content of a file; of a gzipped one (known by its first bytes, not its name) what is in it.
 *
 * @param mostBytes the limit for the file and for what is in it
 * @throws DatasetError not_found, unreadable, too_large, truncated, wrong_format
 */
export function readContent(path: string, mostBytes: number = mostDataBytes): Uint8Array {
  return decompressed(readBytes(path, mostBytes), path, mostBytes);
}

/** Like `readContent`, but reads and decompresses on a thread of Node's pool. @throws DatasetError as `readContent` */
export async function readContentBeside(path: string, mostBytes: number = mostDataBytes): Promise<Uint8Array> {
  const bytes = await failingAs(unreadable, path, readRegularFileBeside(path, mostBytes));
  if (!isCompressed(bytes)) return bytes;
  const most = mostUnpacked(bytes.byteLength, mostBytes);
  const unpacked = promisify(gunzip)(bytes, unpacking(bytes, most));
  return plainBytes(await failingAs((cause) => damaged(cause, path, most), path, unpacked));
}

/** Bytes in memory at a time if a file is read in pieces. */
const pieceBytes = 2 ** 20;

/**
 * The content of a file in pieces, so that it needs no memory of its size; a gzipped one is unpacked whole.
 *
 * @throws DatasetError as `readContent`, while the pieces are taken
 */
export function* contentPieces(path: string, mostBytes: number = mostDataBytes): Iterable<Uint8Array> {
  const file = openedFile(path, mostBytes);
  try {
    const piece = new Uint8Array(pieceBytes);
    let place = 0;
    let count = readPiece(file, piece, place);
    if (isCompressed(piece.subarray(0, count))) {
      const content = readContent(path, mostBytes);
      for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
      return;
    }
    while (count > 0) {
      place += count;
      // Files in /proc state no size, and may never end.
      if (place > Math.min(mostBytes, file.size + pieceBytes)) throw endless(path, place);
      yield piece.subarray(0, count);
      count = readPiece(file, piece, place);
    }
  } finally {
    file.close();
  }
}

function endless(path: string, size: number): DatasetError {
  const problem = `has more than the ${byteText(size)} that it states`;
  return new DatasetError('too_large', path, problem, 'check that it is the right file');
}

/** @throws DatasetError not_found, unreadable, too_large */
export function openedFile(path: string, mostBytes: number = mostDataBytes): OpenedFile {
  try {
    return new OpenedFile(path, mostBytes);
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** @throws DatasetError unreadable */
export function versionOf(file: OpenedFile): FileVersion {
  try {
    return file.version();
  } catch (error) {
    throw unreadable(error, file.path);
  }
}

/** @returns how many bytes there were. @throws DatasetError unreadable */
export function readPiece(file: OpenedFile, into: Uint8Array, place: number): number {
  try {
    return file.read(into, place);
  } catch (error) {
    throw unreadable(error, file.path);
  }
}

/** @throws DatasetError not_found, unreadable, too_large */
export function readBytes(path: string, mostBytes: number = mostDataBytes): Uint8Array {
  try {
    return readRegularFile(path, mostBytes);
  } catch (error) {
    throw unreadable(error, path);
  }
}

/**
 * Decompresses gzip; returns any other bytes unchanged.
 *
 * @throws DatasetError truncated, wrong_format; too_large as soon as the output exceeds a limit
 */
export function decompressed(bytes: Uint8Array, path: string, mostBytes: number = mostDataBytes): Uint8Array {
  if (!isCompressed(bytes)) return bytes;
  const most = mostUnpacked(bytes.byteLength, mostBytes);
  try {
    return plainBytes(gunzipSync(bytes, unpacking(bytes, most)));
  } catch (error) {
    throw damaged(error, path, most);
  }
}

async function failingAs<T>(
  failure: (cause: unknown, path: string) => unknown,
  path: string,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw failure(error, path);
  }
}

function unreadable(cause: unknown, path: string): unknown {
  if (!(cause instanceof FileError)) return outOfMemory(cause, path);
  const { problem, hint } = cause;
  switch (cause.reason) {
    case 'not_found':
      return new DatasetError('not_found', path, 'there is no such file', hint, { cause });
    case 'too_large':
      return new DatasetError('too_large', path, problem, 'use a part of the data', { cause });
    case 'not_a_file':
    case 'unreadable':
      return new DatasetError('unreadable', path, `can't be read: ${problem}`, hint, { cause });
  }
}

/** Whether a file is gzipped, by its first bytes. */
export function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** How much may come out of a gzipped file. @param packed its size */
export function mostUnpacked(packed: number, mostBytes: number): number {
  return Math.min(mostBytes, Math.max(leastUnpackedBytes, packed * mostUnpackedRatio));
}

/** Minimum chunk size for decompression: a file may understate its size. */
const leastChunk = 2 ** 16;

/** The size that the last four bytes state, so that a file is unpacked in one go. */
function unpacking(bytes: Uint8Array, most: number): { readonly chunkSize: number; readonly maxOutputLength: number } {
  const likely = Math.min(statedSize(bytes) + 1, bytes.byteLength * largestDeflateRatio, most, 2 ** 30);
  const chunkSize = Math.max(leastChunk, likely);
  return { chunkSize, maxOutputLength: most };
}

/** The size, modulo 2³², that a gzipped file states at its end. @param bytes the last ones of the file */
export function statedSize(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.byteLength >= 4 ? view.getUint32(bytes.byteLength - 4, true) : 0;
}

function damaged(cause: unknown, path: string, most: number): unknown {
  const code = systemErrorCode(cause);
  if (code === 'ERR_BUFFER_TOO_LARGE') return unpacksTooFar(path, most, cause);
  if (code === null) return outOfMemory(cause, path);
  return code === 'Z_BUF_ERROR' ? cutOff(path, cause) : damagedStream(path, cause);
}

/** The error of a compressed file that ends too early. */
export function cutOff(path: string, cause?: unknown): DatasetError {
  return new DatasetError('truncated', path, 'the compressed file is cut off', 'copy or download it again', { cause });
}

/** The error of a compressed file that can't be unpacked. */
export function damagedStream(path: string, cause?: unknown): DatasetError {
  return new DatasetError('wrong_format', path, 'the compressed file is damaged', 'copy or download it again', {
    cause,
  });
}

/** The error of a compressed file that is larger than it may be. */
export function unpacksTooFar(path: string, most: number, cause?: unknown): DatasetError {
  const problem = `unpacks to more than the limit of ${byteText(most)} for a gzipped file of its size`;
  return new DatasetError('too_large', path, problem, 'check what it is; if you trust it, unpack it with gunzip', {
    cause,
  });
}

/** Wraps the error of an array too large to allocate; returns any other error unchanged. */
function outOfMemory(cause: unknown, path: string): unknown {
  if (!(cause instanceof RangeError)) return cause;
  return new DatasetError('too_large', path, 'is larger than the memory that is free', 'use a part of the data', {
    cause,
  });
}

/** Not a Buffer, whose `slice` doesn't copy. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
