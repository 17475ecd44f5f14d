import { type StreamAddress, type StreamKey, streamKey } from './address.js';
import { fillIntegers, permutation } from './integers.js';
import { fillNormal, fillTruncatedNormal } from './normal.js';
import { fillBernoulli, fillUniform } from './uniform.js';

/**
 * The random numbers of one address. A stream is stateless: results depend only on the address, the step and the
 * element index, so any part can be drawn, in any order, any number of times.
 *
 * All draws of one step share the same bits, so use an address for one kind of draw only. `step` and `first`, the index
 * of the element written to out[0] (default 0), are integers >= 0. Specification: src/runtime/backend/numerics.md.
 *
 * @throws RangeError for a step, index, probability or bound outside its range
 */
export interface RandomStream {
  readonly address: StreamAddress;
  /** For an engine that generates the numbers in the kernel that uses them. */
  readonly key: StreamKey;
  /** Multiples of 2^-24 in [0, 1). */
  uniform(out: Float32Array, step: number, first?: number): void;
  /** Mean 0, standard deviation 1. */
  normal(out: Float32Array, step: number, first?: number): void;
  /** Standard normal distribution truncated to (-2, 2); its standard deviation is 0.8796. */
  truncatedNormal(out: Float32Array, step: number, first?: number): void;
  /** 1 with probability p, else 0. */
  bernoulli(out: Float32Array, p: number, step: number, first?: number): void;
  /** Integers in [0, below), below from 1 to 2^32 - 1. */
  integers(out: Uint32Array, below: number, step: number, first?: number): void;
  /** A permutation of 0 … count-1, all equally likely. */
  permutation(count: number, step: number): Uint32Array;
}

export type StreamAt = (address: StreamAddress) => RandomStream;

/** Creates the stream of random numbers at an address. */
export function stream(address: StreamAddress): RandomStream {
  const key = streamKey(address);
  return {
    address,
    key,
    uniform(out, step, first = 0) {
      requireIndex('step', step);
      requireIndex('element', first);
      fillUniform(key, out, step, first);
    },
    normal(out, step, first = 0) {
      requireIndex('step', step);
      requireIndex('element', first);
      fillNormal(key, out, step, first);
    },
    truncatedNormal(out, step, first = 0) {
      requireIndex('step', step);
      requireIndex('element', first);
      fillTruncatedNormal(key, out, step, first);
    },
    bernoulli(out, p, step, first = 0) {
      if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability must be in [0, 1], not ${p}`);
      requireIndex('step', step);
      requireIndex('element', first);
      fillBernoulli(key, out, p, step, first);
    },
    integers(out, below, step, first = 0) {
      requireBound(below);
      requireIndex('step', step);
      requireIndex('element', first);
      fillIntegers(key, out, below, step, first);
    },
    permutation(count, step) {
      if (count !== 0) requireBound(count);
      requireIndex('step', step);
      return permutation(key, count, step);
    },
  };
}

function requireIndex(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be an integer >= 0, not ${value}`);
}

function requireBound(value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > 0xffffffff) {
    throw new RangeError(`the bound of random integers must be an integer from 1 to 2^32 - 1, not ${value}`);
  }
}
