import {
  engine,
  type GradConfig,
  type KernelConfig,
  type Scalar,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type KernelCall, kernel } from '../kernel-call.js';
import { filled, withTemporary } from '../kernels/copying.js';
import { reduce } from '../kernels/reduction.js';
import { Loss, Operation, Reduction } from '../operations.js';
import { elementCount } from '../strides.js';

const ELEMENT_LOSS = 'FusedElementLoss';
const ELEMENT_LOSS_GRADIENT = 'FusedElementLossGradient';
const SPARSITY = 'FusedSparsity';
const SPARSITY_GRADIENT = 'FusedSparsityGradient';
/** Elements whose losses are summed to one partial sum; see assembly/reduce.ts. */
const BLOCK = 4096;

/** Losses of each element: squared error, and cross entropy of probabilities or of logits. */
export type ElementLoss = 'squared_error' | 'cross_entropy' | 'cross_entropy_of_logits';

/**
 * factor · Σ loss(prediction, target) over all elements, with a gradient to the prediction alone.
 * Its bits are those of the loss's formula in separate kernels, `sum` and, where it isn't 1, a multiplication by the factor.
 */
export function fusedElementLoss(loss: ElementLoss, prediction: Tensor, target: Tensor, factor: number): Scalar {
  return engine().runKernel<Scalar>(ELEMENT_LOSS, { prediction, target }, { loss, factor });
}

/**
 * Ng's sparsity penalty of activations `[batch, units]` in (0, 1): factor · Σ over units of
 * rho log(rho / p) + (1 - rho) log((1 - rho) / (1 - p)), p the mean over the batch.
 */
export function fusedSparsity(activations: Tensor, rho: number, factor: number): Scalar {
  const [penalty] = engine().runKernel<[Scalar, Tensor]>(SPARSITY, { activations }, { rho, factor });
  return penalty;
}

function lossOf(call: KernelCall): Loss {
  const name = call.text('loss');
  if (name === 'squared_error') return Loss.SquaredError;
  if (name === 'cross_entropy') return Loss.CrossEntropy;
  if (name === 'cross_entropy_of_logits') return Loss.CrossEntropyOfLogits;
  throw new Error(`the simd backend knows no loss '${name}'`);
}

/** Nanoseconds per element. */
function costOf(loss: Loss): number {
  return loss === Loss.SquaredError ? 0.5 : 4;
}

function elementLoss(call: KernelCall): TensorInfo {
  const { backend } = call;
  const loss = lossOf(call);
  const prediction = call.tensor('prediction');
  const n = elementCount(prediction.shape);
  const blocks = Math.ceil(n / BLOCK);
  const { memory } = backend.kernels;
  const partial = memory.allocate(blocks * 8);
  const job = backend.kernels.begin(Operation.Loss).int(loss).int(n);
  job
    .int(backend.address(prediction))
    .int(backend.address(call.tensor('target')))
    .int(partial)
    .run(n * costOf(loss));
  let total = 0;
  for (const sum of new Float64Array(memory.memory.buffer, partial, blocks)) total += sum;
  memory.release(partial, blocks * 8);
  const factor = call.number('factor');
  return filled(backend, [], 'float32', factor === 1 ? total : Math.fround(total) * Math.fround(factor));
}

function elementLossGradient(call: KernelCall): TensorInfo {
  const { backend } = call;
  const loss = lossOf(call);
  const prediction = call.tensor('prediction');
  const n = elementCount(prediction.shape);
  const gradient = backend.allocate(prediction.shape, 'float32');
  const job = backend.kernels.begin(Operation.LossGradient).int(loss).int(n);
  job.int(backend.address(prediction)).int(backend.address(call.tensor('target')));
  job.int(backend.address(call.tensor('upstream'))).float(call.number('factor') * (loss === Loss.SquaredError ? 2 : 1));
  job.int(backend.address(gradient)).run(n * costOf(loss));
  return gradient;
}

function sparsity(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const activations = call.tensor('activations');
  const mean = reduce(backend, Reduction.Mean, activations, [0], false);
  const units = elementCount(mean.shape);
  const penalty = backend.allocate([], 'float32');
  withTemporary(backend, backend.allocate([units], 'float32'), (losses) => {
    const rho = call.number('rho');
    const job = backend.kernels
      .begin(Operation.Sparsity)
      .int(units)
      .int(backend.address(mean))
      .float(rho)
      .float(1 - rho);
    job
      .float(call.number('factor'))
      .int(backend.address(losses))
      .int(backend.address(penalty))
      .run(units * 8);
  });
  return [penalty, mean];
}

function sparsityGradient(call: KernelCall): TensorInfo {
  const { backend } = call;
  const activations = call.tensor('activations');
  const mean = call.tensor('mean');
  const units = elementCount(mean.shape);
  const batch = activations.shape[0] ?? 1;
  const gradient = backend.allocate(activations.shape, 'float32');
  withTemporary(backend, backend.allocate([units], 'float32'), (slopes) => {
    const rho = call.number('rho');
    const job = backend.kernels.begin(Operation.SparsityGradient).int(batch).int(units).int(backend.address(mean));
    job
      .float(rho)
      .float(1 - rho)
      .float(call.number('factor'))
      .int(backend.address(call.tensor('upstream')));
    job
      .float(1 / batch)
      .int(backend.address(slopes))
      .int(backend.address(gradient))
      .run(units * 4);
  });
  return gradient;
}

export const lossKernels: readonly KernelConfig[] = [
  kernel(ELEMENT_LOSS, elementLoss),
  kernel(ELEMENT_LOSS_GRADIENT, elementLossGradient),
  kernel(SPARSITY, sparsity),
  kernel(SPARSITY_GRADIENT, sparsityGradient),
];

export const lossGradients: readonly GradConfig[] = [
  {
    kernelName: ELEMENT_LOSS,
    inputsToSave: ['prediction', 'target'],
    gradFunc: (upstream, saved, attrs) => {
      const [prediction, target] = saved;
      if (Array.isArray(upstream) || prediction === undefined || target === undefined) {
        throw new Error('the gradient of a loss needs its prediction and target');
      }
      return {
        prediction: () => engine().runKernel<Tensor>(ELEMENT_LOSS_GRADIENT, { prediction, target, upstream }, attrs),
        target: () => {
          throw new Error('a fused loss has no gradient to its target');
        },
      };
    },
  },
  {
    kernelName: SPARSITY,
    inputsToSave: ['activations'],
    outputsToSave: [false, true],
    gradFunc: (upstream, saved, attrs) => {
      const [activations, mean] = saved;
      const [first] = Array.isArray(upstream) ? upstream : [upstream];
      if (first === undefined || activations === undefined || mean === undefined) {
        throw new Error('the gradient of a sparsity penalty needs its activations and their mean');
      }
      return {
        activations: () => engine().runKernel<Tensor>(SPARSITY_GRADIENT, { activations, mean, upstream: first }, attrs),
      };
    },
  },
];
