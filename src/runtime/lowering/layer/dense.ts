import { add, matMul } from '@tensorflow/tfjs-core';
import { dense } from '../../../compiler/library/layer/dense.js';
import type { LayerLowering } from '../lowering.js';
import { weightOf } from '../weights.js';

/** `y = x Wᵀ + b`; `[batch, inputs]` to `[batch, features]`. */
export const denseLowering: LayerLowering<typeof dense.parameters> = {
  word: dense,
  forward({ bias }, input, context) {
    const ownLayout = !context.tied.has('weight');
    const product = matMul(input, weightOf(context, 'weight'), false, ownLayout);
    return bias ? add(product, weightOf(context, 'bias')) : product;
  },
  fusedForward: ({ bias }, input, context, activation, fused) =>
    fused.dense({
      input,
      constantInput: context.constantInput,
      weight: weightOf(context, 'weight'),
      transposed: !context.tied.has('weight'),
      bias: bias ? weightOf(context, 'bias') : null,
      activation,
    }),
};
