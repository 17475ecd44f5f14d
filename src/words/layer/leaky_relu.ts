import { closed } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import { activationWord } from './activation.js';

const parameters = {
  slope: real({ peers: ['negative_slope', 'alpha'], doc: 'The slope below zero.', default: 0.01, range: closed(0, 1) }),
};

export const leakyRelu = activationWord({
  name: 'leaky_relu',
  peers: ['LeakyReLU'],
  doc: 'Leaky rectifier: `y = x` above zero, `slope · x` below it, so that no unit is ever without a gradient.',
  source: 'Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, 2013',
  parameters,
  example: 'encoder { code: dense(32, activation=leaky_relu(slope=0.2)) }',
  mistake: { text: 'encoder { code: dense(32, activation=leaky_relu(slope=-1)) }', code: 'AE306' },
  oracle: 'table:activations.json#leaky_relu',
  range({ slope }, input) {
    const image = (x: number) => (x > 0 ? x : x === 0 || slope === 0 ? 0 : slope * x);
    return {
      low: image(input.low),
      high: image(input.high),
      lowOpen: input.lowOpen && (slope > 0 || input.low >= 0),
      highOpen: input.highOpen && (slope > 0 || input.high > 0),
    };
  },
  memory: { backward: 2 },
  lower: ({ leakyRelu: leaky }) => ({ forward: ({ slope }, input) => leaky(input, slope) }),
  inPytorch: (x, { slope }) => call('F.leaky_relu', [x, literal(slope)]),
  inOnnx: (x, { node }, { slope }) => node('LeakyRelu', [x], { alpha: { float: slope } }),
});
