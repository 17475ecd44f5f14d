import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';

const parameters = {
  gain: real({ doc: 'Factor of the matrix.', default: 1, range: open(0, Number.POSITIVE_INFINITY) }),
};

export const orthogonal: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'orthogonal',
  peers: ['Orthogonal', 'orthogonal_'],
  version: 1,
  doc:
    'A random matrix whose rows (or columns, if there are fewer) are orthonormal, times `gain`: lengths are kept ' +
    'through any number of linear layers. A kernel counts as the matrix `[out, in · height · width]`. The bias starts ' +
    'at zero.',
  source: 'Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning, ICLR 2014',
  parameters,
  example: 'encoder { code: dense(32, activation=relu, init=orthogonal(gain=1.4)) }',
  mistake: { text: 'encoder { code: dense(32, init=orthogonal(gain=-1)) }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: ({ gain }) => ({ kind: 'orthogonal', gain }),
};
