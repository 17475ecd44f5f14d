import { engine, type KernelConfig, type Tensor } from '@tensorflow/tfjs-core';
import { kernel } from '../kernel-call.js';
import { Distribution, Operation } from '../operations.js';
import { elementCount } from '../strides.js';

const RANDOM = 'RandomNumbers';
const WORD = 4294967296;

/** Which random numbers: those of a stream's key at a step, from one of its elements on. */
export interface RandomPlace {
  /** The two 32-bit words of the stream's key. */
  readonly key: readonly [number, number];
  /** An integer >= 0. */
  readonly step: number;
  /** The index of the first element, an integer >= 0; default 0. */
  readonly first?: number;
}

/** Uniform in [0, 1), standard normal, or 1 with a probability and else 0. */
export type RandomDistribution =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'normal' }
  | { readonly kind: 'bernoulli'; readonly probability: number };

/** Random numbers made by the kernel, bit for bit those of `stream(address)` in src/runtime/random. */
export function randomTensor(
  distribution: RandomDistribution,
  { key, step, first = 0 }: RandomPlace,
  shape: readonly number[],
): Tensor {
  const probability = distribution.kind === 'bernoulli' ? distribution.probability : 0;
  const attributes = { kind: distributionOf(distribution), probability, key: [...key], step, first, shape: [...shape] };
  return engine().runKernel<Tensor>(RANDOM, {}, attributes);
}

/**
 * 1 where an element of the stream's uniform numbers is below the probability at the same place, else 0: the draw of a
 * layer of Bernoulli units. No gradient.
 */
export function bernoulliTensor(probabilities: Tensor, { key, step, first = 0 }: RandomPlace): Tensor {
  const attributes = { kind: Distribution.BernoulliEach, probability: 0, key: [...key], step, first };
  return engine().runKernel<Tensor>(RANDOM, { probabilities }, { ...attributes, shape: probabilities.shape });
}

function distributionOf({ kind }: RandomDistribution): Distribution {
  switch (kind) {
    case 'uniform':
      return Distribution.Uniform;
    case 'normal':
      return Distribution.Normal;
    case 'bernoulli':
      return Distribution.Bernoulli;
  }
}

export const randomKernels: readonly KernelConfig[] = [
  kernel(RANDOM, (call) => {
    const { backend } = call;
    const shape = call.numbers('shape');
    const y = backend.allocate(shape, 'float32');
    const n = elementCount(shape);
    const [first, step] = [call.number('first'), call.number('step')];
    const skipped = first % 4;
    const block = (first - skipped) / 4;
    const job = backend.kernels
      .begin(Operation.RandomNumbers)
      .int(call.number('kind'))
      .int(n)
      .ints(call.numbers('key'));
    job
      .int(block % WORD)
      .int(Math.floor(block / WORD))
      .int(step % WORD)
      .int(Math.floor(step / WORD));
    job.int(skipped).float(call.number('probability')).int(backend.address(y));
    const probabilities = call.optionalTensor('probabilities');
    job.int(probabilities === undefined ? 0 : backend.address(probabilities)).run(n * 4);
    return y;
  }),
];
