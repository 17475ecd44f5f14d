import { positionAt } from './source.js';

/** Why and where a file is not text; completes a sentence. */
export interface NoText {
  readonly problem: string;
}

/** Decodes an `.ae` file from UTF-8, keeping a byte order mark. */
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

/** Longest valid prefix. A decoder doesn't report where it failed. */
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

/** Decodes a prefix, ignoring a truncated character at its end; null if it is invalid. */
function startOf(bytes: Uint8Array): string | null {
  try {
    return decoder().decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
