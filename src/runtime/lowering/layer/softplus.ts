import { div, greater, mul, onesLike, sigmoid, softplus as softplusOf, where } from '@tensorflow/tfjs-core';
import { softplus } from '../../../compiler/library/layer/softplus.js';
import { elementwise } from '../gradient.js';
import type { LayerLowering } from '../lowering.js';

export const softplusLowering: LayerLowering<typeof softplus.parameters> = {
  word: softplus,
  forward: ({ beta, threshold }, input) =>
    elementwise(
      input,
      (x) => {
        const scaled = mul(x, beta);
        return where(greater(scaled, threshold), x, div(softplusOf(scaled), beta));
      },
      (x) => {
        const scaled = mul(x, beta);
        return where(greater(scaled, threshold), onesLike(x), sigmoid(scaled));
      },
    ),
};
