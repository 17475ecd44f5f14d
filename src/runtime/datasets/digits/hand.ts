import type { Philox } from '../../random/philox.js';

/** The decisions of the hand that writes one example: random integers that depend on the key and the example alone. */
export class Hand {
  private drawn = 0;

  /** `philox` is shared by all hands of a part; `example` is the step of its stream. */
  constructor(
    private readonly philox: Philox,
    private readonly example: number,
  ) {}

  /** A whole number below `count` (1 … 65536), all equally likely but for a share of count / 65536. */
  choose(count: number): number {
    return Math.imul(this.word() >>> 16, count) >>> 16;
  }

  /** An integer from low to high (at most 65536 of them), both included. */
  between(low: number, high: number): number {
    return low + this.choose(high - low + 1);
  }

  /** An integer from -limit to limit (limit <= 8000), most likely 0: the density is a triangle. */
  around(limit: number): number {
    const word = this.word();
    return (Math.imul((word & 0xffff) + (word >>> 16), 2 * limit + 1) >>> 17) - limit;
  }

  private word(): number {
    const lane = this.drawn & 3;
    if (lane === 0) this.philox.drawBlock(this.drawn >> 2, this.example);
    this.drawn++;
    const { word0, word1, word2, word3 } = this.philox;
    return lane === 0 ? word0 : lane === 1 ? word1 : lane === 2 ? word2 : word3;
  }
}
