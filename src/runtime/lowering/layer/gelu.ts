import { add, erf, exp, mul, square, sub, type Tensor, tanh } from '@tensorflow/tfjs-core';
import { gelu } from '../../../compiler/library/layer/gelu.js';
import { elementwise } from '../gradient.js';
import type { LayerLowering } from '../lowering.js';

/** 1 / √(2π) */
const normalDensityAtZero = 0.3989422804014327;
/** √(2/π) */
const tanhScale = 0.7978845608028654;
const cubic = 0.044715;

/** Φ(x), the standard normal distribution function. */
function normalDistribution(x: Tensor): Tensor {
  return mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
}

function normalDensity(x: Tensor): Tensor {
  return mul(exp(mul(square(x), -0.5)), normalDensityAtZero);
}

/** tanh(√(2/π) (x + 0.044715 x³)) */
function bend(x: Tensor): Tensor {
  return tanh(mul(mul(add(mul(square(x), cubic), 1), x), tanhScale));
}

function bendDerivative(x: Tensor, bent: Tensor): Tensor {
  return mul(sub(1, square(bent)), mul(add(mul(square(x), 3 * cubic), 1), tanhScale));
}

export const geluLowering: LayerLowering<typeof gelu.parameters> = {
  word: gelu,
  forward({ approximate }, input) {
    if (approximate === 'tanh') {
      return elementwise(
        input,
        (x) => mul(mul(x, 0.5), add(bend(x), 1)),
        (x) => {
          const bent = bend(x);
          return mul(add(add(bent, 1), mul(x, bendDerivative(x, bent))), 0.5);
        },
      );
    }
    return elementwise(
      input,
      (x) => mul(x, normalDistribution(x)),
      (x) => add(normalDistribution(x), mul(x, normalDensity(x))),
    );
  },
};
