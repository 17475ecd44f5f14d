import { sigmoid as sigmoidOf } from '@tensorflow/tfjs-core';
import { sigmoid } from '../../../compiler/library/layer/sigmoid.js';
import type { LayerLowering } from '../lowering.js';

export const sigmoidLowering: LayerLowering<typeof sigmoid.parameters> = {
  word: sigmoid,
  fusedActivation: 'sigmoid',
  forward: (_args, input) => sigmoidOf(input),
};
