import { mul, type Scalar, sum, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import { type FusedLoss, fusedOperations } from './fused-operations.js';
import { withGradient } from './gradient.js';
import { toInside } from './image-layout.js';

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

/** The loss with its weights, which no fused kernel has. */
function weighted({ fused: _, ...element }: ComparisonLoss, weights: readonly number[]): ComparisonLoss {
  const factors = ({ shape }: Tensor) => {
    const channelsFirst = [shape.at(-1) ?? 1, ...shape.slice(1, -1)];
    return toInside(tensor2d([...weights], [1, weights.length], 'float32'), channelsFirst);
  };
  return {
    ...element,
    loss: (y, t) => mul(factors(y), element.loss(y, t)),
    derivative: (y, t) => mul(factors(y), element.derivative(y, t)),
  };
}

/** Reduced sum of an element-wise loss. */
export function reduced(values: Tensor, reduction: Reduction, element: ElementLoss): Scalar {
  return compared(values, values, reduction, element);
}

/**
 * Reduced sum of an element-wise loss of values and their targets.
 * @param weights that the loss of each value of an example is multiplied by, in the language's order; null for none
 */
export function compared(
  values: Tensor,
  target: Tensor,
  reduction: Reduction,
  element: ComparisonLoss,
  weights: readonly number[] | null = null,
): Scalar {
  if (weights !== null) return compared(values, target, reduction, weighted(element, weights));
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
