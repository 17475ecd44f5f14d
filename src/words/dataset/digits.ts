import { chosenClasses, keptClasses } from '../../runtime/datasets/chosen-classes.js';
import {
  DIGITS_OF_CLASS,
  DIGITS_TEST,
  DIGITS_TRAIN,
  digitLabels,
  loadDigits,
} from '../../runtime/datasets/digits/digits.js';
import { neededExamples, type SplitRequest } from '../../runtime/datasets/split.js';
import type { Dataset } from '../word.js';
import { describeCounted } from './classes.js';
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
  describe: (args) =>
    describeCounted(
      { shape: [1, 28, 28], train: DIGITS_OF_CLASS.train, test: DIGITS_OF_CLASS.test, names: null },
      args,
    ),
  format: null,
  isMade: true,
  load(_args, { parts }) {
    if (parts.classes === undefined && parts.trainOn === undefined) {
      return { dataset: loadDigits(...needed(parts)), isWhole: false, division: parts };
    }
    const { train, test } = chosenDigits(parts);
    return { dataset: loadDigits(train, test), isWhole: false, division: { ...parts, shuffleSeed: null } };
  },
};

/** The digits of some classes that a division uses, in its order. */
function chosenDigits(parts: SplitRequest): { readonly train: Uint32Array; readonly test: Uint32Array } {
  const set = { name: 'digits', classNames: null, classes: 10 };
  const trained = chosenClasses(set, digitLabels('train', DIGITS_TRAIN), parts);
  const tested = chosenClasses(set, digitLabels('test', DIGITS_TEST), keptClasses(parts));
  const tests = Uint32Array.from({ length: DIGITS_TEST }, (_, i) => i);
  const all = Uint32Array.from({ length: DIGITS_TRAIN }, (_, i) => i);
  const kept = tested === null ? tests : tests.filter(tested.isKept);
  return {
    train: neededExamples(DIGITS_TRAIN, parts, true, trained) ?? all,
    test: kept.slice(0, parts.test ?? kept.length),
  };
}

/** How many training and test examples a division needs; undefined: all. */
function needed({ take, validation, test, shuffleSeed }: SplitRequest): [number | undefined, number | undefined] {
  const all = take === null || take < 1 || shuffleSeed !== null || take + validation > DIGITS_TRAIN;
  return [all ? undefined : take + validation, test === null ? undefined : Math.min(test, DIGITS_TEST)];
}
