import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedUpdate, FusedWeight } from '../../../lowering/fused-operations.js';
import { Operation, Optimizer } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';

/** As many tensors as the control block has room for. */
const LARGEST_JOB = 300;

/** One update of any number of weights in one kernel, where they lie. @throws RangeError for too few or too many slots */
export function update(backend: SimdBackend, rule: FusedUpdate, weights: readonly FusedWeight[]): void {
  for (let first = 0; first < weights.length; first += LARGEST_JOB) {
    updateSome(backend, rule, weights.slice(first, first + LARGEST_JOB));
  }
}

function updateSome(backend: SimdBackend, rule: FusedUpdate, weights: readonly FusedWeight[]): void {
  const [optimizer, numbers] = numbersOf(rule);
  const job = backend.kernels.begin(Operation.Optimizer).int(optimizer).int(weights.length);
  for (const value of numbers) job.float(value);
  let total = 0;
  for (const { weight, gradient, slots } of weights) {
    const n = elementCount(weight.shape);
    total += n;
    const [a, b = a, ...others] = slots;
    if (slots.length !== slotsOf(optimizer) || a === undefined || b === undefined || others.length > 0) {
      throw new RangeError(`${rule.kind} keeps ${slotsOf(optimizer)} tensors for a weight, not ${slots.length}`);
    }
    job.int(n);
    for (const tensor of [weight, gradient, a, b] satisfies TensorInfo[]) job.int(backend.address(tensor));
  }
  job.run(total * 1.2);
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
