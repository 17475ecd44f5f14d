import { mul } from '@tensorflow/tfjs-core';
import { norm } from '../../../compiler/library/clip/norm.js';
import type { ClipLowering } from '../lowering.js';

/** Keeps a norm of zero from being divided by; PyTorch's `clip_grad_norm_` adds the same. */
const margin = 1e-6;

export const normLowering: ClipLowering<typeof norm.parameters> = {
  word: norm,
  clip({ max }, gradients, globalNorm) {
    const factor = max / (globalNorm + margin);
    return factor < 1 ? gradients.map((gradient) => mul(gradient, factor)) : gradients;
  },
};
