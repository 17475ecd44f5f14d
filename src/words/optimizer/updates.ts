import type { Tensor } from '@tensorflow/tfjs-core';
import { pow } from '../../numerics/float64.js';
import type { WeightUpdate } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';

/** `g + decay · p`: the gradient with that of an L2 penalty. */
export function withWeightDecay({ add, mul }: Operations, gradient: Tensor, weight: Tensor, decay: number): Tensor {
  return decay === 0 ? gradient : add(gradient, mul(weight, decay));
}

interface AdamArguments {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
}

/** The slots of Adam: the running means of the gradient and of its square. */
export const momentSlots = ['mean', 'square'] as const;

/** The two numbers of the update that depend on how many there have been. */
export function correctedRates(
  { lr, beta1, beta2, eps }: AdamArguments,
  count: number,
): { readonly rate: number; readonly floor: number } {
  const rootCorrection = Math.sqrt(1 - pow(beta2, count));
  return { rate: (lr * rootCorrection) / (1 - pow(beta1, count)), floor: eps * rootCorrection };
}

/**
 * Adam without weight decay: `p - lr m̂ / (√v̂ + eps)`.
 *
 * With c₁ = 1 - beta1ⁿ and c₂ = 1 - beta2ⁿ that is `p - (lr √c₂ / c₁) m / (√v + eps √c₂)`, which needs no corrected
 * copies of m and v. The corrections are computed in float64.
 */
export function adamUpdate(
  { add, div, mul, scalar, slotOf, sqrt, square, sub }: Operations,
  args: AdamArguments,
  count: number,
): WeightUpdate {
  const { beta1, beta2 } = args;
  const corrected = correctedRates(args, count);
  const rate = scalar(corrected.rate);
  const floor = scalar(corrected.floor);
  const keptMean = scalar(beta1);
  const newMean = scalar(1 - beta1);
  const keptSquare = scalar(beta2);
  const newSquare = scalar(1 - beta2);
  return (weight, gradient, slots) => {
    const mean = add(mul(slotOf(slots, 'mean'), keptMean), mul(gradient, newMean));
    const meanSquare = add(mul(slotOf(slots, 'square'), keptSquare), mul(square(gradient), newSquare));
    const step = div(mean, add(sqrt(meanSquare), floor));
    return { weight: sub(weight, mul(step, rate)), slots: { mean, square: meanSquare } };
  };
}
