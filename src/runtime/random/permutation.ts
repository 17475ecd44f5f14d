import type { StreamKey } from './address.js';
import { scaledInteger } from './integers.js';
import { Philox } from './philox.js';

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
