import { open } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';
import type { Clip } from '../word.js';

const parameters = {
  max: scheduled({ doc: 'Largest norm.', range: open(0, Number.POSITIVE_INFINITY) }),
};

/** Keeps a norm of zero from being divided by; PyTorch's `clip_grad_norm_` adds the same. */
const margin = 1e-6;

export const norm: Clip<typeof parameters> = {
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
  lower: ({ mul }) => ({
    clip({ max }, gradients, globalNorm) {
      const factor = max / (globalNorm + margin);
      return factor < 1 ? gradients.map((gradient) => mul(gradient, factor)) : gradients;
    },
  }),
  pytorch: {
    statement: ({ max }, parameters, { number }) => `nn.utils.clip_grad_norm_(${parameters}, ${number(max)})`,
  },
};
