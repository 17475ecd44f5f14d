import { abs, add, exp, log1p, mul, neg, relu, sigmoid, sub } from '@tensorflow/tfjs-core';
import { bceWithLogits } from '../../../compiler/library/loss/bce_with_logits.js';
import type { LossLowering } from '../lowering.js';
import { compared } from './reduction.js';

/** `max(y, 0) - t y + log(1 + exp(-|y|))`, which neither overflows nor loses a saturated probability. */
export const bceWithLogitsLowering: LossLowering<typeof bceWithLogits.parameters> = {
  word: bceWithLogits,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  reconstruction: sigmoid,
  value: ({ reduction }, { prediction, target }) =>
    compared(prediction, target, reduction, {
      loss: (y, t) => add(sub(relu(y), mul(t, y)), log1p(exp(neg(abs(y))))),
      derivative: (y, t) => sub(sigmoid(y), t),
      fused: 'cross_entropy_of_logits',
    }),
};
