import { pair } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import type { PixelTransform } from '../word.js';
import { cropped } from './crop.js';

const parameters = {
  size: pair({ doc: 'Of the window: one number, or `[height, width]`.', unit: 'pixels' }),
};

export const centerCrop: PixelTransform<typeof parameters> = {
  family: 'transform',
  name: 'center_crop',
  peers: ['CenterCrop', 'crop'],
  version: 1,
  doc: 'The window in the middle, from row `⌊(height - size) / 2⌋` and column `⌊(width - size) / 2⌋`.',
  parameters,
  example: 'data digits(take=256, test=64) { center_crop([16, 20]) }',
  mistake: { text: 'data digits(take=256, test=64) { center_crop(0) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/crop.test.ts',
  acts: 'before corruption',
  shape: ({ size }, input) => cropped(size, input),
  range: (_args, input) => input,
  check: () => [],
  pixels: ({ size }) => ({ kind: 'crop', size, isDrawn: false, start: (room) => Math.floor(room / 2) }),
  onnx: {
    output({ size }, x, { input: [, height = 1, width = 1], integers, node }) {
      const [top, left] = [Math.floor((height - size[0]) / 2), Math.floor((width - size[1]) / 2)];
      const ends = integers([top + size[0], left + size[1]]);
      return node('Slice', [x, integers([top, left]), ends, integers([2, 3])]);
    },
  },
  pytorch: {
    expression: ({ size }, images) => call('center_crop', [images, literal(size)]),
    definitions: [
      `
def center_crop(x, size):
    top, left = ((x.shape[2] - size[0]) // 2, (x.shape[3] - size[1]) // 2)
    return x[:, :, top : top + size[0], left : left + size[1]]`,
    ],
  },
};
