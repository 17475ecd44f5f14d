import type { StreamKey } from './address.js';
import { Philox } from './philox.js';
import { storeBlock } from './stored_block.js';

const TWO_TO_MINUS_24 = 2 ** -24;

/** Converts the upper 24 bits of a word to a fraction: a multiple of 2^-24 in [0, 1), exact in float32. */
export function unitInterval(word: number): number {
  return (word >>> 8) * TWO_TO_MINUS_24;
}

/** out[i] = element first + i of the uniform numbers of `step`: word (element mod 4) of block floor(element / 4). */
export function fillUniform(key: StreamKey, out: Float32Array, step: number, first: number): void {
  const philox = new Philox(key);
  const skipped = first % 4;
  const block = (first - skipped) / 4;
  for (let i = 0; 4 * i < out.length + skipped; i++) {
    philox.drawBlock(block + i, step);
    const { word0, word1, word2, word3 } = philox;
    storeBlock(
      out,
      4 * i - skipped,
      unitInterval(word0),
      unitInterval(word1),
      unitInterval(word2),
      unitInterval(word3),
    );
  }
}
