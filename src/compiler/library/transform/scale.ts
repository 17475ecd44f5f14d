import { describeInterval } from '../../ir/interval.js';
import { real } from '../parameter.js';
import { arePixels, saidRange } from '../pixels.js';
import { granted, problem, type TransformWord } from '../word.js';

const parameters = {
  low: real({ doc: 'What 0 becomes.', default: 0 }),
  high: real({ doc: 'What 1 becomes.', default: 1 }),
};

export const scale: TransformWord<typeof parameters> = {
  family: 'transform',
  name: 'scale',
  peers: ['Rescaling', 'rescale'],
  version: 1,
  doc: '`low + (high - low) x`: `scale(-1, 1)` takes pixels from [0, 1] to [-1, 1]. It acts after the corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { scale(0.1, 0.9) }',
  mistake: { text: 'data digits(take=256, test=64) { scale(1, 0) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  shape: (_args, input) => granted(input),
  range({ low, high }, input) {
    const scaled = (x: number) => low + (high - low) * x;
    return { ...input, low: scaled(input.low), high: scaled(input.high) };
  },
  check({ low, high }, { range }) {
    if (low < high && arePixels(range)) return [];
    if (low < high) {
      return [
        problem(
          'AE511',
          `scale takes [0, 1] to [${low}, ${high}], and the data is in ${describeInterval(range)} here`,
          {
            severity: 'warning',
            hint: saidRange(range),
          },
        ),
      ];
    }
    return [problem('AE306', `high must be more than low, and ${high} is not more than ${low}`, { argument: 'high' })];
  },
};
