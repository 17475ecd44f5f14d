import type { Loss } from '../word.js';
import { predictionIsProbability, targetIsProbability } from './reach.js';
import { growsWithBatch, inPytorch, reduction, weights } from './reduction.js';

const parameters = { reduction: reduction(), weights: weights() };

/** A saturated probability costs this much instead of infinity. */
const leastLogarithm = -100;
/** And its derivative divides by this instead of zero. */
const leastVariance = 1e-12;

export const bce: Loss<typeof parameters> = {
  family: 'loss',
  name: 'bce',
  peers: ['BCELoss', 'BinaryCrossentropy', 'binary_crossentropy', 'binary_cross_entropy', 'cross_entropy'],
  version: 1,
  doc:
    'Binary cross-entropy, `-(t log y + (1 - t) log(1 - y))`, of the output y against the target t, both in ' +
    '[0, 1]. Each logarithm is at least -100. `bce(reduction=sum)` is the negative log-likelihood of Bernoulli pixels.',
  source: '`torch.nn.BCELoss`',
  parameters,
  example: 'loss bce()',
  mistake: { text: 'decoder { dense(input.size) }  loss bce()', code: 'AE502' },
  oracle: 'table:losses.json#bce golden:vae',
  role: 'reconstruction',
  isFused: true,
  weight: null,
  check: (_args, context) => [...targetIsProbability('bce', context), ...predictionIsProbability('bce', context)],
  sumsOverExamples: growsWithBatch,
  /** `-(t log y + (1 - t) log(1 - y))`, with PyTorch's clamps. */
  lower: ({ add, compared, div, log, log1p, maximum, mul, neg, sub }) => ({
    value: ({ reduction, weights }, { prediction, target }) =>
      compared(
        prediction,
        target,
        reduction,
        {
          loss(y, t) {
            const on = mul(t, maximum(log(y), leastLogarithm));
            const off = mul(sub(1, t), maximum(log1p(neg(y)), leastLogarithm));
            return neg(add(on, off));
          },
          derivative: (y, t) => div(sub(y, t), maximum(mul(y, sub(1, y)), leastVariance)),
          fused: 'cross_entropy',
        },
        weights,
      ),
  }),
  pytorch: { expression: (args, place) => inPytorch('F.binary_cross_entropy', args, place) },
};
