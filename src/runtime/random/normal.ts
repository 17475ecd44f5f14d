import { cosOfTurns, log, sinOfTurns } from '../../numerics/float32.js';
import type { StreamKey } from './address.js';
import { Philox } from './philox.js';
import { storeBlock } from './stored_block.js';
import { unitInterval } from './uniform.js';

/** sqrt(-2 ln u) for u = (upper 24 bits + 1) 2^-24 in (0, 1]: between 0 and 5.77. */
function radius(word: number): number {
  const u = ((word >>> 8) + 1) * 2 ** -24;
  return Math.fround(Math.sqrt(Math.fround(-2 * log(u))));
}

/**
 * out[i] = element first + i of the standard normal numbers of `step`.
 *
 * Box and Muller (1958) in float32: words 0 and 1 of a block give its elements 0 and 1, words 2 and 3 its elements 2
 * and 3, each pair as r cos(2πu) and r sin(2πu) with r from the pair's first word and u from its second.
 */
export function fillNormal(key: StreamKey, out: Float32Array, step: number, first: number): void {
  const philox = new Philox(key);
  const skipped = first % 4;
  const block = (first - skipped) / 4;
  for (let i = 0; 4 * i < out.length + skipped; i++) {
    philox.drawBlock(block + i, step);
    const radius0 = radius(philox.word0);
    const turns0 = unitInterval(philox.word1);
    const radius1 = radius(philox.word2);
    const turns1 = unitInterval(philox.word3);
    storeBlock(
      out,
      4 * i - skipped,
      Math.fround(radius0 * cosOfTurns(turns0)),
      Math.fround(radius0 * sinOfTurns(turns0)),
      Math.fround(radius1 * cosOfTurns(turns1)),
      Math.fround(radius1 * sinOfTurns(turns1)),
    );
  }
}
