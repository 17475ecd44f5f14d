import { closed, realLine } from '../../ir/interval.js';
import { boolean, real } from '../parameter.js';
import { granted, problem, type TransformWord } from '../word.js';

const parameters = {
  low: real({ doc: 'What the least value of a feature becomes.', default: 0 }),
  high: real({ doc: 'What its greatest becomes.', default: 1 }),
  clip: boolean({
    doc: 'Whether values beyond those of the training part become `low` or `high`: an anomaly is then no larger than they are.',
    default: false,
  }),
};

export const minMax: TransformWord<typeof parameters> = {
  family: 'transform',
  name: 'min_max',
  peers: ['MinMaxScaler'],
  version: 3,
  doc:
    'Each feature on its own from the range it has in the training part to [low, high]. A feature that never varies ' +
    'there counts as one whose range is 1. Other examples may lie beyond, unless `clip=true` cuts them off; errors in raw units are then still ' +
    'against the values before. The numbers are kept with the weights, and undone in what is shown and applied. It acts after the ' +
    'corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { min_max() }',
  mistake: { text: 'data digits(take=256, test=64) { min_max(low=1, high=1) }', code: 'AE306' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  needsSeveral: true,
  shape: (_args, input) => granted(input),
  range: ({ low, high }) => closed(low, high),
  rangeOfAll: ({ low, high, clip }) => (clip ? closed(low, high) : realLine),
  check({ low, high }) {
    if (low < high) return [];
    return [problem('AE306', `high must be more than low, and ${high} is not more than ${low}`, { argument: 'high' })];
  },
};
