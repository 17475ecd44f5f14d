import { relu as reluOf } from '@tensorflow/tfjs-core';
import { relu } from '../../../compiler/library/layer/relu.js';
import type { LayerLowering } from '../lowering.js';

export const reluLowering: LayerLowering<typeof relu.parameters> = {
  word: relu,
  fusedActivation: 'relu',
  forward: (_args, input) => reluOf(input),
};
