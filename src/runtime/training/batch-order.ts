import { stream } from '../random/stream.js';

/**
 * The order in which each epoch goes through the training examples: a permutation of its own, or as they are. It depends
 * on the seed and the stage alone, so trials of one seed see the same batches.
 */
export class BatchOrder {
  readonly #count: number;
  readonly #permutation: ((epoch: number) => Uint32Array) | null;
  #epoch = -1;
  #order: Uint32Array;

  /** @param path what the stage's order is drawn under */
  constructor(count: number, shuffle: boolean, seed: number, path: string) {
    this.#count = count;
    const order = stream({ seed, path, purpose: 'order' });
    this.#permutation = shuffle ? (epoch) => order.permutation(count, epoch) : null;
    this.#order = Uint32Array.from({ length: count }, (_, i) => i);
  }

  /** Indices of a batch's examples; the last one of an epoch may have fewer. */
  batch(epoch: number, batch: number, size: number): Uint32Array {
    if (this.#permutation && epoch !== this.#epoch) {
      this.#order = this.#permutation(epoch);
      this.#epoch = epoch;
    }
    return this.#order.subarray(batch * size, Math.min((batch + 1) * size, this.#count));
  }
}
