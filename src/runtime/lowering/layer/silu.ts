import { add, mul, sigmoid, sub } from '@tensorflow/tfjs-core';
import { silu } from '../../../compiler/library/layer/silu.js';
import { elementwise } from '../gradient.js';
import type { LayerLowering } from '../lowering.js';

/** x σ(x), with the derivative σ(x) (1 + x (1 - σ(x))). */
export const siluLowering: LayerLowering<typeof silu.parameters> = {
  word: silu,
  forward: (_args, input) =>
    elementwise(
      input,
      (x) => mul(x, sigmoid(x)),
      (x) => {
        const s = sigmoid(x);
        return mul(s, add(mul(x, sub(1, s)), 1));
      },
    ),
};
