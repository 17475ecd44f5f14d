import type { Tensor } from '@tensorflow/tfjs-core';
import { closed } from '../../compiler/ir/interval.js';
import { integer, real } from '../../compiler/library/parameter.js';
import { failed, ok, type WeightDeclaration } from '../../compiler/library/word.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { rectified } from './activation.js';
import { frozen } from './weights.js';

const parameters = {
  k: integer({
    peers: ['top_k', 'topk', 'l0'],
    doc: 'Units that are kept of an example, on average over a batch.',
    unit: 'units',
  }),
  momentum: real({
    peers: ['topk_threshold_lr'],
    doc:
      'Share of the current batch in the threshold: 0.01 as in SAELens; dictionary_learning has 0.001 (`threshold_beta=0.999`). ' +
      'Of the first batch a share of `(1 - momentum)^steps` is left, so a short training needs a larger one.',
    default: 0.01,
    range: closed(0, 1),
  }),
  frozen: frozen(),
};

export const batchTopk: Layer<typeof parameters> = {
  family: 'layer',
  name: 'batch_topk',
  peers: ['BatchTopK', 'batchtopk', 'BatchTopKSAE'],
  version: 1,
  doc:
    'BatchTopK: while training, the `k` times as many largest units as there are examples in the batch keep their values, ' +
    'whichever examples they belong to, and the others are 0; so are negative ones. Of equal ones the first are kept. ' +
    'Outside training, and while `frozen`, `y = relu(x)` where x is above `threshold`, so that an example does not depend on its ' +
    'neighbours. The threshold is the least positive value of the first batch and then `θ ← (1 - momentum) θ + momentum · least`; ' +
    'it is not learned, and -1 before the first step. A layer of its own, after `dense`.',
  source: 'Bussmann, Leask and Nanda, BatchTopK sparse autoencoders, 2024',
  parameters,
  example: 'encoder { dense(64)  code: batch_topk(8) }',
  mistake: { text: 'encoder { dense(32)  code: batch_topk(33) }', code: 'AE402' },
  oracle: 'golden:batch-topk',
  activation: false,
  activates: true,
  heads: [],
  random: false,
  flattensInput: true,
  memory: { forward: 3, backward: 2 },
  shape({ k }, input) {
    const [units = 1] = input;
    if (k <= units) return ok(input);
    return failed('AE402', `batch_topk(${k}) keeps more than the ${units} units that there are`, {
      argument: 'k',
      hint: `take a k of ${units} at most, or a wider layer`,
    });
  },
  weights() {
    const declared: Record<string, WeightDeclaration> = {
      threshold: { shape: [1], trainable: false, initial: { kind: 'constant', value: none } },
    };
    return declared;
  },
  range: (_args, input) => ({ ...rectified(input), low: 0, lowOpen: false }),
  opposite: () => ok(null),
  lower: (operations) => ({
    forward({ k, momentum, frozen }, input, context) {
      const { greater, keepLargest, relu, reshape, weightOf, where, zerosLike } = operations;
      const threshold = weightOf(context, 'threshold');
      if (!context.training || frozen) return where(greater(input, threshold), relu(input), zerosLike(input));
      const largest = keepLargest(reshape(input, [1, input.size]), k * (input.shape[0] ?? 0), 'rectified');
      context.update('threshold', followed(operations, largest, threshold, momentum));
      return reshape(largest, input.shape);
    },
  }),
  saelens: {
    is: 'activation',
    of({ units, weight }) {
      // Before the first step it is -1, and no unit below 0 is active either.
      const [threshold = 0] = weight('threshold');
      return { architecture: 'jumprelu', threshold: new Float32Array(units).fill(Math.max(0, threshold)) };
    },
  },
  onnx: {
    output: (_args, x, { node, scalar, weight }) =>
      node('Where', [node('Greater', [x, weight('threshold')]), node('Relu', [x]), scalar(0)]),
  },
  pytorch: {
    code: ({ k, momentum, frozen }, { module }) =>
      module(call('BatchTopK', [literal(k), literal(momentum)]), frozen ? 'evaluation' : 'either'),
    definition: `
class BatchTopK(nn.Module):
    """The k largest units of an example, on average over a batch; of equal ones the first (Bussmann et al. 2024)."""

    def __init__(self, k, momentum):
        super().__init__()
        self.k, self.momentum = k, momentum
        self.register_buffer("threshold", torch.full((1,), -1.0))

    def forward(self, x):
        if not self.training:
            return torch.where(x > self.threshold, F.relu(x), 0)
        y = F.relu(x).flatten()
        places = y.sort(descending=True, stable=True).indices[: self.k * len(x)]
        kept = torch.zeros_like(y).scatter(0, places, y[places])
        active = kept[kept > 0].detach()
        if len(active) > 0:
            first = self.threshold < 0
            moved = self.threshold * (1 - self.momentum) + active.min() * self.momentum
            self.threshold.copy_(torch.where(first, active.min(), moved))
        return kept.view_as(x)`,
  },
};

/** The threshold before the first step. */
const none = -1;

/** The threshold after a batch, of which only the kept units are positive; the same without any. */
function followed(
  { add, greater, less, min, mul, scalar, where }: Operations,
  kept: Tensor,
  threshold: Tensor,
  momentum: number,
): Tensor {
  const least = min(where(greater(kept, 0), kept, scalar(Number.POSITIVE_INFINITY)));
  const isAny = less(least, Number.POSITIVE_INFINITY);
  const moved = add(mul(threshold, 1 - momentum), mul(least, momentum));
  const next = where(less(threshold, 0), least, moved);
  return where(isAny, next, threshold);
}
