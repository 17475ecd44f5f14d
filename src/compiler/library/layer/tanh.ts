import { open } from '../../ir/interval.js';
import { activationWord } from './activation.js';

export const tanh = activationWord({
  name: 'tanh',
  peers: ['Tanh'],
  doc: 'Hyperbolic tangent: `y = tanh(x)`, within (-1, 1).',
  parameters: {},
  example: 'encoder { code: dense(32, activation=tanh) }',
  mistake: { text: 'encoder { code: dense(32, activation=tanh(2)) }', code: 'AE304' },
  oracle: 'table:activations.json#tanh',
  range: () => open(-1, 1),
});
