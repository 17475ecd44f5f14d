import { open } from '../../ir/interval.js';
import { activationWord } from './activation.js';

export const sigmoid = activationWord({
  name: 'sigmoid',
  peers: ['Sigmoid', 'logistic'],
  doc:
    'Logistic function: `y = 1 / (1 + exp(-x))`, within (0, 1). Units of this kind are Bernoulli when an RBM trains ' +
    'them, and the ones that `kl_sparsity` is defined for.',
  parameters: {},
  example: 'encoder { code: dense(32, activation=sigmoid) }',
  mistake: { text: 'encoder { code: dense(32, activation=sigmoid(2)) }', code: 'AE304' },
  oracle: 'table:activations.json#sigmoid',
  range: () => open(0, 1),
});
