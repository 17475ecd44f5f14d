import type { FileVersion } from '../../files/read-file.js';
import { mostArrayFileBytes } from './data-limits.js';
import { openedFile, readContent, readPiece, versionOf } from './file-bytes.js';

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

/**
 * Lets `use` read a file here and there; a gzipped one, and one that states no size, is read whole before.
 *
 * @throws DatasetError as `readContent`, and what `use` throws
 */
export function withBytesOf<T>(path: string, use: (source: ByteSource) => T): T {
  const file = openedFile(path, mostArrayFileBytes);
  try {
    const start = new Uint8Array(2);
    const isPlain = readPiece(file, start, 0) < 2 || start[0] !== 0x1f || start[1] !== 0x8b;
    if (isPlain && file.size > 0) {
      return use({
        length: file.size,
        memory: null,
        file: { path, version: versionOf(file) },
        read: (into, place) => readPiece(file, into, place),
      });
    }
  } finally {
    file.close();
  }
  return use(bytesInMemory(readContent(path)));
}

/** Reads bytes of a source, fewer at its end. @throws DatasetError unreadable */
export function bytesAt(source: ByteSource, place: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, Math.min(length, source.length - place)));
  return bytes.subarray(0, source.read(bytes, place));
}
