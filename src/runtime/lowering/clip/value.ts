import { clipByValue } from '@tensorflow/tfjs-core';
import { value } from '../../../compiler/library/clip/value.js';
import type { ClipLowering } from '../lowering.js';

export const valueLowering: ClipLowering<typeof value.parameters> = {
  word: value,
  clip: ({ max }, gradients) => gradients.map((gradient) => clipByValue(gradient, -max, max)),
};
