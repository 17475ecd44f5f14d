import { closed } from '../../ir/interval.js';
import { describeShape } from '../../ir/shape.js';
import { real } from '../parameter.js';
import { granted, refused, type TransformWord } from '../word.js';

const parameters = {
  horizontal: real({ doc: 'Probability that left and right change places.', default: 0.5, range: closed(0, 1) }),
  vertical: real({ doc: 'Probability that top and bottom change places.', default: 0, range: closed(0, 1) }),
};

export const flip: TransformWord<typeof parameters> = {
  family: 'transform',
  name: 'flip',
  peers: ['RandomHorizontalFlip', 'RandomVerticalFlip', 'RandomFlip'],
  version: 1,
  doc:
    'Mirrors an image, drawn anew for every example of every epoch. An evaluation, and what is shown or applied, has ' +
    'images as they are. It acts before the corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { flip() }',
  mistake: { text: 'data digits(take=256, test=64) { flip(horizontal=2) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'before corruption',
  shape: (_args, input) =>
    input.length === 3
      ? granted(input)
      : refused('AE403', `only images can be mirrored, and the data is ${describeShape(input)}`),
  range: (_args, input) => input,
  check: () => [],
};
