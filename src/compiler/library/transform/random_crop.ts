import { pair } from '../parameter.js';
import type { TransformWord } from '../word.js';
import { cropped } from './crop.js';

const parameters = {
  size: pair({ doc: 'Of the window: one number, or `[height, width]`.', unit: 'pixels' }),
};

export const randomCrop: TransformWord<typeof parameters> = {
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
};
