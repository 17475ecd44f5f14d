import { describeShape } from '../../ir/shape.js';
import { choice, pair } from '../parameter.js';
import { granted, refused, type TransformWord } from '../word.js';

const parameters = {
  size: pair({ doc: 'Of the result: one number, or `[height, width]`.', unit: 'pixels' }),
  method: choice({
    doc:
      '`bilinear` between the centres of pixels; `nearest`; or `area`, the mean of the pixels that a new one covers, which ' +
      'is the one for making images smaller.',
    options: ['bilinear', 'nearest', 'area'],
    default: 'bilinear',
  }),
};

export const resize: TransformWord<typeof parameters> = {
  family: 'transform',
  name: 'resize',
  peers: ['Resize'],
  version: 1,
  doc: 'The same image with more or fewer pixels. It acts before the corruption.',
  source: '`torch.nn.functional.interpolate` with `align_corners=False`',
  parameters,
  example: 'data digits(take=256, test=64) { resize(14, method=area) }',
  mistake: { text: 'data digits(take=256, test=64) { resize(14, method=cubic) }', code: 'AE305' },
  oracle: 'test:tests/runtime/datasets/resize.test.ts',
  acts: 'before corruption',
  shape({ size }, input) {
    const [channels] = input;
    if (channels === undefined || input.length !== 3) {
      return refused('AE403', `only images can be resized, and the data is ${describeShape(input)}`);
    }
    return granted([channels, ...size]);
  },
  range: (_args, input) => input,
  check: () => [],
};
