import { activationWord, belowRectified } from './activation.js';

/** Just under the least value, at x = -1.2785. */
const least = -0.278465;

export const silu = activationWord({
  name: 'silu',
  peers: ['SiLU', 'swish'],
  doc: 'Sigmoid linear unit, also called swish: `y = x · sigmoid(x)`.',
  source: 'Elfwing, Uchibe and Doya, Sigmoid-weighted linear units, Neural Networks 107 (2018)',
  parameters: {},
  example: 'encoder { code: dense(32, activation=silu) }',
  mistake: { text: 'encoder { code: dense(32, activation=silu(1)) }', code: 'AE304' },
  oracle: 'table:activations.json#silu',
  range: (_args, input) => belowRectified(input, least),
});
