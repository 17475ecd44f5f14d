import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { elementCount } from '../../compiler/ir/shape.js';
import { fusedOperations } from '../lowering/fused-operations.js';
import type { Noise } from '../lowering/lowering.js';
import type { RandomPlace } from '../random/place.js';
import { type RandomStream, stream } from '../random/stream.js';

/** Random numbers of a layer, by its address. */
export type NoiseSource = (address: string) => Noise;

/** A pass's position in its streams. */
export interface NoisePosition {
  /** Update of the stage, from 0. */
  readonly step: number;
  /** Index of the batch's first example, if a pass over a part of the data is split into chunks. */
  readonly firstExample: number;
}

/** Random streams of a trial or, the same for every seed, of evaluation. Caches them by address and purpose. */
export class NoiseStreams {
  readonly #seed: number | 'evaluation';
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: number | 'evaluation') {
    this.#seed = seed;
  }

  /** @param position read at every draw */
  at(position: NoisePosition): NoiseSource {
    const place = (address: string, purpose: string, shape: readonly number[]): RandomPlace => {
      const perExample = elementCount(shape.slice(1));
      return { key: this.#stream(address, purpose).key, at: position, first: position.firstExample * perExample };
    };
    const draw = (address: string, purpose: string, shape: readonly number[], kind: 'uniform' | 'normal'): Tensor => {
      const { at, first } = place(address, purpose, shape);
      const values = new Float32Array(elementCount(shape));
      this.#stream(address, purpose)[kind](values, at.step, first);
      return tensor(values, [...shape], 'float32');
    };
    const fused = fusedOperations();
    const noises = new Map<string, Noise>();
    const noiseOf = (address: string): Noise => ({
      uniform: (purpose, shape) =>
        fused?.random('uniform', place(address, purpose, shape), shape) ?? draw(address, purpose, shape, 'uniform'),
      normal: (purpose, shape) =>
        fused?.random('normal', place(address, purpose, shape), shape) ?? draw(address, purpose, shape, 'normal'),
      place: (purpose, shape) => place(address, purpose, shape),
    });
    return (address) => {
      const known = noises.get(address);
      if (known) return known;
      const noise = noiseOf(address);
      noises.set(address, noise);
      return noise;
    };
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
