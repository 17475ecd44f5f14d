import { halfOpen } from '../../compiler/ir/interval.js';
import { boolean, real } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {
  mean: real({ doc: 'Of the distribution.', default: 0 }),
  std: real({ doc: 'Standard deviation.', default: 0.1, range: halfOpen(0, Number.POSITIVE_INFINITY) }),
  truncated: boolean({ doc: 'Whether what is beyond two standard deviations is drawn again.', default: false }),
};

export const normal: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'normal',
  peers: ['RandomNormal', 'trunc_normal', 'TruncatedNormal', 'gaussian'],
  version: 1,
  doc: 'N(mean, std²) whatever the size of the layer. The bias starts at zero.',
  source: 'std 0.1: the code of Hinton and Salakhutdinov, Science 313 (2006)',
  parameters,
  example: 'encoder { code: dense(32, activation=sigmoid, init=normal(0, 0.1)) }',
  mistake: { text: 'encoder { code: dense(32, init=normal(0, -0.1)) }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: ({ mean, std, truncated }) => ({ kind: truncated ? 'truncated_normal' : 'normal', mean, std }),
};
