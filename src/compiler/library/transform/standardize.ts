import { realLine } from '../../ir/interval.js';
import { granted, type TransformWord } from '../word.js';

const parameters = {};

export const standardize: TransformWord<typeof parameters> = {
  family: 'transform',
  name: 'standardize',
  peers: ['StandardScaler', 'zscore'],
  version: 2,
  doc:
    '`(x - mean) / std` for each feature on its own, with the mean and the standard deviation (divided by n) of the ' +
    'training part alone. A feature that never varies there keeps its unit, `x - mean`. The numbers are kept with the weights, and undone in ' +
    'what is shown and applied. It acts after the corruption.',
  parameters,
  example: 'data digits(take=256, test=64) { standardize() }  decoder { dense(input.size) }',
  mistake: { text: 'data digits(take=256, test=64) { standardize() }  loss bce()', code: 'AE501' },
  oracle: 'test:tests/runtime/datasets/transform.test.ts',
  acts: 'after corruption',
  needsSeveral: true,
  shape: (_args, input) => granted(input),
  range: () => realLine,
  check: () => [],
};
