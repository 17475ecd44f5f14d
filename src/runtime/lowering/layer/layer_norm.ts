import { add, mul, type Tensor, transpose } from '@tensorflow/tfjs-core';
import { layerNorm } from '../../../compiler/library/layer/layer_norm.js';
import type { LayerLowering } from '../lowering.js';
import { standardize } from '../standardize.js';
import { weightOf } from '../weights.js';

/** A weight of an example's shape, `[channels, height, width]` for images, as the layers have it. */
function inside(weight: Tensor): Tensor {
  return weight.rank === 3 ? transpose(weight, [1, 2, 0]) : weight;
}

/** Statistics over all elements of an example. */
export const layerNormLowering: LayerLowering<typeof layerNorm.parameters> = {
  word: layerNorm,
  forward({ eps }, input, context) {
    const axes = input.shape.slice(1).map((_, axis) => axis + 1);
    const standardized = standardize(input, axes, eps);
    return add(mul(standardized, inside(weightOf(context, 'weight'))), inside(weightOf(context, 'bias')));
  },
};
