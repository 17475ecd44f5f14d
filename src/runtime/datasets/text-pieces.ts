import { DatasetError } from './dataset-error.js';
import { fileKind, readerOf } from './file-kinds.js';

/** Encoding of a text without a byte order mark. */
export type Encoding = 'utf_8' | 'windows_1252';

/** The characters of Windows-1252 from 0x80 to 0x9f (https://encoding.spec.whatwg.org/index-windows-1252.txt). */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Decodes a file's text in pieces. A byte order mark is dropped, and overrides the requested encoding with UTF-8 or
 * UTF-16.
 *
 * @throws DatasetError wrong_format for bytes invalid in the encoding, and for formats that are not text
 */
export function* textPieces(content: Iterable<Uint8Array>, encoding: Encoding, path: string): Iterable<string> {
  let decode: ((piece: Uint8Array | null) => string) | null = null;
  for (const piece of content) {
    decode ??= decoderOf(piece, encoding, path);
    yield decode(piece);
  }
  if (decode !== null) yield decode(null);
}

/** @returns a function that decodes successive pieces, with null as their end */
function decoderOf(head: Uint8Array, encoding: Encoding, path: string): (piece: Uint8Array | null) => string {
  const [first = 0, second = 0, third = 0] = head;
  const marked = first === 0xef && second === 0xbb && third === 0xbf;
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null;
  if (wide === null && !marked) {
    requireText(head, path);
    if (encoding === 'windows_1252') return (piece) => (piece === null ? '' : westernText(piece));
  }
  const decoder = new TextDecoder(wide ?? 'utf-8', { fatal: true });
  return (piece) => {
    try {
      return piece === null ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch (error) {
      const name = wide === null ? 'UTF-8' : 'UTF-16';
      const hint =
        wide === null ? 'save it in UTF-8, or write encoding=windows_1252 if Excel wrote it' : 'save it in UTF-8';
      throw new DatasetError('wrong_format', path, `is not text in ${name}`, hint, { cause: error });
    }
  };
}

function requireText(head: Uint8Array, path: string): void {
  const kind = fileKind(head);
  if (kind !== null) {
    const hint = readerOf(kind, path) ?? 'save it as CSV in UTF-8';
    throw new DatasetError('wrong_format', path, `is ${kind}, and no text`, hint);
  }
  const start = head.subarray(0, 1000);
  const zero = start.indexOf(0);
  if (zero < 0) return;
  const zeros = start.filter((byte, i) => byte === 0 && i % 2 === zero % 2).length;
  const wide = zeros > start.length / 4;
  const problem = wide ? 'is text in UTF-16 without its byte order mark' : 'has zero bytes in it, and is no text';
  throw new DatasetError('wrong_format', path, problem, 'save it as CSV in UTF-8');
}

function westernText(bytes: Uint8Array): string {
  const latin = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin.replaceAll(/[\u0080-\u009f]/g, (letter) => WINDOWS_1252[letter.charCodeAt(0) - 0x80] ?? letter);
}
