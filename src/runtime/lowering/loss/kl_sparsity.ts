import { add, broadcastTo, div, log, mean, mul, type Scalar, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { klSparsity } from '../../../compiler/library/loss/kl_sparsity.js';
import { fusedOperations } from '../fused-operations.js';
import { withGradient } from '../gradient.js';
import type { LossLowering } from '../lowering.js';

/** p̂, the mean activation of each unit; `[batch, …]` to `[…]`. */
function meanActivation(activations: Tensor): Tensor {
  const { shape } = activations;
  return withGradient([activations], () => ({
    value: mean(activations, 0),
    gradient: (upstream) => [broadcastTo(mul(upstream, 1 / (shape[0] ?? 1)), shape)],
  }));
}

function unitFactor(reduction: 'mean' | 'sum', units: number): number {
  return reduction === 'mean' ? 1 / units : 1;
}

/** The divergence of each unit between Bernoulli variables of mean rho and p̂, reduced over units. */
function divergence(rho: number, reduction: 'mean' | 'sum', activation: Tensor): Scalar {
  const factor = unitFactor(reduction, activation.size);
  return withGradient([activation], (save) => {
    save([activation]);
    const on = mul(log(div(rho, activation)), rho);
    const off = mul(log(div(1 - rho, sub(1, activation))), 1 - rho);
    return {
      value: mul<Scalar>(sum<Scalar>(add(on, off)), factor),
      gradient: (upstream, [p = activation]) => [mul(sub(div(1 - rho, sub(1, p)), div(rho, p)), mul(upstream, factor))],
    };
  });
}

/** Ng's sparsity penalty. A unit that is 0 or 1 for the whole batch makes it infinite. */
export const klSparsityLowering: LossLowering<typeof klSparsity.parameters> = {
  word: klSparsity,
  sumsOverExamples: () => false,
  value({ rho, on, reduction }, { layer }) {
    const activations = layer(on);
    const fused = fusedOperations();
    if (!fused) return divergence(rho, reduction, meanActivation(activations));
    return fused.sparsity(activations, rho, unitFactor(reduction, activations.size / (activations.shape[0] ?? 1)));
  },
  statistic: {
    mean: ({ on }, { layer }) => meanActivation(layer(on)),
    value: ({ rho, reduction }, activation) => divergence(rho, reduction, activation),
  },
};
