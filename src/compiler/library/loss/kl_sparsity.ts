import { describeInterval, halfOpen, open, within } from '../../ir/interval.js';
import { choice, layer, scheduled } from '../parameter.js';
import { type LossWord, problem } from '../word.js';

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

export const klSparsity: LossWord<typeof parameters> = {
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
};
