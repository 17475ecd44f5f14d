import { selu as seluOf } from '@tensorflow/tfjs-core';
import { selu } from '../../../compiler/library/layer/selu.js';
import type { LayerLowering } from '../lowering.js';

export const seluLowering: LayerLowering<typeof selu.parameters> = {
  word: selu,
  forward: (_args, input) => seluOf(input),
};
