import { abs, sign, sub } from '@tensorflow/tfjs-core';
import { mae } from '../../../compiler/library/loss/mae.js';
import type { LossLowering } from '../lowering.js';
import { compared } from './reduction.js';

export const maeLowering: LossLowering<typeof mae.parameters> = {
  word: mae,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value: ({ reduction }, { prediction, target }) =>
    compared(prediction, target, reduction, {
      loss: (y, t) => abs(sub(y, t)),
      derivative: (y, t) => sign(sub(y, t)),
    }),
};
