import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { open } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import { layer, real } from '../../compiler/library/parameter.js';
import { type Problem, problem } from '../../compiler/library/word.js';
import type { LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { bandwidthOf, jumpRelu, logThreshold } from '../layer/jump_relu.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';
import { checkController, controlled, controlledInPytorch, controller } from './controller.js';

const parameters = {
  on: layer({ doc: 'A `jump_relu`, whose thresholds it moves.', default: 'code' }),
  target: real({
    peers: ['target_l0', 'l0_target'],
    doc: 'The number of active units to steer to: the penalty is then `(L0 / target - 1)²`, of the L0 of a whole batch.',
    unit: 'units',
    default: null,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  controller: controller(),
};

export const l0: Loss<typeof parameters> = {
  family: 'loss',
  name: 'l0',
  peers: ['l0_norm', 'l0_loss', 'L0'],
  version: 1,
  doc:
    'The number of units of an example that are above their threshold θ, averaged over the batch: the sparsity penalty of `jump_relu`. ' +
    'Its gradient is a straight-through one, of the thresholds alone: `∂/∂θ = -1/ε` for each input with `|x - θ| < ε/2`, ' +
    'where ε is the `bandwidth` of that layer. In an evaluation with a `target`, L0 is that of the whole part.',
  source:
    'Rajamanoharan et al., Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders, 2024; with a ' +
    '`target` as in dictionary_learning’s `JumpReluTrainer`',
  parameters,
  example:
    'encoder { dense(64)  code: jump_relu(bandwidth=0.01) }  loss mse(reduction=batchmean) + 0.01 * l0(target=8)',
  mistake: { text: 'encoder { code: dense(32, activation=relu) }  loss mse() + 0.01 * l0()', code: 'AE504' },
  oracle: 'golden:jump-relu test:tests/runtime/lowering/jump_relu.test.ts',
  role: 'penalty',
  weight: null,
  check({ target }, { on }) {
    const place = on.on;
    if (!place) return [];
    if (place.word !== jumpRelu.name) return [withoutThresholds(place.word)];
    const steered = checkController(on.controller);
    if (steered.length > 0) return steered;
    if (target !== null && on.controller !== undefined) return [twoTargets()];
    const units = elementCount(place.shape);
    if (target === null || target <= units) return [];
    const message = `a target of ${target} active units can't be met: the layer has ${units}`;
    return [problem('AE306', message, { argument: 'target', hint: 'take a smaller target, or a wider layer' })];
  },
  sumsOverExamples: () => false,
  lower: (operations) => ({
    value: ({ on, target, controller }, context) =>
      controlled(operations, penalty(operations, activeUnits(operations, context, on), target), context, controller),
    statistic: {
      // With a controller there is no target, and the penalty is the number itself.
      mean: ({ on, controller }, context) =>
        controlled(operations, activeUnits(operations, context, on), context, controller),
      value: ({ target }, mean) => penalty(operations, mean, target),
    },
  }),
  pytorch: {
    expression({ on, target, controller }, place) {
      const { below, module, output } = place;
      const value = call('l0', [output(below(on)), module(on)], { target: literal(target) });
      return controlledInPytorch(value, controller, place);
    },
    definition: `
def l0(x, layer, target):
    """Units above their threshold, mean over the batch; with a target, the squared relative distance from it."""
    active = Step.apply(x, layer.log_threshold.exp(), layer.bandwidth).sum() / len(x)
    return active if target is None else (active / target - 1).square()


class Step(torch.autograd.Function):
    """1 above the threshold, with a straight-through gradient of the threshold (Rajamanoharan et al. 2024)."""

    @staticmethod
    def forward(ctx, x, threshold, bandwidth):
        ctx.save_for_backward(x, threshold)
        ctx.bandwidth = bandwidth
        return (x > threshold).to(x)

    @staticmethod
    def backward(ctx, upstream):
        x, threshold = ctx.saved_tensors
        near = (x - threshold).abs() < ctx.bandwidth / 2
        return None, -torch.where(near, upstream, 0).sum(0) / ctx.bandwidth, None`,
  },
};

function withoutThresholds(word: string): Problem {
  return problem('AE504', `l0 moves the thresholds of a jump_relu, and '${word}' has none: it would have no gradient`, {
    argument: 'on',
    hint: 'use l1(), or end the encoder in: dense(64)  code: jump_relu()',
  });
}

function twoTargets(): Problem {
  return problem('AE303', 'L0 is steered twice: to a target of the penalty, and by a controller', {
    argument: 'target',
    hint: 'leave one of them out',
  });
}

/** Active units of an example, on average over the batch. */
function activeUnits(
  { abs, exp, greater, less, mul, onesLike, sub, sum, where, withGradient, zerosLike }: Operations,
  { argumentsOf, below, layer, weight }: LossLoweringContext,
  on: LayerReference,
): Scalar {
  const bandwidth = bandwidthOf(argumentsOf(on));
  const input = layer(below(on));
  const examples = input.shape[0] ?? 1;
  const thresholds = weight(on, logThreshold);
  return withGradient<Scalar>([thresholds], (save) => {
    const theta = exp(thresholds);
    save([input, theta]);
    return {
      value: mul<Scalar>(sum<Scalar>(where(greater(input, theta), onesLike(input), zerosLike(input))), 1 / examples),
      gradient(upstream, [x = input, limit = theta]) {
        const near = less(abs(sub(x, limit)), bandwidth / 2);
        const counts = sum(where(near, onesLike(x), zerosLike(x)), 0);
        // 1/ε for the threshold, and θ for its logarithm.
        return [mul(mul(counts, limit), mul(upstream, -1 / (bandwidth * examples)))];
      },
    };
  });
}

function penalty({ mul, square, sub, sum }: Operations, active: Tensor, target: number | null): Scalar {
  return target === null ? sum<Scalar>(active) : square<Scalar>(sub<Scalar>(mul(active, 1 / target), 1));
}
