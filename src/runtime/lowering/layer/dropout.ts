import { cast, greaterEqual, mul } from '@tensorflow/tfjs-core';
import { dropout } from '../../../compiler/library/layer/dropout.js';
import type { LayerLowering } from '../lowering.js';

/** An element stays where its uniform number is at least p, times 1 / (1 - p). */
export const dropoutLowering: LayerLowering<typeof dropout.parameters> = {
  word: dropout,
  forward({ p }, input, { training, noise }) {
    if (!training || p === 0) return input;
    const kept = greaterEqual(noise.uniform('mask', input.shape), p);
    return mul(input, mul(cast(kept, 'float32'), 1 / (1 - p)));
  },
};
