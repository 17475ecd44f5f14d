import { choice } from '../parameter.js';
import { activationWord, belowRectified } from './activation.js';

const parameters = {
  approximate: choice({
    doc: '`none` for the error function, `tanh` for `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.',
    options: ['none', 'tanh'],
    default: 'none',
  }),
};

/** Just under the least value of either form: -0.16997 and -0.17004. */
const least = -0.17005;

export const gelu = activationWord({
  name: 'gelu',
  peers: ['GELU'],
  doc: 'Gaussian error linear unit: `y = x Φ(x) = x/2 (1 + erf(x/√2))`.',
  source: 'Hendrycks and Gimpel, Gaussian error linear units, arXiv:1606.08415',
  parameters,
  example: 'encoder { code: dense(32, activation=gelu(approximate=tanh)) }',
  mistake: { text: 'encoder { code: dense(32, activation=gelu(approximate=sigmoid)) }', code: 'AE305' },
  oracle: 'table:activations.json#gelu',
  range: (_args, input) => belowRectified(input, least),
});
