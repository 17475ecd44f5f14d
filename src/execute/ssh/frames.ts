import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { makeFolder } from '../../files/folders.js';
import { OpenedFile } from '../../files/read-file.js';
import { mostDataBytes } from '../../runtime/datasets/data-limits.js';
import { count, JsonError, object, oneOf, parseJson, readJson, type Schema, text } from '../../runtime/formats/json.js';

/** A piece of a file, which follows its line in the stream. */
export interface Piece {
  /** Parts joined with `/`. */
  readonly path: string;
  /** Place in the file. */
  readonly from: number;
  readonly bytes: number;
}

const limits = { line: 64 * 2 ** 20, chunk: 2 ** 20 } as const;
const lineEnd = 0x0a;

const pieceLine: Schema<Piece & { readonly type: 'file' }> = object({
  type: oneOf('file'),
  path: v.pipe(text, v.maxLength(1000, 'is too long')),
  from: count,
  bytes: v.pipe(count, v.maxValue(mostDataBytes, 'is too large')),
});

/** A line of a stream that is not about a file. */
export function streamLine(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** A file, or what is in it from a place on, as it goes into a stream. @throws FileError */
export function* framed(file: string, path: string, from = 0): Iterable<Buffer> {
  const opened = new OpenedFile(file, mostDataBytes);
  try {
    const size = opened.size;
    if (size < from || (size === from && from > 0)) return;
    yield streamLine({ type: 'file', path, from, bytes: size - from });
    for (let at = from; at < size; ) {
      const chunk = Buffer.alloc(Math.min(limits.chunk, size - at));
      const length = opened.read(chunk, at);
      if (length === 0) throw new JsonError(`'${file}' became shorter while it was read`);
      at += length;
      yield chunk.subarray(0, length);
    }
  } finally {
    opened.close();
  }
}

/** A file in a stream. */
export function framedBytes(bytes: Uint8Array, path: string): readonly Uint8Array[] {
  return [streamLine({ type: 'file', path, from: 0, bytes: bytes.length }), bytes];
}

export interface StreamSink {
  /** A line that is not about a file, as JSON. */
  line(text: string): void;
  /** Where a piece goes. @throws for what must not come */
  file(piece: Piece): PieceSink;
}

export interface PieceSink {
  write(bytes: Uint8Array): void;
  /** All of it has come. */
  done(): void;
  /** No more comes. */
  stop(): void;
}

/** Reads a stream of lines and pieces of files, which may be cut anywhere. */
export class StreamReader {
  readonly #sink: StreamSink;
  #line: Uint8Array[] = [];
  #lineBytes = 0;
  #piece: { readonly to: PieceSink; left: number } | null = null;

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  /** @throws JsonError, and what the sink throws */
  take(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0; )
      rest = this.#piece === null ? this.#takeLine(rest) : this.#takePiece(rest);
  }

  /** The stream has ended, perhaps within a piece. */
  close(): void {
    this.#piece?.to.stop();
    this.#piece = null;
  }

  #takeLine(bytes: Uint8Array): Uint8Array {
    const end = bytes.indexOf(lineEnd);
    const part = end < 0 ? bytes : bytes.subarray(0, end);
    this.#line.push(part);
    this.#lineBytes += part.length;
    if (this.#lineBytes > limits.line) throw new JsonError('a line is too long');
    if (end < 0) return new Uint8Array();
    const line = Buffer.concat(this.#line).toString('utf8');
    this.#line = [];
    this.#lineBytes = 0;
    this.#begin(line);
    return bytes.subarray(end + 1);
  }

  #begin(line: string): void {
    const value = parseJson(line, 'a line of the connection');
    if (!v.is(object({ type: oneOf('file') }), value)) {
      this.#sink.line(line);
      return;
    }
    const { path, from, bytes } = readJson(pieceLine, line, 'a line of the connection');
    const to = this.#sink.file({ path, from, bytes });
    if (bytes === 0) to.done();
    else this.#piece = { to, left: bytes };
  }

  #takePiece(bytes: Uint8Array): Uint8Array {
    const piece = this.#piece;
    if (piece === null) return bytes;
    const part = bytes.subarray(0, piece.left);
    piece.to.write(part);
    piece.left -= part.length;
    if (piece.left === 0) {
      this.#piece = null;
      piece.to.done();
    }
    return bytes.subarray(part.length);
  }
}

/**
 * Puts a piece into a file below a folder. A whole file has its name only once all of it is there; a spool grows as its
 * lines come.
 * @throws JsonError if the piece doesn't go on where the file ends; the system's error
 */
export function pieceBelow(folder: string, { path, from }: Piece, grows: boolean): PieceSink {
  const place = join(folder, ...path.split('/'));
  makeFolder(dirname(place));
  const status = lstatSync(place, { throwIfNoEntry: false });
  if (status !== undefined && !status.isFile()) throw new JsonError(`'${place}' is not a file`);
  if (grows ? (status?.size ?? 0) !== from : from !== 0) throw new JsonError(`'${path}' goes on elsewhere`);
  const written = grows ? place : `${place}.part`;
  const file = openSync(written, grows ? 'a' : 'w');
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    },
    done() {
      fsyncSync(file);
      closeSync(file);
      if (!grows) renameSync(written, place);
    },
    stop() {
      closeSync(file);
      if (!grows) rmSync(written, { force: true });
    },
  };
}
