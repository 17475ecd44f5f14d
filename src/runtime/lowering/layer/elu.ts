import { elu as eluOf, exp, expm1, greater, minimum, mul, onesLike, where } from '@tensorflow/tfjs-core';
import { elu } from '../../../compiler/library/layer/elu.js';
import { elementwise } from '../gradient.js';
import type { LayerLowering } from '../lowering.js';

/** TF.js's own has no `alpha`. At 0 the derivative is that of the left branch. */
export const eluLowering: LayerLowering<typeof elu.parameters> = {
  word: elu,
  forward({ alpha }, input) {
    if (alpha === 1) return eluOf(input);
    return elementwise(
      input,
      (x) => where(greater(x, 0), x, mul(expm1(minimum(x, 0)), alpha)),
      (x) => where(greater(x, 0), onesLike(x), mul(exp(minimum(x, 0)), alpha)),
    );
  },
};
