import { leakyRelu as leakyReluOf } from '@tensorflow/tfjs-core';
import { leakyRelu } from '../../../compiler/library/layer/leaky_relu.js';
import type { LayerLowering } from '../lowering.js';

export const leakyReluLowering: LayerLowering<typeof leakyRelu.parameters> = {
  word: leakyRelu,
  forward: ({ slope }, input) => leakyReluOf(input, slope),
};
