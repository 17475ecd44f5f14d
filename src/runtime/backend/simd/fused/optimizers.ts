import { engine, type KernelConfig, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from '../kernel-call.js';
import { Operation, Optimizer } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';

const UPDATE = 'FusedOptimizerUpdate';
/** As many tensors as the control block has room for. */
const LARGEST_JOB = 200;

/** The numbers of an update, as float64; the kernel rounds each to float32. */
export type OptimizerNumbers =
  | {
      /** w - rate m / (√v + floor), m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g²; slots m and v. */
      readonly kind: 'adam' | 'adamw';
      readonly rate: number;
      readonly floor: number;
      readonly beta1: number;
      readonly beta2: number;
      /** adam: added to the gradient, times the weight; adamw: what the weight is multiplied by, 1 for no decay. */
      readonly decay: number;
    }
  | {
      /** u = momentum u + g; w - rate u, or w - rate (g + momentum u); slot u. */
      readonly kind: 'sgd';
      readonly rate: number;
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly decay: number;
    }
  | {
      /** v = alpha v + (1 - alpha) g²; u = momentum u + g / (√v + epsilon); w - rate u; slots v and u. */
      readonly kind: 'rmsprop';
      readonly rate: number;
      readonly alpha: number;
      readonly epsilon: number;
      readonly momentum: number;
      readonly decay: number;
    };

/** A weight, its gradient and what the optimizer keeps for it (sgd: one tensor; the others: two), all of one shape. */
export interface OptimizedWeight {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly slots: readonly Tensor[];
}

/** New tensors; those that were given stay as they are. */
export interface UpdatedWeight {
  readonly weight: Tensor;
  readonly slots: readonly Tensor[];
}

/** One update of any number of weights in one kernel, with the bits of the formula in separate kernels. */
export function fusedUpdate(numbers: OptimizerNumbers, weights: readonly OptimizedWeight[]): UpdatedWeight[] {
  const perWeight = numbers.kind === 'sgd' ? 1 : 2;
  const tensors = weights.flatMap(({ weight, gradient, slots }) => {
    if (slots.length !== perWeight)
      throw new Error(`${numbers.kind} keeps ${perWeight} tensors for a weight, not ${slots.length}`);
    return [weight, gradient, ...slots];
  });
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [String(i), tensor]));
  const [optimizer, values] = numbersOf(numbers);
  const results = engine().runKernel<Tensor[]>(UPDATE, inputs, { optimizer, values: [...values], slots: perWeight });
  return weights.map((_, i) => {
    const [weight, ...slots] = results.slice(i * (1 + perWeight), (i + 1) * (1 + perWeight));
    if (weight === undefined) throw new Error('the update gave too few tensors');
    return { weight, slots };
  });
}

/** The optimizer and its seven numbers, in the order of assembly/optimizers.ts. */
function numbersOf(numbers: OptimizerNumbers): [Optimizer, readonly number[]] {
  switch (numbers.kind) {
    case 'adam':
    case 'adamw': {
      const { rate, floor, beta1, beta2, decay } = numbers;
      const optimizer = numbers.kind === 'adam' ? Optimizer.Adam : Optimizer.AdamW;
      return [optimizer, [rate, floor, beta1, 1 - beta1, beta2, 1 - beta2, decay]];
    }
    case 'sgd':
      return [Optimizer.Sgd, [numbers.rate, numbers.momentum, numbers.nesterov ? 1 : 0, numbers.decay, 0, 0, 0]];
    case 'rmsprop': {
      const { rate, alpha, epsilon, momentum, decay } = numbers;
      return [Optimizer.RmsProp, [rate, alpha, 1 - alpha, epsilon, momentum, decay, 0]];
    }
  }
}

function update(call: KernelCall): TensorInfo[] {
  const slots = call.number('slots');
  const given = call.tensors;
  const results: TensorInfo[] = [];
  const perWeight = (2 + slots) * LARGEST_JOB;
  for (let first = 0; first < given.length; first += perWeight) {
    results.push(...updateSome(call, slots, given.slice(first, first + perWeight)));
  }
  return results;
}

function updateSome(call: KernelCall, slots: number, given: readonly TensorInfo[]): TensorInfo[] {
  const { backend } = call;
  const results: TensorInfo[] = [];
  const entries: number[] = [];
  let total = 0;
  for (let i = 0; i < given.length; i += 2 + slots) {
    const [weight, gradient, a, b = a] = given.slice(i, i + 2 + slots);
    if (weight === undefined || gradient === undefined || a === undefined || b === undefined) {
      throw new Error('an optimizer needs a weight, a gradient and slots');
    }
    const [newWeight, newA, newB] = freshTensors(backend, weight, slots);
    results.push(newWeight, newA, ...(slots === 2 ? [newB] : []));
    const n = elementCount(weight.shape);
    total += n;
    entries.push(n, ...[weight, gradient, a, b, newWeight, newA, newB].map((tensor) => backend.address(tensor)));
  }
  const job = backend.kernels
    .begin(Operation.Optimizer)
    .int(call.number('optimizer'))
    .int(given.length / (2 + slots));
  for (const value of call.numbers('values')) job.float(value);
  job.ints(entries).run(total * 1.2);
  return results;
}

function freshTensors(backend: SimdBackend, like: TensorInfo, slots: number): [TensorInfo, TensorInfo, TensorInfo] {
  const weight = backend.allocate(like.shape, 'float32');
  const first = backend.allocate(like.shape, 'float32');
  return [weight, first, slots === 2 ? backend.allocate(like.shape, 'float32') : first];
}

export const optimizerKernels: readonly KernelConfig[] = [kernel(UPDATE, update)];
