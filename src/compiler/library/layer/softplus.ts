import { halfOpen, open } from '../../ir/interval.js';
import { real } from '../parameter.js';
import { activationWord } from './activation.js';

const parameters = {
  beta: real({ doc: 'How sharply it bends.', default: 1, range: open(0, Number.POSITIVE_INFINITY) }),
  threshold: real({
    doc: 'Where `beta · x` is above it, `y = x`.',
    default: 20,
    range: halfOpen(0, Number.POSITIVE_INFINITY),
  }),
};

export const softplus = activationWord({
  name: 'softplus',
  peers: ['Softplus'],
  doc: 'A smooth rectifier: `y = log(1 + exp(beta · x)) / beta`.',
  source: 'Dugas et al., Incorporating second-order functional knowledge for better option pricing, NeurIPS 2000',
  parameters,
  example: 'encoder { code: dense(32, activation=softplus(beta=2)) }',
  mistake: { text: 'encoder { code: dense(32, activation=softplus(beta=0)) }', code: 'AE306' },
  oracle: 'table:activations.json#softplus',
  range: () => open(0, Number.POSITIVE_INFINITY),
});
