import { abs, sign } from '@tensorflow/tfjs-core';
import { l1 } from '../../../compiler/library/loss/l1.js';
import type { LossLowering } from '../lowering.js';
import { reduced } from './reduction.js';

export const l1Lowering: LossLowering<typeof l1.parameters> = {
  word: l1,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value: ({ on, reduction }, { layer }) => reduced(layer(on), reduction, { loss: abs, derivative: sign }),
};
