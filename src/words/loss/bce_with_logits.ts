import type { Loss } from '../word.js';
import { predictionIsLogit, targetIsProbability } from './reach.js';
import { growsWithBatch, inPytorch, reduction, weights } from './reduction.js';

const parameters = { reduction: reduction(), weights: weights() };

export const bceWithLogits: Loss<typeof parameters> = {
  family: 'loss',
  name: 'bce_with_logits',
  peers: ['BCEWithLogitsLoss', 'binary_cross_entropy_with_logits'],
  version: 1,
  doc:
    '`bce` of `sigmoid(y)`, computed without its rounding: `max(y, 0) - t y + log(1 + exp(-|y|))`. The last layer has ' +
    'no activation; the target is in [0, 1]. The recorded `mse` and all pictures are of `sigmoid(y)`.',
  source: '`torch.nn.BCEWithLogitsLoss`',
  parameters,
  example: 'decoder { dense(input.size) }  loss bce_with_logits()',
  mistake: {
    text: 'data digits(take=256, test=64) { normalize(mean=0.5, std=0.5) }  decoder { dense(input.size) }  loss bce_with_logits()',
    code: 'AE501',
  },
  oracle: 'table:losses.json#bce_with_logits',
  role: 'reconstruction',
  isFused: true,
  weight: null,
  check: (_args, context) => [
    ...targetIsProbability('bce_with_logits', context),
    ...predictionIsLogit('bce_with_logits', context),
  ],
  sumsOverExamples: growsWithBatch,
  /** `max(y, 0) - t y + log(1 + exp(-|y|))`, which neither overflows nor loses a saturated probability. */
  lower: ({ abs, add, compared, exp, log1p, mul, neg, relu, sigmoid, sub }) => ({
    reconstruction: sigmoid,
    value: ({ reduction, weights }, { prediction, target }) =>
      compared(
        prediction,
        target,
        reduction,
        {
          loss: (y, t) => add(sub(relu(y), mul(t, y)), log1p(exp(neg(abs(y))))),
          derivative: (y, t) => sub(sigmoid(y), t),
          fused: 'cross_entropy_of_logits',
        },
        weights,
      ),
  }),
  reconstructionInOnnx: (y, { node }) => node('Sigmoid', [y]),
  pytorch: {
    expression: (args, place) => inPytorch('F.binary_cross_entropy_with_logits', args, place),
    predicts: 'logits: torch.sigmoid makes probabilities of them',
  },
};
