import type { Loss } from '../word.js';
import { reachesTarget } from './reach.js';
import { growsWithBatch, inPytorch, reduction, weights } from './reduction.js';

const parameters = { reduction: reduction(), weights: weights() };

export const mse: Loss<typeof parameters> = {
  family: 'loss',
  name: 'mse',
  peers: ['MSELoss', 'mse_loss', 'MeanSquaredError', 'mean_squared_error', 'squared_error'],
  version: 1,
  doc: 'Squared error, `(y - t)²`, of the output y against the target t as the network sees it: the clean input, or what `target` names.',
  parameters,
  example: 'loss mse()',
  mistake: { text: 'loss mse(reduction=none)', code: 'AE305' },
  oracle: 'table:losses.json#mse golden:dense-deep-tied',
  role: 'reconstruction',
  isFused: true,
  weight: null,
  check: (_args, context) => reachesTarget(context),
  sumsOverExamples: growsWithBatch,
  lower: ({ compared, squaredDifference, sub }) => ({
    value: ({ reduction, weights }, { prediction, target }) =>
      compared(
        prediction,
        target,
        reduction,
        {
          loss: (y, t) => squaredDifference(y, t),
          derivative: (y, t) => sub(y, t),
          slope: 2,
          fused: 'squared_error',
        },
        weights,
      ),
  }),
  pytorch: { expression: (args, place) => inPytorch('F.mse_loss', args, place) },
};
