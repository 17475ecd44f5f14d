import type { StreamKey } from './address.js';
import { Philox } from './philox.js';

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

/** out[i] = 1 if element first + i of the uniform numbers of `step` is below the float32 nearest to p, else 0. */
export function fillBernoulli(key: StreamKey, out: Float32Array, p: number, step: number, first: number): void {
  const philox = new Philox(key);
  const probability = Math.fround(p);
  const skipped = first % 4;
  const block = (first - skipped) / 4;
  for (let i = 0; 4 * i < out.length + skipped; i++) {
    philox.drawBlock(block + i, step);
    storeBlock(
      out,
      4 * i - skipped,
      unitInterval(philox.word0) < probability ? 1 : 0,
      unitInterval(philox.word1) < probability ? 1 : 0,
      unitInterval(philox.word2) < probability ? 1 : 0,
      unitInterval(philox.word3) < probability ? 1 : 0,
    );
  }
}

/**
 * Writes the four values of one block at `at`, clipped to `out`: the first and the last block of a fill may extend
 * beyond it.
 */
export function storeBlock(out: Float32Array, at: number, a: number, b: number, c: number, d: number): void {
  const length = out.length;
  if (at >= 0 && at + 4 <= length) {
    out[at] = a;
    out[at + 1] = b;
    out[at + 2] = c;
    out[at + 3] = d;
    return;
  }
  if (at >= 0 && at < length) out[at] = a;
  if (at + 1 >= 0 && at + 1 < length) out[at + 1] = b;
  if (at + 2 >= 0 && at + 2 < length) out[at + 2] = c;
  if (at + 3 >= 0 && at + 3 < length) out[at + 3] = d;
}
