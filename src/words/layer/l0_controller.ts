import type { Tensor } from '@tensorflow/tfjs-core';
import { open } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { real } from '../../compiler/library/parameter.js';
import { failed, ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { exp, log } from '../../numerics/float64.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const positive = open(0, Number.POSITIVE_INFINITY);

const parameters = {
  target: real({
    peers: ['target_l0', 'l0_target', 'l0'],
    doc: 'The number of active units of an example that it steers to.',
    unit: 'units',
    range: positive,
  }),
  weight: real({
    peers: ['start', 'l1_coefficient', 'sparsity_penalty', 'initial'],
    doc: 'What the weight of the penalty starts from; it stays within a factor of a million of it.',
    default: 0.01,
    range: positive,
  }),
  rate: real({
    peers: ['lr', 'step_size', 'k_i'],
    doc: 'By how much the logarithm of the weight changes in a step, for L0 of twice the target or more.',
    default: 0.01,
    range: positive,
  }),
  frozen: frozen(),
};

/** The logarithm of the penalty's weight. */
export const logWeight = 'log_weight';
/** Active units of an example, a moving average over the steps. */
const activeUnits = 'active_units';

/** The average before the first step. */
const none = -1;
/** Share of a step in the average. */
const momentum = 0.05;
/** The farthest that the logarithm of the weight gets from its start. */
const span = log(1e6);
/** Relative distance from the target that counts as met. */
const near = 0.1;

export const l0Controller: Layer<typeof parameters> = {
  family: 'layer',
  name: 'l0_controller',
  peers: ['pi_controller', 'sparsity_controller', 'adaptive_l1', 'lagrange_multiplier'],
  version: 1,
  doc:
    'Passes its input on, and steers the weight λ of a penalty that names it (`l1(controller=code)`) to a number of active units: after each training ' +
    'step `log λ ← log λ + rate · min(1, L0 / target - 1)`, with the units of the batch that are not 0. More active units than the target raise the weight, fewer ' +
    'lower it. λ is not learned; it is in checkpoints and hashes, as is a moving average of L0, and a training that ends away from the target says so. A layer of its own, at the end of the encoder.',
  source:
    'dual ascent on a constraint, as in Gallego-Posada et al., Controlled sparsity via constrained optimization, NeurIPS 2022; on the logarithm, so that λ stays positive and needs no scale',
  parameters,
  example: `encoder { dense(64, activation=relu)  code: l0_controller(target=8) }
  loss mse(reduction=batchmean) + l1(controller=code)`,
  mistake: { text: 'encoder { dense(32, activation=relu)  code: l0_controller(target=33) }', code: 'AE306' },
  oracle: 'test:tests/runtime/lowering/l0_controller.test.ts',
  activation: false,
  heads: [],
  random: false,
  flattensInput: true,
  isController: true,
  memory: { forward: 3, backward: 0 },
  shape({ target }, input) {
    const units = elementCount(input);
    if (target <= units) return ok([units]);
    return failed('AE306', `a target of ${target} active units can't be met: there are ${units}`, {
      argument: 'target',
      hint: 'take a smaller target, or a wider layer',
    });
  },
  weights({ weight }) {
    const declared: Record<string, WeightDeclaration> = {
      [logWeight]: { shape: [1], trainable: false, initial: { kind: 'constant', value: log(weight) } },
      [activeUnits]: { shape: [1], trainable: false, initial: { kind: 'constant', value: none } },
    };
    return declared;
  },
  range: (_args, input) => input,
  opposite: () => ok(null),
  lower: (operations) => ({
    forward({ target, weight, rate, frozen }, input, context) {
      if (!context.training || frozen) return input;
      const { add, clipByValue, less, mul, sub, weightOf, where } = operations;
      const counted = activeOf(operations, input);
      const [average, before] = [weightOf(context, activeUnits), weightOf(context, logWeight)];
      const moved = add(mul(average, 1 - momentum), mul(counted, momentum));
      context.update(activeUnits, where(less(average, 0), add(mul(average, 0), counted), moved));
      const error = clipByValue(sub(mul(counted, 1 / target), 1), -1, 1);
      const start = log(weight);
      context.update(logWeight, clipByValue(add(before, mul(error, rate)), start - span, start + span));
      return input;
    },
  }),
  measures: (weight) => ({ active_units: weight(activeUnits), penalty_weight: exp(weight(logWeight)) }),
  complaint({ target, weight }, read) {
    const [active, ended] = [read(activeUnits), read(logWeight)];
    if (active < 0 || Math.abs(active / target - 1) <= near) return null;
    const isAtLimit = Math.abs(ended - log(weight)) > 0.999 * span;
    const more = isAtLimit
      ? 'at the limit of what it may be, so the target can’t be met by this penalty'
      : `still ${active > target ? 'rising' : 'falling'}: train longer, or take another weight or rate`;
    return `L0 is ${short(active)} at the end, and its target is ${short(target)}: the weight of its penalty is ${short(exp(ended))}, ${more}`;
  },
  onnx: { output: (_args, x) => x },
  saelens: { is: 'identity' },
  pytorch: {
    code: ({ target, weight, rate, frozen }, { module }) =>
      module(
        call('L0Controller', [literal(target), literal(log(weight)), literal(rate)]),
        frozen ? 'evaluation' : 'either',
      ),
    definition: `
class L0Controller(nn.Module):
    """Steers the weight of a penalty to a number of active units; \`factor\` is that of the steps before the last one."""

    def __init__(self, target, log_weight, rate):
        super().__init__()
        self.target, self.start, self.rate = target, log_weight, rate
        self.register_buffer("log_weight", torch.full((1,), log_weight))
        self.register_buffer("active_units", torch.full((1,), -1.0))

    def forward(self, x):
        self.factor = self.log_weight.exp().sum()
        if self.training:
            count = (x != 0).sum() / len(x)
            moved = self.active_units * ${1 - momentum} + count * ${momentum}
            self.active_units.copy_(torch.where(self.active_units < 0, count, moved))
            error = (count / self.target - 1).clamp(-1, 1)
            low, high = self.start - ${span}, self.start + ${span}
            self.log_weight.copy_((self.log_weight + self.rate * error).clamp(low, high))
        return x`,
  },
};

function activeOf({ abs, greater, mul, onesLike, sum, where, zerosLike }: Operations, input: Tensor): Tensor {
  const active = where(greater(abs(input), 0), onesLike(input), zerosLike(input));
  return mul(sum(active), 1 / (input.shape[0] ?? 1));
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
