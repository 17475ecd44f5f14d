import { union } from '../../compiler/ir/interval.js';
import { describeShape, type Shape } from '../../compiler/ir/shape.js';
import { list } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { layersOf } from '../joined.js';
import { call, plain } from '../python.js';
import type { Layer } from '../word.js';

const parameters = {
  from: list({
    of: 'layer',
    doc: 'The earlier layer whose output is joined, or several in brackets; `input` is the network’s input.',
    allowsInput: true,
  }),
};

export const concat: Layer<typeof parameters> = {
  family: 'layer',
  name: 'concat',
  peers: ['cat', 'Concatenate', 'concatenate', 'hstack'],
  version: 1,
  doc:
    'Joins its input with the outputs of earlier layers, of the encoder or of the decoder: features after features, or the channels of ' +
    'images of equal height and width. Its input comes first, as in `torch.cat([x, s], dim=1)`.',
  source: 'Ronneberger et al., U-Net: convolutional networks for biomedical image segmentation, MICCAI 2015',
  parameters,
  example: `encoder { h: conv2d(4, kernel=3, padding=1, activation=relu)  max_pool2d(2)  code: conv2d(4, kernel=3, padding=1) }
  decoder { upsample2d(2)  concat(from=h)  conv2d(1, kernel=3, padding=1, activation=sigmoid) }`,
  mistake: {
    text: `encoder { h: conv2d(4, kernel=3, activation=relu)  max_pool2d(2)  code: conv2d(4, kernel=3) }
  decoder { concat(from=h)  dense(input.size, activation=sigmoid) }`,
    code: 'AE402',
  },
  oracle: 'golden:concat',
  activation: false,
  heads: [],
  joins: true,
  random: false,
  flattensInput: false,
  shape(_args, input, _heads, named) {
    const others = layersOf(named, 'from').map(({ output }) => output);
    const odd = others.find((shape) => !fits(shape, input));
    if (odd === undefined) return ok([[input, ...others].reduce((sum, [n = 0]) => sum + n, 0), ...input.slice(1)]);
    const [isImage, isSignal] = [3, 2].map((rank) => odd.length === rank && input.length === rank);
    const equal = isImage ? 'channels of images of equal height and width' : 'channels of signals of equal length';
    return failed(
      'AE402',
      `concat joins ${isImage || isSignal ? equal : 'features with features, or images with images'}: ` +
        `its input is ${describeShape(input)}, and the layer that it names gives ${describeShape(odd)}`,
      {
        argument: 'from',
        hint: isSignal
          ? 'change the length of one of them: conv1d or conv_transpose1d, with a stride or with padding'
          : isImage
            ? 'resize one of them: upsample2d, max_pool2d, or a convolution with a stride or with padding'
            : 'put flatten() before the image, or reshape the features',
      },
    );
  },
  weights: () => ({}),
  range: (_args, input, named) => layersOf(named, 'from').reduce((all, { range }) => union(all, range), input),
  opposite: () => failed('AE505', 'what concat joins cannot be taken apart again', { hint: 'write the decoder out' }),
  lower: ({ concat: join }) => ({
    forward: ({ from }, input, { earlier }) => join([input, ...from.map((layer) => earlier(layer).output)], -1),
  }),
  onnx: {
    output: ({ from }, x, { earlier, node }) =>
      node('Concat', [x, ...from.map((layer) => earlier(layer).output)], { axis: { int: 1 } }),
  },
  pytorch: {
    code: ({ from }, { taken }) =>
      plain((x) => call('torch.cat', [`[${[x, ...from.map(taken)].join(', ')}]`], { dim: '1' })),
  },
};

function fits(shape: Shape, input: Shape): boolean {
  return shape.length === input.length && shape.every((size, i) => i === 0 || size === input[i]);
}
