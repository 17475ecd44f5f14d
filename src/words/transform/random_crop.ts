import { pair } from '../../compiler/library/parameter.js';
import { call, literal } from '../python.js';
import type { PixelTransform } from '../word.js';
import { cropped } from './crop.js';

const parameters = {
  size: pair({ doc: 'Of the window: one number, or `[height, width]`.', unit: 'pixels' }),
};

export const randomCrop: PixelTransform<typeof parameters> = {
  family: 'transform',
  name: 'random_crop',
  peers: ['RandomCrop'],
  version: 1,
  doc:
    'A window at a place drawn anew for every example of every epoch, all places equally likely. An evaluation draws ' +
    'the same places each time.',
  parameters,
  example: 'data digits(take=256, test=64) { random_crop(10) }',
  mistake: { text: 'data digits(take=256, test=64) { random_crop(29) }', code: 'AE403' },
  oracle: 'test:tests/runtime/datasets/crop.test.ts',
  acts: 'before corruption',
  shape: ({ size }, input) => cropped(size, input),
  range: (_args, input) => input,
  check: () => [],
  pixels: ({ size }) => ({
    kind: 'crop',
    size,
    isDrawn: true,
    starts: (out, room, source, step, first) => source.integers(out, room + 1, step, first),
  }),
  onnx: 'drawn',
  pytorch: {
    expression: ({ size }, images, { stream }) =>
      call('random_crop', [images, literal(size), stream('row'), stream('column'), 'step']),
    definitions: [
      `
def random_crop(x, size, row_stream, column_stream, step):
    tops = integers(row_stream, step, len(x), x.shape[2] - size[0] + 1)
    lefts = integers(column_stream, step, len(x), x.shape[3] - size[1] + 1)
    return np.stack([image[:, r : r + size[0], c : c + size[1]] for image, r, c in zip(x, tops, lefts)])`,
    ],
  },
};
