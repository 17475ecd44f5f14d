import { open } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';
import type { Clip } from '../word.js';

const parameters = {
  max: scheduled({ doc: 'Largest absolute value.', range: open(0, Number.POSITIVE_INFINITY) }),
};

export const value: Clip<typeof parameters> = {
  family: 'clip',
  name: 'value',
  peers: ['clip_grad_value', 'clip_grad_value_', 'clipvalue'],
  version: 1,
  doc: 'Puts every element of every gradient within [-max, max]. Weight decay is not in it.',
  parameters,
  example: 'train adam(lr=0.001) { epochs = 1  clip = value(0.5) }',
  mistake: { text: 'train adam(lr=0.001) { epochs = 1  clip = value(-1) }', code: 'AE306' },
  oracle: 'test:tests/runtime/training/clip.test.ts',
  lower: ({ clipByValue }) => ({
    clip: ({ max }, gradients) => gradients.map((gradient) => clipByValue(gradient, -max, max)),
  }),
  pytorch: {
    statement: ({ max }, parameters, { number }) => `nn.utils.clip_grad_value_(${parameters}, ${number(max)})`,
  },
};
