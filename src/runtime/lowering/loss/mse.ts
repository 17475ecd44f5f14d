import { squaredDifference, sub } from '@tensorflow/tfjs-core';
import { mse } from '../../../compiler/library/loss/mse.js';
import type { LossLowering } from '../lowering.js';
import { compared } from './reduction.js';

export const mseLowering: LossLowering<typeof mse.parameters> = {
  word: mse,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value: ({ reduction }, { prediction, target }) =>
    compared(prediction, target, reduction, {
      loss: (y, t) => squaredDifference(y, t),
      derivative: (y, t) => sub(y, t),
      slope: 2,
      fused: 'squared_error',
    }),
};
