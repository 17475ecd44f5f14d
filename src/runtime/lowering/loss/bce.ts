import { add, div, log, log1p, maximum, mul, neg, sub } from '@tensorflow/tfjs-core';
import { bce } from '../../../compiler/library/loss/bce.js';
import type { LossLowering } from '../lowering.js';
import { compared } from './reduction.js';

/** A saturated probability costs this much instead of infinity. */
const leastLogarithm = -100;
/** And its derivative divides by this instead of zero. */
const leastVariance = 1e-12;

/** `-(t log y + (1 - t) log(1 - y))`, with PyTorch's clamps. */
export const bceLowering: LossLowering<typeof bce.parameters> = {
  word: bce,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value: ({ reduction }, { prediction, target }) =>
    compared(prediction, target, reduction, {
      loss(y, t) {
        const on = mul(t, maximum(log(y), leastLogarithm));
        const off = mul(sub(1, t), maximum(log1p(neg(y)), leastLogarithm));
        return neg(add(on, off));
      },
      derivative: (y, t) => div(sub(y, t), maximum(mul(y, sub(1, y)), leastVariance)),
      fused: 'cross_entropy',
    }),
};
