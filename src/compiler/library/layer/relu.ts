import { activationWord, rectified } from './activation.js';

export const relu = activationWord({
  name: 'relu',
  peers: ['ReLU'],
  doc: 'Rectified linear unit: `y = max(x, 0)`, with the derivative 0 at 0.',
  source: 'Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, ICML 2010',
  parameters: {},
  example: 'encoder { code: dense(32, activation=relu) }',
  mistake: { text: 'encoder { code: dense(32, activation=relu(6)) }', code: 'AE304' },
  oracle: 'table:activations.json#relu',
  range: (_args, input) => rectified(input),
});
