import type { Loss } from '../word.js';
import { reachesTarget } from './reach.js';
import { growsWithBatch, inPytorch, reduction, weights } from './reduction.js';

const parameters = { reduction: reduction(), weights: weights() };

export const logCosh: Loss<typeof parameters> = {
  family: 'loss',
  name: 'log_cosh',
  peers: ['LogCosh', 'LogCoshLoss', 'logcosh'],
  version: 1,
  doc:
    'The logarithm of the hyperbolic cosine of the error, `log cosh(y - t)`: half the squared error near zero, the ' +
    'absolute error less `log 2` far from it, with every derivative in between.',
  source: 'Chen, Chen, Li and Chen, Log hyperbolic cosine loss improves variational auto-encoder, 2019',
  parameters,
  example: 'loss log_cosh()',
  mistake: { text: 'loss log_cosh(reduction=median)', code: 'AE305' },
  oracle: 'table:losses.json#log_cosh',
  role: 'reconstruction',
  weight: null,
  check: (_args, context) => reachesTarget(context),
  sumsOverExamples: growsWithBatch,
  /** `d + log(1 + exp(-2d)) - log 2` with `d = |y - t|`, which never overflows; the derivative is tanh(y - t). */
  lower: ({ abs, add, compared, exp, log1p, mul, sub, tanh }) => ({
    value: ({ reduction, weights }, { prediction, target }) =>
      compared(
        prediction,
        target,
        reduction,
        {
          loss(y, t) {
            const distance = abs(sub(y, t));
            return sub(add(distance, log1p(exp(mul(distance, -2)))), Math.LN2);
          },
          derivative: (y, t) => tanh(sub(y, t)),
        },
        weights,
      ),
  }),
  pytorch: {
    expression: (args, place) => inPytorch('log_cosh', args, place),
    definition: `
def log_cosh(y, t, reduction):
    """log cosh(y - t), without its overflow; PyTorch has no such loss."""
    d = (y - t).abs()
    loss = d + torch.log1p(torch.exp(-2 * d)) - math.log(2)
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()`,
  },
};
