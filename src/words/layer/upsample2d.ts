import type { Shape } from '../../compiler/ir/shape.js';
import { describeShape } from '../../compiler/ir/shape.js';
import { pair } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, plain } from '../python.js';
import type { Layer } from '../word.js';
import { imageOf } from './window.js';

const parameters = {
  factor: pair({ peers: ['scale_factor'], doc: 'How many times as high and as wide.', default: null }),
  size: pair({ doc: 'Height and width themselves, instead.', unit: 'pixels', default: null }),
};

export const upsample2d: Layer<typeof parameters> = {
  family: 'layer',
  name: 'upsample2d',
  peers: ['Upsample', 'UpSampling2D', 'UpsamplingNearest2d', 'interpolate'],
  version: 1,
  doc:
    'Repeats pixels: the value at row i is that of row `⌊i · h / h′⌋` of the input, and columns alike, from `[c, h, w]` to ' +
    '`[c, h′, w′]`.',
  source: '`torch.nn.Upsample` with `mode="nearest"`',
  parameters,
  example: `encoder { avg_pool2d(2)  code: conv2d(2, kernel=2, stride=2) }
  decoder { upsample2d(4)  conv2d(1, kernel=3, padding=1, activation=sigmoid) }`,
  mistake: {
    text: `encoder { code: conv2d(2, kernel=2, stride=2) }
  decoder { upsample2d()  conv2d(1, kernel=3, padding=1, activation=sigmoid) }`,
    code: 'AE402',
  },
  oracle: 'test:tests/runtime/lowering/pool.test.ts',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  memory: { forward: 1.5 },
  shape({ factor, size }, input) {
    const image = imageOf('upsample2d', input);
    if (!image.ok) return image;
    const { channels, height, width } = image.value;
    if (factor !== null && size === null) return ok([channels, height * factor[0], width * factor[1]]);
    if (factor !== null || size === null) {
      return failed('AE402', 'upsample2d needs either a factor or a size', {
        argument: factor === null ? null : 'size',
      });
    }
    if (size[0] < height || size[1] < width) {
      return failed('AE402', `${describeShape(size)} is smaller than the input, ${height}×${width}`, {
        argument: 'size',
      });
    }
    return ok([channels, ...size]);
  },
  weights: () => ({}),
  range: (_args, input) => input,
  opposite(_args, { input, output }) {
    const [, height = 1, width = 1] = input;
    const [, toHeight = 1, toWidth = 1] = output;
    if (toHeight % height !== 0 || toWidth % width !== 0) {
      return failed('AE505', 'a factor that is no whole number cannot be undone by avg_pool2d', {
        hint: 'write the decoder out',
      });
    }
    return ok({
      word: 'avg_pool2d',
      arguments: { kernel: [toHeight / height, toWidth / width] },
      reference: null,
    });
  },
  lower: ({ gather, tensor1d }) => ({
    forward(_args, input, context) {
      const [, fromHeight = 1, fromWidth = 1] = context.input;
      const [, toHeight = 1, toWidth = 1] = context.output;
      const places = (from: number, to: number) => tensor1d(repeated(from, to), 'int32');
      return gather(gather(input, places(fromHeight, toHeight), 1), places(fromWidth, toWidth), 2);
    },
  }),
  onnx: {
    output(_args, x, { input, integers, node, output }) {
      const [, height = 1, width = 1] = input;
      const [, toHeight = 1, toWidth = 1] = output;
      const rows = node('Gather', [x, integers(repeated(height, toHeight))], { axis: { int: 2 } });
      return node('Gather', [rows, integers(repeated(width, toWidth))], { axis: { int: 3 } });
    },
  },
  pytorch: { code: (_args, { input, output }) => plain((x) => upsampled(x, input, output)) },
};

/** For each of `to` pixels, the one of `from` that it repeats: `⌊i · from / to⌋`. */
function repeated(from: number, to: number): number[] {
  return Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
}

/** The same in Python: PyTorch's `nearest` for whole factors, else by index. */
function upsampled(x: string, [, height = 1, width = 1]: Shape, [, toHeight = 1, toWidth = 1]: Shape): string {
  if (toHeight % height === 0 && toWidth % width === 0) {
    return call('F.interpolate', [x], { size: `(${toHeight}, ${toWidth})`, mode: '"nearest"' });
  }
  const places = (from: number, to: number) => `torch.arange(${to}) * ${from} // ${to}`;
  return `${x}[:, :, ${places(height, toHeight)}][:, :, :, ${places(width, toWidth)}]`;
}
