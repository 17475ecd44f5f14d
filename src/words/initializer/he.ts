import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';
import { distribution, spreadOf } from './spread.js';

const parameters = {
  gain: real({
    doc: 'Factor of the standard deviation; √2 is the one for relu.',
    default: Math.SQRT2,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  distribution: distribution('normal'),
};

export const he: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'he',
  peers: ['kaiming', 'kaiming_normal', 'he_uniform', 'he_normal', 'HeUniform', 'HeNormal'],
  version: 1,
  doc:
    'Mean 0 and standard deviation `gain / √fan_in`, which keeps the variance of activations through relu layers. The ' +
    'bias starts at zero.',
  source: 'He et al., Delving deep into rectifiers, ICCV 2015',
  parameters,
  example: 'encoder { code: dense(32, activation=relu, init=he()) }',
  mistake: { text: 'encoder { code: dense(32, init=he(distribution=cauchy)) }', code: 'AE305' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: (args, fanIn) => spreadOf(args.distribution, args.gain / Math.sqrt(fanIn)),
};
