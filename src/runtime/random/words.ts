import type { Philox } from './philox.js';

/** The random words of one step of a stream, one after the other, for draws whose number isn't known in advance. */
export class WordSequence {
  #drawn = 0;

  /** @param philox may be shared by sequences that are drawn from in turns */
  constructor(
    private readonly philox: Philox,
    private readonly step: number,
  ) {}

  /** A multiple of 2⁻²⁴ in (0, 1]. */
  positive(): number {
    return ((this.#next() >>> 8) + 1) * 2 ** -24;
  }

  #next(): number {
    const lane = this.#drawn & 3;
    this.philox.drawBlock((this.#drawn - lane) / 4, this.step);
    this.#drawn++;
    const { word0, word1, word2, word3 } = this.philox;
    return lane === 0 ? word0 : lane === 1 ? word1 : lane === 2 ? word2 : word3;
  }
}
