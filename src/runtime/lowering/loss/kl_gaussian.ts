import { add, exp, expm1, maximum, mean, mul, type Scalar, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { LayerReference } from '../../../compiler/ir/value.js';
import { klGaussian } from '../../../compiler/library/loss/kl_gaussian.js';
import type { ResolvedArgumentsOf } from '../../../compiler/library/parameter.js';
import { fusedOperations } from '../fused-operations.js';
import { withGradient } from '../gradient.js';
import type { LossLowering, LossLoweringContext } from '../lowering.js';

type Arguments = ResolvedArgumentsOf<typeof klGaussian.parameters>;

/** `½ (mu² + exp(logvar) - 1 - logvar)` of each example and dimension. */
function divergences(on: LayerReference, layer: LossLoweringContext['layer']): Tensor {
  const mu = layer({ ...on, head: 'mu' });
  const logvar = layer({ ...on, head: 'logvar' });
  return withGradient([mu, logvar], (save) => {
    save([mu, logvar]);
    return {
      value: mul(add(square(mu), sub(expm1(logvar), logvar)), 0.5),
      gradient: (upstream, [m = mu, v = logvar]) => [mul(upstream, m), mul(upstream, mul(sub(exp(v), 1), 0.5))],
    };
  });
}

/** Their mean over the batch, of each dimension. */
function meanDivergences(on: LayerReference, layer: LossLoweringContext['layer']): Tensor {
  const fused = fusedOperations();
  if (!fused) return mean(divergences(on, layer), 0);
  return fused.gaussianDivergence(layer({ ...on, head: 'mu' }), layer({ ...on, head: 'logvar' }));
}

/** The term of one example, from the mean divergence of each dimension; every dimension may cost `free_bits`. */
function ofExample({ free_bits: freeBits, reduction }: Arguments, perDimension: Tensor, inputElements: number): Scalar {
  const counted = freeBits > 0 ? maximum(perDimension, freeBits) : perDimension;
  const total = sum<Scalar>(counted);
  return reduction === 'mean' ? mul<Scalar>(total, 1 / inputElements) : total;
}

/** `auto` has become the reduction of the reconstruction by now; `mean` is also divided by the size of the input. */
export const klGaussianLowering: LossLowering<typeof klGaussian.parameters> = {
  word: klGaussian,
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  value(args, { layer, prediction }) {
    const examples = layer({ ...args.on, head: 'mu' }).shape[0] ?? 1;
    const term = ofExample(args, meanDivergences(args.on, layer), prediction.size / examples);
    return args.reduction === 'sum' ? mul<Scalar>(term, examples) : term;
  },
  statistic: {
    mean: ({ on }, { layer }) => meanDivergences(on, layer),
    value: ofExample,
  },
};
