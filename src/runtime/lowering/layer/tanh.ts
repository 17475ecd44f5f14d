import { tanh as tanhOf } from '@tensorflow/tfjs-core';
import { tanh } from '../../../compiler/library/layer/tanh.js';
import type { LayerLowering } from '../lowering.js';

export const tanhLowering: LayerLowering<typeof tanh.parameters> = {
  word: tanh,
  fusedActivation: 'tanh',
  forward: (_args, input) => tanhOf(input),
};
