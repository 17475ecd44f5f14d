import type { StreamKey } from './address.js';
import { multiplyHigh, Philox } from './philox.js';

/**
 * floor(below * R / 2^64) for the 64-bit number R = high * 2^32 + low: an integer in [0, below), each with a
 * probability within 2^-64 of 1 / below. No rejection, so an element doesn't depend on the draws of others; the bias is
 * far below anything an experiment can detect.
 */
export function scaledInteger(high: number, low: number, below: number): number {
  const carried = multiplyHigh(low, below) >>> 0;
  const middle = (Math.imul(high, below) >>> 0) + carried;
  return ((multiplyHigh(high, below) >>> 0) + (middle > 0xffffffff ? 1 : 0)) >>> 0;
}

/**
 * out[i] = element first + i of the integers below `below` (1 … 2^32 - 1) of `step`. Element e consists of the words 2
 * (e mod 2), the upper one, and 2 (e mod 2) + 1 of block floor(e / 2).
 */
export function fillIntegers(key: StreamKey, out: Uint32Array, below: number, step: number, first: number): void {
  const philox = new Philox(key);
  const skipped = first % 2;
  const block = (first - skipped) / 2;
  for (let i = 0; 2 * i < out.length + skipped; i++) {
    philox.drawBlock(block + i, step);
    const at = 2 * i - skipped;
    if (at >= 0) out[at] = scaledInteger(philox.word0, philox.word1, below);
    if (at + 1 < out.length) out[at + 1] = scaledInteger(philox.word2, philox.word3, below);
  }
}

/**
 * A permutation of 0 … count-1 by the inside-out Fisher–Yates shuffle: for i = 0, 1, …, element i is put at position j,
 * an integer below i + 1 made from the words of element i (as in `fillIntegers`), and the element at j moves to i.
 */
export function permutation(key: StreamKey, count: number, step: number): Uint32Array {
  const philox = new Philox(key);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const even = i % 2 === 0;
    if (even) philox.drawBlock(i / 2, step);
    const j = even
      ? scaledInteger(philox.word0, philox.word1, i + 1)
      : scaledInteger(philox.word2, philox.word3, i + 1);
    order[i] = order[j] ?? i;
    order[j] = i;
  }
  return order;
}
