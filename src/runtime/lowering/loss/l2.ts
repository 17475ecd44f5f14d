import { square } from '@tensorflow/tfjs-core';
import { l2 } from '../../../compiler/library/loss/l2.js';
import type { LossLowering } from '../lowering.js';
import { reduced } from './reduction.js';

export const l2Lowering: LossLowering<typeof l2.parameters> = {
  word: l2,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value: ({ on, reduction }, { layer }) =>
    reduced(layer(on), reduction, { loss: square, derivative: (h) => h, slope: 2 }),
};
