import { DIGITS_TEST, DIGITS_TRAIN, loadDigits } from '../../runtime/datasets/digits/digits.js';
import type { SplitRequest } from '../../runtime/datasets/split.js';
import type { Dataset } from '../word.js';
import { describeAsMnist } from './mnist.js';
import { partParameters } from './parts.js';

const parameters = partParameters();

export const digits: Dataset<typeof parameters> = {
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
  format: null,
  isMade: true,
  load: (_args, { parts }) => ({ dataset: loadDigits(...needed(parts)), isWhole: false, division: parts }),
};

/** How many training and test examples a division needs; undefined: all. */
function needed({ take, validation, test, shuffleSeed }: SplitRequest): [number | undefined, number | undefined] {
  const all = take === null || take < 1 || shuffleSeed !== null || take + validation > DIGITS_TRAIN;
  return [all ? undefined : take + validation, test === null ? undefined : Math.min(test, DIGITS_TEST)];
}
