import { mul, type Scalar, sum, type Tensor } from '@tensorflow/tfjs-core';
import { type FusedLoss, fusedOperations } from './fused-operations.js';
import { withGradient } from './gradient.js';

export type Reduction = 'mean' | 'sum' | 'batchmean';

/** What the sum over all elements of a `[batch, …]` tensor is multiplied by. */
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

/** A loss of each element, `[batch, …]`. */
export interface ElementLoss {
  readonly loss: (values: Tensor) => Tensor;
  /** Its derivative, without the constant factor `slope`. */
  readonly derivative: (values: Tensor) => Tensor;
  readonly slope?: number;
}

/** The same for values that are compared with others, which get no gradient. */
export interface ComparisonLoss {
  readonly loss: (values: Tensor, target: Tensor) => Tensor;
  readonly derivative: (values: Tensor, target: Tensor) => Tensor;
  readonly slope?: number;
  /** The same in one kernel, where the backend has it. */
  readonly fused?: FusedLoss;
}

/** The reduced sum of a loss of each element. */
export function reduced(values: Tensor, reduction: Reduction, element: ElementLoss): Scalar {
  return compared(values, values, reduction, element);
}

/** The reduced sum of a loss of each element and its target. */
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
