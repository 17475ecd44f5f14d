import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { describeInterval, halfOpen, open, within } from '../../compiler/ir/interval.js';
import { choice, layer, scheduled } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';

const parameters = {
  rho: scheduled({ doc: 'Target mean activation ρ of a unit.', range: open(0, 1) }),
  beta: scheduled({ doc: 'Weight β of the term.', default: 1, range: halfOpen(0, Number.POSITIVE_INFINITY) }),
  on: layer({ doc: 'The layer whose units are to be sparse.', default: 'code' }),
  reduction: choice({
    doc: '`mean` over the units, or their `sum` as in Ng’s notes.',
    options: ['mean', 'sum'],
    default: 'mean',
  }),
};

export const klSparsity: Loss<typeof parameters> = {
  family: 'loss',
  name: 'kl_sparsity',
  peers: ['sparsity', 'kl_sparse', 'sparse'],
  version: 1,
  doc:
    'Sparsity penalty: with p̂ the mean of a unit over the batch, `rho log(rho/p̂) + (1-rho) log((1-rho)/(1-p̂))`, the ' +
    'divergence between Bernoulli variables of mean ρ and p̂. The layer must be within (0, 1), as after `sigmoid`. In ' +
    'an evaluation p̂ is the mean over the whole part.',
  source: 'Ng, Sparse autoencoder, CS294A lecture notes, 2011',
  parameters,
  example: 'loss mse() + kl_sparsity(rho=0.05, beta=3)',
  mistake: { text: 'encoder { code: dense(32, activation=relu) }  loss mse() + kl_sparsity(rho=0.05)', code: 'AE504' },
  oracle: 'table:losses.json#kl_sparsity golden:sae-kl',
  role: 'penalty',
  weight: 'beta',
  target: ({ rho }) => (typeof rho === 'number' ? { metric: 'mean_activation', value: rho } : null),
  check(_args, { on }) {
    const place = on.on;
    if (!place || within(place.range, open(0, 1))) return [];
    return [
      problem(
        'AE504',
        `kl_sparsity needs activations in (0, 1), and those of '${place.word}' are in ${describeInterval(place.range)}`,
        { argument: 'on', hint: 'give the layer activation=sigmoid, or use l1()' },
      ),
    ];
  },
  sumsOverExamples: () => false,
  lower: (operations) => ({
    value({ rho, on, reduction }, { layer }) {
      const activations = layer(on);
      const fused = operations.fusedOperations();
      if (!fused) return divergence(operations, rho, reduction, meanActivation(operations, activations));
      return fused.sparsity(activations, rho, unitFactor(reduction, activations.size / (activations.shape[0] ?? 1)));
    },
    statistic: {
      mean: ({ on }, { layer }) => meanActivation(operations, layer(on)),
      value: ({ rho, reduction }, activation) => divergence(operations, rho, reduction, activation),
    },
  }),
  pytorch: {
    expression: ({ rho, on, reduction }, { number, output }) =>
      call('kl_sparsity', [output(on)], { rho: number(rho), reduction: literal(reduction) }),
    definition: `
def kl_sparsity(h, rho, reduction):
    """KL divergence of each unit's mean activation over the batch from rho (Ng, CS294A)."""
    p = h.mean(0)
    divergence = rho * torch.log(rho / p) + (1 - rho) * torch.log((1 - rho) / (1 - p))
    return divergence.mean() if reduction == "mean" else divergence.sum()`,
  },
};

/** p̂, the mean activation of each unit; `[batch, …]` to `[…]`. */
function meanActivation({ broadcastTo, mean, mul, withGradient }: Operations, activations: Tensor): Tensor {
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
function divergence(
  { add, div, log, mul, sub, sum, withGradient }: Operations,
  rho: number,
  reduction: 'mean' | 'sum',
  activation: Tensor,
): Scalar {
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
