import { readFileSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
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

/** @throws DatasetError not_found, unreadable */
export function readBytes(path: string): Uint8Array {
  try {
    return plainBytes(readFileSync(path));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new DatasetError('not_found', path, 'there is no such file', 'check the path', { cause: error });
    }
    const problem = code === 'EISDIR' ? 'is a folder' : `can't be read (${code ?? String(error)})`;
    throw new DatasetError('unreadable', path, problem, 'check what it is and its permissions', { cause: error });
  }
}

/** @throws DatasetError truncated, wrong_format */
export function decompressed(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return plainBytes(gunzipSync(bytes, { chunkSize: expectedSize(bytes) }));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'Z_BUF_ERROR') {
      throw new DatasetError('truncated', path, 'the compressed file is cut off', 'copy or download it again', {
        cause: error,
      });
    }
    throw new DatasetError('wrong_format', path, 'the compressed file is damaged', 'copy or download it again', {
      cause: error,
    });
  }
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
