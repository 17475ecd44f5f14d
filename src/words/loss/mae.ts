import type { Loss } from '../word.js';
import { reachesTarget } from './reach.js';
import { growsWithBatch, inPytorch, reduction, weights } from './reduction.js';

const parameters = { reduction: reduction(), weights: weights() };

export const mae: Loss<typeof parameters> = {
  family: 'loss',
  name: 'mae',
  peers: ['L1Loss', 'l1_loss', 'MeanAbsoluteError', 'mean_absolute_error'],
  version: 1,
  doc: 'Absolute error, `|y - t|`, of the output y against the target t; its derivative where they are equal is 0.',
  parameters,
  example: 'loss mae()',
  mistake: { text: 'loss mae(reduction=median)', code: 'AE305' },
  oracle: 'table:losses.json#mae',
  role: 'reconstruction',
  weight: null,
  check: (_args, context) => reachesTarget(context),
  sumsOverExamples: growsWithBatch,
  lower: ({ abs, compared, sign, sub }) => ({
    value: ({ reduction, weights }, { prediction, target }) =>
      compared(
        prediction,
        target,
        reduction,
        {
          loss: (y, t) => abs(sub(y, t)),
          derivative: (y, t) => sign(sub(y, t)),
        },
        weights,
      ),
  }),
  pytorch: { expression: (args, place) => inPytorch('F.l1_loss', args, place) },
};
