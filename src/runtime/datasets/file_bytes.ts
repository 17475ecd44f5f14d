import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip, gunzipSync } from 'node:zlib';
import { DatasetError, systemErrorCode } from './dataset_error.js';

/** gzip can't shrink anything further than this. */
const LARGEST_RATIO = 1032;

/**
 * The content of a file; of a gzipped one (known by its first bytes, not its name) what is in it.
 *
 * @throws DatasetError not_found, unreadable, truncated, wrong_format
 */
export function readContent(path: string): Uint8Array {
  return decompressed(readBytes(path), path);
}

/** The same, read and unpacked by a thread of Node's, beside what this one does. @throws DatasetError as `readContent` */
export async function readContentBeside(path: string): Promise<Uint8Array> {
  const bytes = plainBytes(await failingAs(unreadable, path, readFile(path)));
  if (!isCompressed(bytes)) return bytes;
  return plainBytes(await failingAs(damaged, path, promisify(gunzip)(bytes, { chunkSize: expectedSize(bytes) })));
}

/** @throws DatasetError not_found, unreadable */
export function readBytes(path: string): Uint8Array {
  try {
    return plainBytes(readFileSync(path));
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** @throws DatasetError truncated, wrong_format */
export function decompressed(bytes: Uint8Array, path: string): Uint8Array {
  if (!isCompressed(bytes)) return bytes;
  try {
    return plainBytes(gunzipSync(bytes, { chunkSize: expectedSize(bytes) }));
  } catch (error) {
    throw damaged(error, path);
  }
}

async function failingAs<T>(
  failure: (cause: unknown, path: string) => DatasetError,
  path: string,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw failure(error, path);
  }
}

function unreadable(cause: unknown, path: string): DatasetError {
  const code = systemErrorCode(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new DatasetError('not_found', path, 'there is no such file', 'check the path', { cause });
  }
  const problem = code === 'EISDIR' ? 'is a folder' : `can't be read (${code ?? String(cause)})`;
  return new DatasetError('unreadable', path, problem, 'check what it is and its permissions', { cause });
}

function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function damaged(cause: unknown, path: string): DatasetError {
  const cutOff = systemErrorCode(cause) === 'Z_BUF_ERROR';
  const problem = cutOff ? 'the compressed file is cut off' : 'the compressed file is damaged';
  return new DatasetError(cutOff ? 'truncated' : 'wrong_format', path, problem, 'copy or download it again', { cause });
}

/** Not a Buffer, whose `slice` doesn't copy. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** The size that the last four bytes of a gzip file state, kept within what is possible, so that it is unpacked in one go. */
function expectedSize(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stated = bytes.byteLength >= 18 ? view.getUint32(bytes.byteLength - 4, true) : 0;
  return Math.max(constants.Z_MIN_CHUNK, Math.min(stated + 1, bytes.byteLength * LARGEST_RATIO, 2 ** 30));
}
