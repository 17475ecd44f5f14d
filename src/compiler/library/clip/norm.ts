import { open } from '../../ir/interval.js';
import { scheduled } from '../parameter.js';
import type { ClipWord } from '../word.js';

const parameters = {
  max: scheduled({ doc: 'Largest norm.', range: open(0, Number.POSITIVE_INFINITY) }),
};

export const norm: ClipWord<typeof parameters> = {
  family: 'clip',
  name: 'norm',
  peers: ['clip_grad_norm', 'clip_grad_norm_', 'clipnorm'],
  version: 1,
  doc:
    'Multiplies all gradients by `min(1, max / (‖g‖ + 1e-6))`, with the norm over all parameters together. Weight ' +
    'decay is not in it.',
  source: 'Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013',
  parameters,
  example: 'train adam(lr=0.001) { epochs = 1  clip = norm(1) }',
  mistake: { text: 'train adam(lr=0.001) { epochs = 1  clip = norm(0) }', code: 'AE306' },
  oracle: 'golden:optim-adam-step-clip golden:optim-sgd-step-clip',
};
