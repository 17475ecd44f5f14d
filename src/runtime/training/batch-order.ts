import { stream } from '../random/stream.js';

/**
 * Order of the training examples in each epoch: a new permutation, or as stored. It depends only on seed and stage, so
 * trials with the same seed see the same batches.
 */
export class BatchOrder {
  readonly #count: number;
  readonly #permutation: ((epoch: number) => Uint32Array) | null;
  #epoch = -1;
  #order: Uint32Array;

  /** @param path of the random stream that permutations are drawn from */
  constructor(count: number, shuffle: boolean, seed: number, path: string) {
    this.#count = count;
    const order = stream({ seed, path, purpose: 'order' });
    this.#permutation = shuffle ? (epoch) => order.permutation(count, epoch) : null;
    this.#order = Uint32Array.from({ length: count }, (_, i) => i);
  }

  /** Indices of a batch's examples. An epoch's last batch may be smaller. */
  batch(epoch: number, batch: number, size: number): Uint32Array {
    if (this.#permutation && epoch !== this.#epoch) {
      this.#order = this.#permutation(epoch);
      this.#epoch = epoch;
    }
    return this.#order.subarray(batch * size, Math.min((batch + 1) * size, this.#count));
  }
}
