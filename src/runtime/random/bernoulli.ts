import type { StreamKey } from './address.js';
import { Philox } from './philox.js';
import { storeBlock } from './stored_block.js';
import { unitInterval } from './uniform.js';

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
