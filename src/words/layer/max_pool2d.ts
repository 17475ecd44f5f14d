import { failed, ok } from '../../compiler/library/word.js';
import { call, plain } from '../python.js';
import type { Layer } from '../word.js';
import { overlaps, pooled, poolInPytorch, poolParameters, windowOf } from './pool.js';
import { windowInOnnx } from './window.js';

const parameters = poolParameters();

export const maxPool2d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'max_pool2d',
  peers: ['MaxPool2d', 'MaxPooling2D', 'max_pool'],
  version: 1,
  doc:
    'The greatest value of each window of each channel; of equal ones the first, row by row. Padding counts as -∞. Its ' +
    'opposite is `unpool2d` from it, if its windows do not overlap.',
  source: '`torch.nn.MaxPool2d`',
  parameters,
  example: `encoder { conv2d(4, kernel=3, padding=1, activation=relu)  max_pool2d(2)  code: dense(16) }
  decoder mirror(encoder, output=sigmoid)`,
  mistake: { text: 'encoder { max_pool2d(2, padding=2)  code: dense(16) }', code: 'AE402' },
  oracle: 'table:conv-shapes.json golden:maxpool-unpool golden:cae',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  mixing: 'pool',
  shape: (args, input) => pooled('max_pool2d', args, input),
  weights: () => ({}),
  range: (_args, input) => input,
  opposite: (args) =>
    overlaps(windowOf(args))
      ? failed('AE505', 'windows that overlap cannot be undone by unpool2d', {
          hint: 'use a stride as large as the kernel, or write the decoder out',
        })
      : ok({ word: 'unpool2d', arguments: {}, reference: 'from' }),
  lower: ({ asImages, maxPool, padded }) => ({
    forward(args, input) {
      const { kernel, stride, padding } = windowOf(args);
      const images = padded(asImages(input), padding, Number.NEGATIVE_INFINITY);
      return maxPool(images, [kernel[0], kernel[1]], [stride[0], stride[1]], 'valid');
    },
  }),
  onnx: { output: (args, x, { node }) => node('MaxPool', [x], windowInOnnx(windowOf(args))) },
  pytorch: {
    code: (args) => plain((x) => call('F.max_pool2d', [x, ...poolInPytorch(args)])),
    withPlaces: (x, args) => call('F.max_pool2d', [x, ...poolInPytorch(args)], { return_indices: 'True' }),
  },
};
