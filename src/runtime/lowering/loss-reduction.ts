import { mul, type Scalar, sum, type Tensor } from '@tensorflow/tfjs-core';
import { type FusedLoss, fusedOperations } from './fused-operations.js';
import { withGradient } from './gradient.js';

export type Reduction = 'mean' | 'sum' | 'batchmean';

/** Factor that turns the sum over all elements of a `[batch, …]` tensor into the reduced loss. */
export function reductionFactor(reduction: Reduction, elements: Tensor): number {
  switch (reduction) {
    case 'mean':
      return 1 / elements.size;
    case 'sum':
      return 1;
    case 'batchmean':
      return 1 / (elements.shape[0] ?? 1);
  }
}

/** An element-wise loss of a `[batch, …]` tensor. */
export interface ElementLoss {
  readonly loss: (values: Tensor) => Tensor;
  /** Its derivative, without the constant factor `slope`. */
  readonly derivative: (values: Tensor) => Tensor;
  readonly slope?: number;
}

/** An element-wise loss of values and their targets; the targets get no gradient. */
export interface ComparisonLoss {
  readonly loss: (values: Tensor, target: Tensor) => Tensor;
  readonly derivative: (values: Tensor, target: Tensor) => Tensor;
  readonly slope?: number;
  /** The same loss as a fused kernel, for backends that have it. */
  readonly fused?: FusedLoss;
}

/** Reduced sum of an element-wise loss. */
export function reduced(values: Tensor, reduction: Reduction, element: ElementLoss): Scalar {
  return compared(values, values, reduction, element);
}

/** Reduced sum of an element-wise loss of values and their targets. */
export function compared(values: Tensor, target: Tensor, reduction: Reduction, element: ComparisonLoss): Scalar {
  const { loss, derivative, slope = 1, fused } = element;
  const factor = reductionFactor(reduction, values);
  const operations = fused === undefined ? null : fusedOperations();
  if (fused !== undefined && operations) return operations.elementLoss(fused, values, target, factor);
  return withGradient([values], (save) => {
    save([values, target]);
    const total = sum<Scalar>(loss(values, target));
    return {
      value: factor === 1 ? total : mul<Scalar>(total, factor),
      gradient: (upstream, [savedValues = values, savedTarget = target]) => [
        mul(derivative(savedValues, savedTarget), mul(upstream, factor * slope)),
      ],
    };
  });
}
