import { add, mul, type Tensor } from '@tensorflow/tfjs-core';

/** `g + decay · p`: the gradient with that of an L2 penalty. */
export function withWeightDecay(gradient: Tensor, weight: Tensor, decay: number): Tensor {
  return decay === 0 ? gradient : add(gradient, mul(weight, decay));
}
