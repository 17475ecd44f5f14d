import { matMul, mul, type Scalar, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { contractive } from '../../../compiler/library/loss/contractive.js';
import type { LossLowering } from '../lowering.js';

/** `mean over x of Σⱼ (hⱼ (1 - hⱼ))² Σᵢ Wⱼᵢ²`, the squared Frobenius norm of dh/dx for h = sigmoid(x Wᵀ + b). */
export const contractiveLowering: LossLowering<typeof contractive.parameters> = {
  word: contractive,
  sumsOverExamples: () => false,
  value({ on }, { layer, weight }) {
    const activations = layer(on);
    const slopes = square(mul(activations, sub(1, activations)));
    const lengths: Tensor = sum(square(weight(on, 'weight')), 1, true);
    return mul<Scalar>(sum<Scalar>(matMul(slopes, lengths)), 1 / (activations.shape[0] ?? 1));
  },
};
