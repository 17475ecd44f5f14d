import { open } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import type { InitializerWord } from '../../compiler/library/word.js';
import { distribution, spreadOf } from './spread.js';

const parameters = {
  gain: real({ doc: 'Factor of the standard deviation.', default: 1, range: open(0, Number.POSITIVE_INFINITY) }),
  distribution: distribution('uniform'),
};

export const xavier: InitializerWord<typeof parameters> = {
  family: 'initializer',
  name: 'xavier',
  peers: [
    'glorot',
    'glorot_uniform',
    'glorot_normal',
    'xavier_uniform',
    'xavier_normal',
    'GlorotUniform',
    'GlorotNormal',
  ],
  version: 1,
  doc:
    'Mean 0 and standard deviation `gain · √(2 / (fan_in + fan_out))`, which keeps the variance of activations and of ' +
    'gradients through tanh and sigmoid layers. The bias starts at zero.',
  source: 'Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010',
  parameters,
  example: 'encoder { code: dense(32, activation=tanh, init=xavier()) }',
  mistake: { text: 'encoder { code: dense(32, init=xavier(gain=0)) }', code: 'AE306' },
  oracle: 'test:tests/compiler/library/initializer.test.ts',
  initial: (args, fanIn, fanOut) => spreadOf(args.distribution, args.gain * Math.sqrt(2 / (fanIn + fanOut))),
};
