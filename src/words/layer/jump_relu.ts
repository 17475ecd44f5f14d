import { open } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import type { Value } from '../../compiler/ir/value.js';
import { real } from '../../compiler/library/parameter.js';
import { ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { exp, log } from '../../numerics/float64.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { rectified } from './activation.js';
import { frozen } from './weights.js';

const positive = open(0, Number.POSITIVE_INFINITY);

const parameters = {
  threshold: real({
    peers: ['jumprelu_init_threshold', 'init_threshold'],
    doc: 'What each θ starts from: 0.01 as in SAELens; 0.001 in the paper and dictionary_learning.',
    default: 0.01,
    range: positive,
  }),
  bandwidth: real({
    peers: ['jumprelu_bandwidth', 'epsilon'],
    doc:
      'Width ε of the window around θ in which an input moves the threshold, for the error and for `l0`: 0.001 as in the ' +
      'paper and dictionary_learning; SAELens has 0.05.',
    default: 0.001,
    range: positive,
  }),
  frozen: frozen(),
};

/** The logarithms of the thresholds. */
export const logThreshold = 'log_threshold';

export const jumpRelu: Layer<typeof parameters> = {
  family: 'layer',
  name: 'jump_relu',
  peers: ['JumpReLU', 'jumprelu', 'JumpReLUSAE', 'JumpReluAutoEncoder'],
  version: 1,
  doc:
    'JumpReLU: `y = x` where x is above its unit’s threshold θ, else 0. The thresholds are learned as `log_threshold`, so that they ' +
    'stay positive, with a straight-through gradient, since a step has none: `∂y/∂θ = -θ/ε` where `|x - θ| < ε/2`, else 0. The gradient ' +
    'of the input is that of the units that are kept. A layer of its own, after `dense`; `l0` is its penalty.',
  source:
    'Rajamanoharan et al., Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders, 2024',
  parameters,
  example: 'encoder { dense(64)  code: jump_relu(bandwidth=0.01) }  loss mse(reduction=batchmean) + 0.01 * l0()',
  mistake: { text: 'encoder { dense(32)  code: jump_relu(threshold=0) }', code: 'AE306' },
  oracle: 'golden:jump-relu',
  activation: false,
  activates: true,
  heads: [],
  random: false,
  flattensInput: true,
  memory: { forward: 2, backward: 4 },
  shape: (_args, input) => ok([elementCount(input)]),
  weights({ threshold }, input) {
    const declared: Record<string, WeightDeclaration> = {
      [logThreshold]: {
        shape: [elementCount(input)],
        trainable: true,
        initial: { kind: 'constant', value: log(threshold) },
      },
    };
    return declared;
  },
  range: (_args, input) => ({ ...rectified(input), low: 0, lowOpen: false }),
  opposite: () => ok(null),
  lower: ({ abs, div, exp, greater, less, mul, neg, square, sub, sum, weightOf, where, withGradient, zerosLike }) => ({
    forward({ bandwidth }, input, context) {
      const thresholds = weightOf(context, logThreshold);
      return withGradient([input, thresholds], (save) => {
        const theta = exp(thresholds);
        save([input, theta]);
        return {
          value: where(greater(input, theta), input, zerosLike(input)),
          gradient(upstream, [x = input, limit = theta]) {
            const nothing = zerosLike(upstream);
            const near = less(abs(sub(x, limit)), bandwidth / 2);
            // θ/ε for the threshold, and θ once more for its logarithm.
            const slope = neg(div(square(limit), bandwidth));
            return [where(greater(x, limit), upstream, nothing), mul(sum(where(near, upstream, nothing), 0), slope)];
          },
        };
      });
    },
  }),
  saelens: {
    is: 'activation',
    of: ({ weight }) => ({ architecture: 'jumprelu', threshold: weight(logThreshold).map((value) => exp(value)) }),
  },
  onnx: {
    output: (_args, x, { node, scalar, weight }) =>
      node('Where', [node('Greater', [x, node('Exp', [weight(logThreshold)])]), x, scalar(0)]),
  },
  pytorch: {
    code: ({ threshold, bandwidth }, { output: [features = 1], module }) =>
      module(call('JumpReLU', [literal(features), literal(log(threshold)), literal(bandwidth)])),
    definition: `
class Jump(torch.autograd.Function):
    """x above its threshold, with a straight-through gradient of the threshold (Rajamanoharan et al. 2024)."""

    @staticmethod
    def forward(ctx, x, threshold, bandwidth):
        ctx.save_for_backward(x, threshold)
        ctx.bandwidth = bandwidth
        return torch.where(x > threshold, x, 0)

    @staticmethod
    def backward(ctx, upstream):
        x, threshold = ctx.saved_tensors
        near = (x - threshold).abs() < ctx.bandwidth / 2
        moved = -threshold / ctx.bandwidth * torch.where(near, upstream, 0).sum(0)
        return torch.where(x > threshold, upstream, 0), moved, None


class JumpReLU(nn.Module):
    """x above the learned threshold of its unit, else 0."""

    def __init__(self, features, log_threshold, bandwidth):
        super().__init__()
        self.bandwidth = bandwidth
        self.log_threshold = nn.Parameter(torch.full((features,), log_threshold))

    def forward(self, x):
        return Jump.apply(x, self.log_threshold.exp(), self.bandwidth)`,
  },
};

/** @throws RangeError for the arguments of another layer */
export function bandwidthOf({ bandwidth }: Readonly<Record<string, Value>>): number {
  if (typeof bandwidth !== 'number') throw new RangeError('only jump_relu has a bandwidth');
  return bandwidth;
}
