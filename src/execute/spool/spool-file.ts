import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { OpenedFile } from '../../files/read-file.js';
import { JsonError } from '../../runtime/formats/json.js';
import { LineReader } from '../command/line-reader.js';

/** Largest file of messages: a million steps of a hundred losses take about this. */
const mostBytes = 2 ** 33;
const chunkBytes = 2 ** 20;
const lineEnd = 0x0a;

/** Appends lines to a file of its own, which nobody else writes. */
export class SpoolWriter {
  readonly #file: number;

  /** @throws the system's error, also if the file is there already */
  constructor(path: string) {
    this.#file = openSync(path, 'ax');
  }

  /** @param durably whether it is on disk before this returns @throws the system's error */
  write(line: string, durably: boolean): void {
    const bytes = Buffer.from(`${line}\n`);
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    if (durably) fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Reads the complete lines of a file that grows. What follows the last line end is left until that line is complete. */
export class SpoolReader {
  readonly #path: string;
  #lines = new LineReader();
  #place = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns the lines since the last call @throws FileError; JsonError for a line that is too long, or a file that became shorter */
  *read(): Iterable<string> {
    const file = new OpenedFile(this.#path, mostBytes);
    try {
      if (file.size < this.#place) throw new JsonError(`'${this.#path}' has become shorter`);
      const chunk = new Uint8Array(Math.min(chunkBytes, file.size - this.#place));
      while (chunk.length > 0) {
        const length = file.read(chunk, this.#place);
        if (length === 0) return;
        this.#place += length;
        // A line keeps what it is given, and the chunk is used again.
        yield* this.#lines.take(chunk.slice(0, length));
      }
    } finally {
      file.close();
    }
  }
}

/** The last complete line of a file; null if there is none. @throws FileError; JsonError for a line that is too long */
export function lastLine(path: string): string | null {
  const file = new OpenedFile(path, mostBytes);
  try {
    const end = lineEndBefore(file, file.size);
    if (end === null) return null;
    const begin = (lineEndBefore(file, end) ?? -1) + 1;
    const [line] = new LineReader().take(readAt(file, begin, end + 1 - begin));
    return line ?? null;
  } finally {
    file.close();
  }
}

/** The last line of a log that isn't indented, as advice below a message is; null if there is none. */
export function lastSaid(path: string): string | null {
  const file = new OpenedFile(path, mostBytes);
  try {
    const begin = Math.max(0, file.size - chunkBytes);
    const text = new TextDecoder().decode(readAt(file, begin, file.size - begin));
    return text.split('\n').findLast((line) => /^\S/.test(line)) ?? null;
  } finally {
    file.close();
  }
}

/** Place of the last line end before a place. */
function lineEndBefore(file: OpenedFile, place: number): number | null {
  for (let end = place; end > 0; ) {
    const begin = Math.max(0, end - chunkBytes);
    const found = readAt(file, begin, end - begin).lastIndexOf(lineEnd);
    if (found >= 0) return begin + found;
    end = begin;
  }
  return null;
}

function readAt(file: OpenedFile, place: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(length, 2 ** 28 + 1));
  return bytes.subarray(0, file.read(bytes, place));
}
