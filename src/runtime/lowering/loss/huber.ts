import { abs, clipByValue, minimum, mul, sub } from '@tensorflow/tfjs-core';
import { huber } from '../../../compiler/library/loss/huber.js';
import type { LossLowering } from '../lowering.js';
import { compared } from './reduction.js';

/** With a = |y - t| and q = min(a, delta), both branches are q (a - q/2); the derivative is the clipped difference. */
export const huberLowering: LossLowering<typeof huber.parameters> = {
  word: huber,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value: ({ delta, reduction }, { prediction, target }) =>
    compared(prediction, target, reduction, {
      loss(y, t) {
        const distance = abs(sub(y, t));
        const bounded = minimum(distance, delta);
        return mul(bounded, sub(distance, mul(bounded, 0.5)));
      },
      derivative: (y, t) => clipByValue(sub(y, t), -delta, delta),
    }),
};
