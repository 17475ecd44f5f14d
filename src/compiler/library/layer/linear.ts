import { activationWord } from './activation.js';

/** The identity, for where a layer's activation has to be named. */
export const linear = activationWord({
  name: 'linear',
  peers: ['Identity'],
  doc: 'No activation: `y = x`. Units of this kind are Gaussian when an RBM trains them.',
  parameters: {},
  example: 'encoder { code: dense(32, activation=linear) }',
  mistake: { text: 'encoder { code: dense(32, activation=linear(1)) }', code: 'AE304' },
  oracle: 'golden:dense-deep-tied',
  range: (_args, input) => input,
});
