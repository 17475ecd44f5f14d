import type { FileVersion, OpenedFile } from '../../files/read-file.js';
import { mostArrayFileBytes, mostUnpackedInMemory } from './data-limits.js';
import {
  cutOff,
  damagedStream,
  isCompressed,
  mostUnpacked,
  openedFile,
  readContent,
  readPiece,
  statedSize,
  unpacksTooFar,
  versionOf,
} from './file-bytes.js';
import { gunzippedSource } from './unpacked-source.js';

/** Random access to bytes. */
export interface ByteSource {
  readonly length: number;
  /** Fills `into` from a place on. @returns how many bytes there were. @throws DatasetError unreadable */
  read(into: Uint8Array, place: number): number;
  /** The same bytes if they are in memory; null if they are in a file. */
  readonly memory: Uint8Array | null;
  /** The file that they are in, byte for byte; absent for those in memory. */
  readonly file?: SourceFile;
}

export interface SourceFile {
  readonly path: string;
  readonly version: FileVersion;
  /** Byte offset in the file. */
  readonly start: number;
}

export function bytesInMemory(memory: Uint8Array): ByteSource {
  return {
    length: memory.byteLength,
    memory,
    read(into, place) {
      const part = memory.subarray(place, place + into.byteLength);
      into.set(part);
      return part.byteLength;
    },
  };
}

/** Part of a source. */
export function bytesWithin(source: ByteSource, start: number, length: number): ByteSource {
  const { memory, file } = source;
  return {
    length,
    memory: memory?.subarray(start, start + length) ?? null,
    ...(file === undefined ? {} : { file: { ...file, start: file.start + start } }),
    read(into, place) {
      const part = into.subarray(0, Math.max(0, Math.min(into.length, length - place)));
      return part.length === 0 ? 0 : source.read(part, start + place);
    },
  };
}

/**
 * Lets `use` read a file here and there. A large gzipped one is unpacked as it is read; a small one, and one that states
 * no size, is read whole before.
 *
 * @param mostInMemory bytes up to which a gzipped file is unpacked at once
 * @throws DatasetError as `readContent` and `gunzippedSource`, and what `use` throws
 */
export function withBytesOf<T>(
  path: string,
  use: (source: ByteSource) => T,
  mostInMemory: number = mostUnpackedInMemory,
): T {
  const file = openedFile(path, mostArrayFileBytes);
  try {
    const start = new Uint8Array(2);
    readPiece(file, start, 0);
    const plain = sourceOf(file);
    if (!isCompressed(start) && file.size > 0) return use(plain);
    const end = bytesAt(plain, Math.max(0, file.size - 4), 4);
    const unpacked = isCompressed(start) ? Math.max(file.size, statedSize(end)) : 0;
    if (unpacked > mostInMemory) {
      const errors = {
        cut: () => cutOff(path),
        damaged: () => damagedStream(path),
        tooFar: (most: number) => unpacksTooFar(path, most),
      };
      return use(gunzippedSource(plain, mostUnpacked(file.size, mostArrayFileBytes), errors));
    }
  } finally {
    file.close();
  }
  return use(bytesInMemory(readContent(path)));
}

function sourceOf(file: OpenedFile): ByteSource {
  return {
    length: file.size,
    memory: null,
    file: { path: file.path, version: versionOf(file), start: 0 },
    read: (into, place) => readPiece(file, into, place),
  };
}

/** Reads bytes of a source, fewer at its end. @throws DatasetError unreadable */
export function bytesAt(source: ByteSource, place: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, source.length - place)));
  return bytes.subarray(0, source.read(bytes, place));
}
