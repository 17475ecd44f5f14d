import { failed, ok } from '../../compiler/library/word.js';
import { call, plain } from '../python.js';
import type { Layer } from '../word.js';
import { pooled, poolInPytorch, poolParameters, windowOf } from './pool.js';
import { windowInOnnx } from './window.js';

const parameters = poolParameters();

export const avgPool2d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'avg_pool2d',
  peers: ['AvgPool2d', 'AveragePooling2D', 'mean_pool2d'],
  version: 1,
  doc:
    'The mean of each window of each channel; padding counts as zeros. Its opposite is `upsample2d` to the size of its ' +
    'input.',
  source: '`torch.nn.AvgPool2d`',
  parameters,
  example: `encoder { avg_pool2d(2)  code: dense(16, activation=sigmoid) }
  decoder mirror(encoder, output=sigmoid)`,
  mistake: { text: 'encoder { avg_pool2d(30)  code: dense(16) }', code: 'AE402' },
  oracle: 'test:tests/runtime/lowering/pool.test.ts',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  mixing: 'pool',
  shape: (args, input) => pooled('avg_pool2d', args, input),
  weights: () => ({}),
  range(args, input) {
    if (args.padding[0] === 0 && args.padding[1] === 0) return input;
    // A window at the edge has zeros among its values.
    return {
      low: Math.min(input.low, 0),
      lowOpen: input.lowOpen && input.low < 0,
      high: Math.max(input.high, 0),
      highOpen: input.highOpen && input.high > 0,
    };
  },
  opposite(args, at) {
    const { kernel, stride } = windowOf(args);
    const [, height, width] = at.input;
    if (height === undefined || width === undefined || kernel[0] !== stride[0] || kernel[1] !== stride[1]) {
      return failed('AE505', 'windows that overlap or leave pixels out cannot be undone by upsample2d', {
        hint: 'use a stride equal to the kernel, or write the decoder out',
      });
    }
    return ok({ word: 'upsample2d', arguments: { size: [height, width] }, reference: null });
  },
  /** Zeros of the padding count in the mean. */
  lower: ({ asImages, avgPool, padded }) => ({
    forward(args, input) {
      const { kernel, stride, padding } = windowOf(args);
      return avgPool(padded(asImages(input), padding), [kernel[0], kernel[1]], [stride[0], stride[1]], 'valid');
    },
  }),
  onnx: {
    output: (args, x, { node }) =>
      node('AveragePool', [x], { ...windowInOnnx(windowOf(args)), count_include_pad: { int: 1 } }),
  },
  pytorch: { code: (args) => plain((x) => call('F.avg_pool2d', [x, ...poolInPytorch(args)])) },
};
