import { pair } from '../parameter.js';
import type { TransformWord } from '../word.js';
import { cropped } from './crop.js';

const parameters = {
  size: pair({ doc: 'Of the window: one number, or `[height, width]`.', unit: 'pixels' }),
};

export const centerCrop: TransformWord<typeof parameters> = {
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
};
