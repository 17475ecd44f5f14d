import { elementCount } from '../../compiler/ir/shape.js';
import { ok } from '../../compiler/library/word.js';
import { call, plain } from '../python.js';
import type { Layer } from '../word.js';

const parameters = {};

export const flatten: Layer<typeof parameters> = {
  family: 'layer',
  name: 'flatten',
  peers: ['Flatten'],
  version: 1,
  doc:
    'All elements of an image in a row, channel by channel, each row by row: `[c, h, w]` to `[c·h·w]`. `dense` does it ' +
    'of itself; its opposite is `reshape`.',
  parameters,
  example: 'encoder { flatten()  code: dense(32, activation=sigmoid) }',
  mistake: { text: 'encoder { flatten(1)  code: dense(32, activation=sigmoid) }', code: 'AE304' },
  oracle: 'golden:cae',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  reshapes: 'to one dimension',
  shape: (_args, input) => ok([elementCount(input)]),
  weights: () => ({}),
  range: (_args, input) => input,
  opposite: (_args, { input, output }) =>
    ok(input.length === output.length ? null : { word: 'reshape', arguments: { shape: input }, reference: null }),
  lower: ({ toElements }) => ({ forward: (_args, input, context) => toElements(input, context.input) }),
  onnx: { output: (_args, x, { node }) => node('Flatten', [x], { axis: { int: 1 } }) },
  pytorch: { code: () => plain((x) => call('torch.flatten', [x, '1'])) },
};
