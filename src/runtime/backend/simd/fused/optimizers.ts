import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedUpdate, FusedWeight } from '../../../lowering/fused-operations.js';
import { Operation, Optimizer } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';

/** Most tensors that fit in the control block. */
const LARGEST_JOB = 300;

/** A group of tensors to update in one job. */
interface Job {
  readonly tensors: number;
  /** For each tensor, its element count and the addresses of it, its gradient and its slots. */
  readonly places: readonly number[];
  readonly nanoseconds: number;
}

/**
 * Updates any number of weights in one kernel, in place. Looks them up once.
 * @throws RangeError, from the returned function, for a rule with a different number of slots
 */
export function updateOf(backend: SimdBackend, weights: readonly FusedWeight[]): (rule: FusedUpdate) => void {
  const jobs: Job[] = [];
  for (let first = 0; first < weights.length; first += LARGEST_JOB) {
    jobs.push(jobOf(backend, weights.slice(first, first + LARGEST_JOB)));
  }
  const kept = new Set(weights.map(({ slots }) => slots.length));
  return (rule) => {
    const [optimizer, numbers] = numbersOf(rule);
    for (const count of kept) {
      if (count !== slotsOf(optimizer)) {
        throw new RangeError(`${rule.kind} keeps ${slotsOf(optimizer)} tensors for a weight, not ${count}`);
      }
    }
    for (const { tensors, places, nanoseconds } of jobs) {
      const call = backend.kernels.begin(Operation.Optimizer).int(optimizer).int(tensors);
      for (const value of numbers) call.float(value);
      call.ints(places).run(nanoseconds);
    }
  };
}

function jobOf(backend: SimdBackend, weights: readonly FusedWeight[]): Job {
  const places: number[] = [];
  let total = 0;
  for (const { weight, gradient, slots } of weights) {
    const n = elementCount(weight.shape);
    total += n;
    const [a = weight, b = a] = slots;
    places.push(n);
    for (const tensor of [weight, gradient, a, b] satisfies TensorInfo[]) places.push(backend.address(tensor));
  }
  return { tensors: weights.length, places, nanoseconds: total * 1.2 };
}

function slotsOf(optimizer: Optimizer): number {
  return optimizer === Optimizer.Sgd || optimizer === Optimizer.Momentum ? 1 : 2;
}

/** The optimizer and its seven numbers, in the order of assembly/optimizers.ts. */
function numbersOf(rule: FusedUpdate): [Optimizer, readonly number[]] {
  switch (rule.kind) {
    case 'adam':
    case 'adamw': {
      const { rate, floor, beta1, beta2, decay } = rule;
      const optimizer = rule.kind === 'adam' ? Optimizer.Adam : Optimizer.AdamW;
      return [optimizer, [rate, floor, beta1, 1 - beta1, beta2, 1 - beta2, decay]];
    }
    case 'sgd':
      return [Optimizer.Sgd, [rule.rate, rule.momentum, rule.nesterov ? 1 : 0, rule.decay, 0, 0, 0]];
    case 'rmsprop': {
      const { rate, alpha, epsilon, momentum, decay } = rule;
      return [Optimizer.RmsProp, [rate, alpha, 1 - alpha, epsilon, momentum, decay, 0]];
    }
    case 'momentum':
      return [Optimizer.Momentum, [rule.rate, rule.momentum, rule.decay, 0, 0, 0, 0]];
  }
}
