import type { DecoderWord } from '../../compiler/library/word.js';
import { derivedParameters } from './parameters.js';

const parameters = derivedParameters();

export const tied: DecoderWord<typeof parameters> = {
  family: 'decoder',
  name: 'tied',
  version: 1,
  doc:
    'The encoder undone layer by layer, last to first, with its own weights transposed and biases of its own: ' +
    '`y = f(h W + b′)` for a `dense` layer `h = g(x Wᵀ + b)`. Each layer has the activation of the encoder layer whose ' +
    'output it rebuilds; the last one has `output`. The gradient of a shared weight is the sum over both uses. ' +
    '`dropout` is left out; layers that have no transpose are an error.',
  source: 'Hinton and Salakhutdinov, Reducing the dimensionality of data with neural networks, Science 313 (2006)',
  parameters,
  example: 'decoder tied(encoder, output=sigmoid)',
  mistake: { text: 'decoder tied(encoder)', code: 'AE302' },
  oracle: 'golden:dense-deep-tied',
  tied: true,
};
