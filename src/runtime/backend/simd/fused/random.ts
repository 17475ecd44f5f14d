import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomPlace } from '../../../random/place.js';
import type { KernelRunner } from '../kernel-runner.js';
import { Distribution, Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { tensorOf } from './results.js';

const WORD = 4294967296;

/**
 * Generates random numbers in the kernel, bit for bit those of `stream(address)` in src/runtime/random.
 * @param probability for `bernoulli` only
 */
export function randomNumbers(
  backend: SimdBackend,
  kind: 'uniform' | 'normal' | 'bernoulli',
  place: RandomPlace,
  shape: readonly number[],
  probability = 0,
): Tensor {
  const n = elementCount(shape);
  const y = backend.allocate(shape, 'float32');
  drawing(backend, distributionNumber(kind), place, n)
    .float(probability)
    .int(backend.address(y))
    .run(n * 4);
  return tensorOf(y);
}

/** 1 if the stream's uniform number is below the probability at the same place, else 0. */
export function bernoulli(backend: SimdBackend, probabilities: Tensor, place: RandomPlace): Tensor {
  const n = elementCount(probabilities.shape);
  const y = backend.allocate(probabilities.shape, 'float32');
  const job = drawing(backend, Distribution.BernoulliEach, place, n).float(0).int(backend.address(y));
  job.int(backend.address(probabilities)).run(n * 4);
  return tensorOf(y);
}

/** Draws integers below a bound for the host, like `stream(address).integers`. */
export function integerDrawer(backend: SimdBackend): (out: Uint32Array, below: number, place: RandomPlace) => void {
  let [room, address] = [0, 0];
  return (out, below, { key, at, first }) => {
    const n = out.length;
    const { memory } = backend.kernels;
    if (n > room) [room, address] = [n, memory.allocate(n * 4)];
    // Each integer takes two words.
    const words = { key, at, first: first * 2 };
    drawing(backend, Distribution.Integers, words, n * 2)
      .int(below)
      .int(address)
      .run(n * 8);
    for (let i = 0, from = address >>> 2; i < n; i++, from++) out[i] = memory.ints[from] ?? 0;
  };
}

/** Starts a job that draws n elements, up to the probability and its operands; see assembly/random.ts. */
export function drawing(
  backend: SimdBackend,
  distribution: Distribution,
  { key, at, first }: RandomPlace,
  n: number,
): KernelRunner {
  const skipped = first % 4;
  const block = (first - skipped) / 4;
  return backend.kernels
    .begin(Operation.RandomNumbers)
    .int(distribution)
    .int(n)
    .ints(key)
    .int(block % WORD)
    .int(Math.floor(block / WORD))
    .changing(() => at.step % WORD)
    .changing(() => Math.floor(at.step / WORD))
    .int(skipped);
}

function distributionNumber(kind: 'uniform' | 'normal' | 'bernoulli'): Distribution {
  switch (kind) {
    case 'uniform':
      return Distribution.Uniform;
    case 'normal':
      return Distribution.Normal;
    case 'bernoulli':
      return Distribution.Bernoulli;
  }
}
