import { layer } from '../../compiler/library/parameter.js';
import type { Loss } from '../word.js';
import { activityInPytorch, activityReduction, growsWithBatch } from './reduction.js';

const parameters = {
  on: layer({ doc: 'The layer whose activations it looks at.', default: 'code' }),
  reduction: activityReduction(),
};

export const l1: Loss<typeof parameters> = {
  family: 'loss',
  name: 'l1',
  peers: ['l1_regularization', 'l1_regularizer', 'l1_penalty'],
  version: 1,
  doc:
    'Absolute activations, `Σ |h|` over the units of an example, averaged over the batch: the sparsity penalty of ' +
    'sparse coding. Its weight is a factor in front. (For a penalty on weights there is `weight_decay`.)',
  source: 'Olshausen and Field, Emergence of simple-cell receptive field properties, Nature 381 (1996)',
  parameters,
  example: 'loss mse() + 0.001 * l1(on=code)',
  mistake: { text: 'loss mse() + 0.001 * l1(on=hidden)', code: 'AE211' },
  oracle: 'test:tests/runtime/lowering/activity.test.ts',
  role: 'penalty',
  weight: null,
  check: () => [],
  sumsOverExamples: growsWithBatch,
  lower: ({ abs, reduced, sign }) => ({
    value: ({ on, reduction }, { layer }) => reduced(layer(on), reduction, { loss: abs, derivative: sign }),
  }),
  pytorch: {
    expression: ({ on, reduction }, { output }) => activityInPytorch(`${output(on)}.abs()`, reduction),
  },
};
