import { positionAt } from './source.js';

/** Why a file is no text, and where: the second half of a sentence. */
export interface NoText {
  readonly problem: string;
}

/** The text of an `.ae` file, which is UTF-8; a byte order mark stays. */
export function decodeSource(bytes: Uint8Array): string | NoText {
  try {
    return decoder().decode(bytes);
  } catch {
    const [first, second] = bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      return { problem: 'it is UTF-16; save it as UTF-8' };
    }
    const before = longestText(bytes);
    const offset = new TextEncoder().encode(before).length;
    const { line, column } = positionAt({ path: '', text: before }, before.length);
    const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    return {
      problem: `it is not UTF-8: line ${line}, column ${column} has the byte 0x${byte} (byte ${offset + 1} of the file); save it as UTF-8`,
    };
  }
}

function decoder() {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
}

/** What can be read before the first byte that can't. A decoder doesn't tell where it failed. */
function longestText(bytes: Uint8Array): string {
  let text = '';
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const read = startOf(bytes.subarray(0, middle));
    if (read === null) high = middle - 1;
    else [text, low] = [read, middle];
  }
  return text;
}

/** The text of the first bytes, without a character that is cut off at the end; null where they are none. */
function startOf(bytes: Uint8Array): string | null {
  try {
    return decoder().decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
