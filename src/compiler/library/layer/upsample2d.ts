import { describeShape } from '../../ir/shape.js';
import { pair } from '../parameter.js';
import { granted, type LayerWord, refused } from '../word.js';
import { imageOf } from './window.js';

const parameters = {
  factor: pair({ peers: ['scale_factor'], doc: 'How many times as high and as wide.', default: null }),
  size: pair({ doc: 'Height and width themselves, instead.', unit: 'pixels', default: null }),
};

export const upsample2d: LayerWord<typeof parameters> = {
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
  shape({ factor, size }, input) {
    const image = imageOf('upsample2d', input);
    if (!image.ok) return image;
    const { channels, height, width } = image.value;
    if (factor !== null && size === null) return granted([channels, height * factor[0], width * factor[1]]);
    if (factor !== null || size === null) {
      return refused('AE402', 'upsample2d needs either a factor or a size', {
        argument: factor === null ? null : 'size',
      });
    }
    if (size[0] < height || size[1] < width) {
      return refused('AE402', `${describeShape(size)} is smaller than the input, ${height}×${width}`, {
        argument: 'size',
      });
    }
    return granted([channels, ...size]);
  },
  weights: () => ({}),
  range: (_args, input) => input,
  opposite(_args, { input, output }) {
    const [, height = 1, width = 1] = input;
    const [, toHeight = 1, toWidth = 1] = output;
    if (toHeight % height !== 0 || toWidth % width !== 0) {
      return refused('AE505', 'a factor that is no whole number cannot be undone by avg_pool2d', {
        hint: 'write the decoder out',
      });
    }
    return granted({
      word: 'avg_pool2d',
      arguments: { kernel: [toHeight / height, toWidth / width] },
      reference: null,
    });
  },
};
