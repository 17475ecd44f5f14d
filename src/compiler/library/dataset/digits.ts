import type { DatasetWord } from '../word.js';
import { describeAsMnist } from './named.js';
import { partParameters } from './parts.js';

const parameters = partParameters();

export const digits: DatasetWord<typeof parameters> = {
  family: 'dataset',
  name: 'digits',
  version: 1,
  doc:
    'Digits drawn by a program, the same bytes on every machine, with nothing to download: 60,000 training and 10,000 ' +
    'test images, `1×28×28`, ten classes.',
  parameters,
  example: 'data digits(take=256, validation=64, test=64, shuffle_seed=1)',
  mistake: { text: 'data digits(take=0)', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/digits/digits.test.ts',
  describe: describeAsMnist,
};
