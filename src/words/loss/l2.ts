import { layer } from '../../compiler/library/parameter.js';
import type { Loss } from '../word.js';
import { activityInPytorch, activityReduction, growsWithBatch } from './reduction.js';

const parameters = {
  on: layer({ doc: 'The layer whose activations it looks at.', default: 'code' }),
  reduction: activityReduction(),
};

export const l2: Loss<typeof parameters> = {
  family: 'loss',
  name: 'l2',
  peers: ['l2_regularization', 'l2_regularizer', 'l2_penalty'],
  version: 1,
  doc:
    'Squared activations, `Σ h²` over the units of an example, averaged over the batch: it keeps codes near the ' +
    'origin. Its weight is a factor in front. (For a penalty on weights there is `weight_decay`.)',
  source: 'Ghosh et al., From variational to deterministic autoencoders, ICLR 2020, equation 5 without its ½',
  parameters,
  example: 'loss mse() + 0.001 * l2(on=code)',
  mistake: { text: 'loss mse() + 0.001 * l2(on=code, reduction=max)', code: 'AE305' },
  oracle: 'test:tests/runtime/lowering/activity.test.ts',
  role: 'penalty',
  weight: null,
  check: () => [],
  sumsOverExamples: growsWithBatch,
  lower: ({ reduced, square }) => ({
    value: ({ on, reduction }, { layer }) =>
      reduced(layer(on), reduction, { loss: square, derivative: (h) => h, slope: 2 }),
  }),
  pytorch: {
    expression: ({ on, reduction }, { output }) => activityInPytorch(`${output(on)}.square()`, reduction),
  },
};
