import { open } from '../../compiler/ir/interval.js';
import { scheduled } from '../../compiler/library/parameter.js';
import type { Loss } from '../word.js';
import { reachesTarget } from './reach.js';
import { growsWithBatch, inPytorch, reduction, weights } from './reduction.js';

const parameters = {
  delta: scheduled({
    doc: 'The error at which the square turns into a line.',
    default: 1,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  reduction: reduction(),
  weights: weights(),
};

export const huber: Loss<typeof parameters> = {
  family: 'loss',
  name: 'huber',
  peers: ['HuberLoss', 'SmoothL1Loss', 'smooth_l1', 'smooth_l1_loss'],
  version: 1,
  doc:
    'Squared near zero, absolute beyond: with `d = y - t`, `d²/2` where `|d| ≤ delta`, else `delta (|d| - delta/2)`. ' +
    'Far-off pixels pull less than under `mse`.',
  source: 'Huber, Robust estimation of a location parameter, 1964; `torch.nn.HuberLoss`',
  parameters,
  example: 'loss huber(delta=0.5)',
  mistake: { text: 'loss huber(delta=0)', code: 'AE306' },
  oracle: 'table:losses.json#huber',
  role: 'reconstruction',
  weight: null,
  check: (_args, context) => reachesTarget(context),
  sumsOverExamples: growsWithBatch,
  /**
   * With a = |y - t| and q = min(a, delta), both branches are q (a - q/2); the derivative is the clipped difference.
   */
  lower: ({ abs, clipByValue, compared, minimum, mul, sub }) => ({
    value: ({ delta, reduction, weights }, { prediction, target }) =>
      compared(
        prediction,
        target,
        reduction,
        {
          loss(y, t) {
            const distance = abs(sub(y, t));
            const bounded = minimum(distance, delta);
            return mul(bounded, sub(distance, mul(bounded, 0.5)));
          },
          derivative: (y, t) => clipByValue(sub(y, t), -delta, delta),
        },
        weights,
      ),
  }),
  pytorch: {
    expression: (args, place) => inPytorch('F.huber_loss', args, place, { delta: place.number(args.delta) }),
  },
};
