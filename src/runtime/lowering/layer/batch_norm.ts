import { add, mul, reshape, rsqrt, sub, type Tensor } from '@tensorflow/tfjs-core';
import { batchNorm } from '../../../compiler/library/layer/batch_norm.js';
import type { LayerLowering } from '../lowering.js';
import { standardize } from '../standardize.js';
import { weightOf } from '../weights.js';

/** Statistics over the batch, and over height and width of images: all axes but the last. */
export const batchNormLowering: LayerLowering<typeof batchNorm.parameters> = {
  word: batchNorm,
  forward({ eps, momentum }, input, context) {
    const weight = weightOf(context, 'weight');
    const shifted = (values: Tensor) => (context.weights.bias ? add(values, context.weights.bias) : values);
    const runningMean = weightOf(context, 'running_mean');
    const runningVar = weightOf(context, 'running_var');
    if (!context.training) {
      const scale = mul(weight, rsqrt(add(runningVar, eps)));
      return shifted(mul(sub(input, runningMean), scale));
    }
    const axes = input.shape.slice(0, -1).map((_, axis) => axis);
    const rows = input.size / weight.size;
    const standardized = standardize(input, axes, eps, ({ mean, variance }) => {
      // One value has no variance, and what it would leave of the running one is not that of the data.
      if (rows === 1) return;
      const unbiased = mul(reshape(variance, weight.shape), rows / (rows - 1));
      const current = reshape(mean, weight.shape);
      context.update('running_mean', add(mul(runningMean, 1 - momentum), mul(current, momentum)));
      context.update('running_var', add(mul(runningVar, 1 - momentum), mul(unbiased, momentum)));
    });
    return shifted(mul(standardized, weight));
  },
};
