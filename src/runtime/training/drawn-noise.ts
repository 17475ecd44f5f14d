import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Noise } from '../lowering/lowering.js';
import { type RandomStream, stream } from '../random/stream.js';

/** The random numbers of a layer, given its address. */
export type NoiseSource = (address: string) => Noise;

/** Where in its streams a pass draws. */
export interface NoisePosition {
  /** Of the stage's updates, from 0. */
  readonly step: number;
  /** Index of the batch's first example, for passes that take a part of the data in portions. */
  readonly firstExample: number;
}

/** The streams of one trial, or of evaluation, which are the same whatever the seed. Keeps what it has keyed already. */
export class NoiseStreams {
  readonly #seed: number | 'evaluation';
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: number | 'evaluation') {
    this.#seed = seed;
  }

  at({ step, firstExample }: NoisePosition): NoiseSource {
    const draw = (address: string, purpose: string, shape: readonly number[], kind: 'uniform' | 'normal'): Tensor => {
      const size = shape.reduce((product, n) => product * n, 1);
      const perExample = size / (shape[0] ?? 1);
      const values = new Float32Array(size);
      this.#stream(address, purpose)[kind](values, step, firstExample * perExample);
      return tensor(values, [...shape], 'float32');
    };
    return (address) => ({
      uniform: (purpose, shape) => draw(address, purpose, shape, 'uniform'),
      normal: (purpose, shape) => draw(address, purpose, shape, 'normal'),
    });
  }

  #stream(path: string, purpose: string): RandomStream {
    const key = `${path} ${purpose}`;
    const known = this.#streams.get(key);
    if (known) return known;
    const created = stream({ seed: this.#seed, path, purpose });
    this.#streams.set(key, created);
    return created;
  }
}
