import { crc32 } from 'node:zlib';
import { Inflate } from 'pako';
import type { ByteSource } from './byte-source.js';

/** Bytes that the decoder takes, and gives, at a time. */
const packedAtOnce = 2 ** 15;
const unpackedAtOnce = 2 ** 18;

/** `raw`: a deflate stream (RFC 1951); `gzip`: members of a gzip file (RFC 1952), one after the other. */
export type Packing = 'raw' | 'gzip';

/** Errors of a stream that ends too early, can't be unpacked, or has more bytes than a limit. */
export interface UnpackingErrors {
  readonly cut: () => Error;
  readonly damaged: () => Error;
  readonly tooFar: (most: number) => Error;
}

/** Node's own decoder unpacks either all at once, or not before somebody waits. */
class Decoder extends Inflate {
  /** What was unpacked and hasn't been taken. */
  readonly pieces: Uint8Array[] = [];
  hasEnded = false;

  constructor(packing: Packing) {
    super({ chunkSize: unpackedAtOnce, ...(packing === 'raw' ? { raw: true } : { windowBits: GZIP_WINDOW }) });
  }

  override onData(piece: Uint8Array | ArrayBuffer): void {
    this.pieces.push(piece instanceof Uint8Array ? piece : new Uint8Array(piece));
  }

  override onEnd(): void {
    this.hasEnded = true;
  }
}

/** A window of 2¹⁵ bytes, and 16 for gzip's header and no other. */
const GZIP_WINDOW = 15 + 16;

/** Unpacks a stream, a piece at a time. @throws one of the errors */
function* unpackedPieces(packed: ByteSource, packing: Packing, errors: UnpackingErrors): Generator<Uint8Array> {
  const input = new Uint8Array(packedAtOnce);
  let decoder = new Decoder(packing);
  for (let place = 0; ; ) {
    const count = packed.read(input, place);
    place += count;
    if (decoder.hasEnded) {
      // Another member follows, or what pads the file.
      if (packing === 'raw' || count === 0 || input[0] === 0) return;
      decoder = new Decoder(packing);
    }
    const isRight = decoder.push(input.subarray(0, count), count === 0);
    yield* decoder.pieces.splice(0);
    if (isRight) continue;
    throw count === 0 ? errors.cut() : errors.damaged();
  }
}

/**
 * A source of bytes that are unpacked as they are read: in order, each is unpacked once; going back begins anew. Only a
 * small piece of them is in memory.
 *
 * @param length how many bytes there are once they are unpacked
 * @returns a source whose reads throw the errors
 */
export function unpackedSource(
  packed: ByteSource,
  packing: Packing,
  length: number,
  errors: UnpackingErrors,
): ByteSource {
  let pieces: Iterator<Uint8Array> | null = null;
  let piece: Uint8Array = new Uint8Array();
  let start = 0;
  return {
    length,
    memory: null,
    read(into, place) {
      if (pieces === null || place < start) {
        pieces = unpackedPieces(packed, packing, errors);
        piece = new Uint8Array();
        start = 0;
      }
      let filled = 0;
      while (filled < into.length) {
        const from = place + filled - start;
        if (from < piece.length) {
          const part = piece.subarray(from, from + into.length - filled);
          into.set(part, filled);
          filled += part.length;
          continue;
        }
        const next = pieces.next();
        if (next.done === true) {
          if (start + piece.length < length) throw errors.cut();
          break;
        }
        start += piece.length;
        piece = next.value;
        if (start + piece.length > length) throw errors.tooFar(length);
      }
      return filled;
    },
  };
}

/** Sizes of the files that were unpacked last, by path and version. */
const sizes = new Map<string, number>();
const mostSizes = 256;

/**
 * A large gzipped file, which states its size only modulo 2³², and only that of its last member: it is unpacked once to
 * know it.
 *
 * @param most bytes that it may have
 * @throws one of the errors
 */
export function gunzippedSource(packed: ByteSource, most: number, errors: UnpackingErrors): ByteSource {
  const key = JSON.stringify(packed.file);
  const length = sizes.get(key) ?? sizeOf(packed, most, errors);
  for (const oldest of sizes.keys()) if (sizes.size >= mostSizes) sizes.delete(oldest);
  sizes.set(key, length);
  return unpackedSource(packed, 'gzip', length, errors);
}

function sizeOf(packed: ByteSource, most: number, errors: UnpackingErrors): number {
  let size = 0;
  for (const piece of unpackedPieces(packed, 'gzip', errors)) {
    size += piece.length;
    if (size > most) throw errors.tooFar(most);
  }
  return size;
}

/**
 * A source whose CRC-32 is compared once all of it was read from its beginning to its end, in whatever pieces.
 * @param damaged the error of another one
 */
export function checkedSource(source: ByteSource, sum: number, damaged: () => Error): ByteSource {
  let [summed, done] = [0, 0];
  return {
    ...source,
    memory: null,
    read(into, place) {
      const count = source.read(into, place);
      if (place <= done && place + count > done) {
        summed = crc32(into.subarray(done - place, count), summed);
        done = place + count;
        if (done === source.length && summed !== sum) throw damaged();
      }
      return count;
    },
  };
}
