import type { Scalar, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedLoss } from '../../../lowering/fused-operations.js';
import { withGradient } from '../../../lowering/gradient.js';
import { withTemporary } from '../kernels/copying.js';
import { reduce } from '../kernels/reduction.js';
import { Loss, Operation, Reduction } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { scalarOf, tensorOf } from './results.js';

/** Elements per partial sum of losses; see assembly/reduce.ts. */
const BLOCK = 4096;

/** factor · Σ loss(prediction, target), differentiable in the prediction. */
export function elementLoss(
  backend: SimdBackend,
  name: FusedLoss,
  prediction: Tensor,
  target: Tensor,
  factor: number,
): Scalar {
  const loss = lossNumber(name);
  return withGradient([prediction], (save) => {
    save([prediction, target]);
    return {
      value: scalarOf(sumOf(backend, loss, prediction, target, factor)),
      gradient: (upstream, [y = prediction, t = target]) => [gradientOf(backend, loss, y, t, factor, upstream)],
    };
  });
}

export function sumOfSquares(backend: SimdBackend, values: Tensor): Scalar {
  return scalarOf(sumOf(backend, Loss.Square, values, values, 1));
}

function lossNumber(name: FusedLoss): Loss {
  switch (name) {
    case 'squared_error':
      return Loss.SquaredError;
    case 'cross_entropy':
      return Loss.CrossEntropy;
    case 'cross_entropy_of_logits':
      return Loss.CrossEntropyOfLogits;
  }
}

/** Nanoseconds per element. */
function costOf(loss: Loss): number {
  return loss === Loss.SquaredError || loss === Loss.Square ? 0.5 : 4;
}

function sumOf(backend: SimdBackend, loss: Loss, y: TensorInfo, t: TensorInfo, factor: number): TensorInfo {
  const n = elementCount(y.shape);
  const result = backend.allocate([], 'float32');
  // float64, two words each.
  const partial = backend.allocate([Math.max(1, Math.ceil(n / BLOCK)) * 2], 'int32');
  return withTemporary(backend, partial, (sums) => {
    const job = backend.kernels.begin(Operation.Loss).int(loss).int(n).int(backend.address(y)).int(backend.address(t));
    job
      .int(backend.address(sums))
      .float(factor)
      .int(backend.address(result))
      .run(n * costOf(loss));
    return result;
  });
}

/** slope · (upstream · factor); the factor of a squared error includes its 2. */
function gradientOf(
  backend: SimdBackend,
  loss: Loss,
  y: TensorInfo,
  t: TensorInfo,
  factor: number,
  upstream: TensorInfo,
): Tensor {
  const n = elementCount(y.shape);
  const gradient = backend.allocate(y.shape, 'float32');
  const job = backend.kernels.begin(Operation.LossGradient).int(loss).int(n);
  job.int(backend.address(y)).int(backend.address(t));
  job.int(backend.address(upstream)).float(factor * (loss === Loss.SquaredError ? 2 : 1));
  job.int(backend.address(gradient)).run(n * costOf(loss));
  return tensorOf(gradient);
}

/** Ng's sparsity penalty on activations in (0, 1). */
export function sparsity(backend: SimdBackend, activations: Tensor, rho: number, factor: number): Scalar {
  return withGradient([activations], (save) => {
    const mean = tensorOf(reduce(backend, Reduction.Mean, activations, [0], false));
    save([mean]);
    return {
      value: scalarOf(divergence(backend, mean, rho, factor)),
      gradient: (upstream, [p = mean]) => [divergenceGradient(backend, p, activations.shape, rho, factor, upstream)],
    };
  });
}

function divergence(backend: SimdBackend, mean: TensorInfo, rho: number, factor: number): TensorInfo {
  const units = elementCount(mean.shape);
  const penalty = backend.allocate([], 'float32');
  return withTemporary(backend, backend.allocate([units], 'float32'), (losses) => {
    const job = backend.kernels.begin(Operation.Sparsity).int(units).int(backend.address(mean));
    job
      .float(rho)
      .float(1 - rho)
      .float(factor);
    job
      .int(backend.address(losses))
      .int(backend.address(penalty))
      .run(units * 8);
    return penalty;
  });
}

function divergenceGradient(
  backend: SimdBackend,
  mean: TensorInfo,
  shape: readonly number[],
  rho: number,
  factor: number,
  upstream: TensorInfo,
): Tensor {
  const units = elementCount(mean.shape);
  const batch = shape[0] ?? 1;
  const gradient = backend.allocate(shape, 'float32');
  return withTemporary(backend, backend.allocate([units], 'float32'), (slopes) => {
    const job = backend.kernels.begin(Operation.SparsityGradient).int(batch).int(units).int(backend.address(mean));
    job
      .float(rho)
      .float(1 - rho)
      .float(factor)
      .int(backend.address(upstream));
    job
      .float(1 / batch)
      .int(backend.address(slopes))
      .int(backend.address(gradient))
      .run(units * 4);
    return tensorOf(gradient);
  });
}
