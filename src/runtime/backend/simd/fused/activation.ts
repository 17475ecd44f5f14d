import type { Tensor } from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../../../lowering/fused-operations.js';
import { Activation, Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { tensorOf } from './results.js';

export function activationNumber(activation: FusedActivation): Activation {
  switch (activation) {
    case 'linear':
      return Activation.Linear;
    case 'relu':
      return Activation.Relu;
    case 'sigmoid':
      return Activation.Sigmoid;
    case 'tanh':
      return Activation.Tanh;
  }
}

/** Backpropagates through an activation, given its result y. */
export function throughActivation(backend: SimdBackend, activation: FusedActivation, dy: Tensor, y: Tensor): Tensor {
  if (activation === 'linear') return dy;
  const dx = backend.allocate(y.shape, 'float32');
  const n = elementCount(y.shape);
  const job = backend.kernels.begin(Operation.ActivationGradient).int(activationNumber(activation)).int(n);
  job
    .int(backend.address(dy))
    .int(backend.address(y))
    .int(backend.address(dx))
    .run(n * 0.3);
  return tensorOf(dx);
}
