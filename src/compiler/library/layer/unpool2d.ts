import { describeShape, sameShape } from '../../ir/shape.js';
import type { Value } from '../../ir/value.js';
import { layer } from '../parameter.js';
import { granted, type LayerWord, refused } from '../word.js';
import { overlaps } from './pool.js';

const parameters = {
  from: layer({ doc: 'The `max_pool2d` that is undone.' }),
};

export const unpool2d: LayerWord<typeof parameters> = {
  family: 'layer',
  name: 'unpool2d',
  peers: ['MaxUnpool2d'],
  version: 1,
  doc:
    'Puts each value back to the place from which a `max_pool2d` took its maximum, with zeros elsewhere: from the shape ' +
    'of that pool’s output to the shape of its input.',
  source: 'Zeiler and Fergus, Visualizing and understanding convolutional networks, ECCV 2014; `torch.nn.MaxUnpool2d`',
  parameters,
  example: `encoder { conv2d(4, kernel=3, padding=1, activation=relu)  code: max_pool2d(2) }
  decoder { unpool2d(from=code)  conv_transpose2d(1, kernel=3, padding=1, activation=sigmoid) }`,
  mistake: {
    text: `encoder { code: conv2d(4, kernel=2, stride=2) }
  decoder { unpool2d(from=code)  conv_transpose2d(1, kernel=3, padding=1, activation=sigmoid) }`,
    code: 'AE402',
  },
  oracle: 'golden:maxpool-unpool',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  shape(_args, input, _heads, named) {
    const pool = named?.from;
    if (pool?.word !== 'max_pool2d') {
      return refused('AE402', `unpool2d undoes a max_pool2d, and this is ${pool ? `a ${pool.word}` : 'none'}`, {
        argument: 'from',
        hint: 'label the pool in the encoder and name it here',
      });
    }
    const { kernel, stride } = pool.arguments;
    if (isPair(kernel) && isPair(stride) && overlaps({ kernel, stride, padding: [0, 0] })) {
      return refused('AE402', 'the windows of the pool overlap, so one place may have been the maximum of several', {
        argument: 'from',
        hint: 'give the pool a stride as large as its kernel',
      });
    }
    if (!sameShape(input, pool.output)) {
      return refused(
        'AE402',
        `the pool gave ${describeShape(pool.output)}, and the input of unpool2d is ${describeShape(input)}`,
        { argument: 'from' },
      );
    }
    return granted(pool.input);
  },
  weights: () => ({}),
  range: (_args, input) => ({
    low: Math.min(input.low, 0),
    lowOpen: input.lowOpen && input.low < 0,
    high: Math.max(input.high, 0),
    highOpen: input.highOpen && input.high > 0,
  }),
  opposite: () => refused('AE505', 'the opposite of unpool2d is not known', { hint: 'write the decoder out' }),
};

function isPair(value: Value | undefined): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((n) => typeof n === 'number');
}
