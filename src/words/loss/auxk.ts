import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { elementCount } from '../../compiler/ir/shape.js';
import { boolean, integer, layer, type ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import { type LossLayer, type Problem, problem } from '../../compiler/library/word.js';
import type { LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { countDead, idleSteps, stepsUntilDead } from '../layer/count_dead.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';
import { linearDecoder } from './linear-decoder.js';

const parameters = {
  k: integer({
    peers: ['k_aux', 'top_k_aux', 'auxk'],
    doc: 'Dead units that are kept of an example: about half of the inputs in the paper and in both libraries.',
    unit: 'units',
  }),
  on: layer({ doc: 'The `count_dead` at the end of the encoder.', default: 'code' }),
  decoder: layer({ doc: 'The end of the decoder, which is a single dense layer.', default: 'output' }),
  normalize: boolean({
    doc: 'Whether the error is divided by the variance of what is rebuilt, as in the paper and dictionary_learning; SAELens does not.',
    default: true,
  }),
};

type Arguments = ResolvedArgumentsOf<typeof parameters>;

export const auxk: Loss<typeof parameters> = {
  family: 'loss',
  name: 'auxk',
  peers: ['AuxK', 'aux_k', 'aux_loss', 'auxk_loss', 'auxiliary_loss'],
  version: 1,
  doc:
    'AuxK revives dead units: the `k` strongest dead ones of each example rebuild the error that the others leave. With e = t - y, which ' +
    'gets no gradient, and h the units that are dead by `count_dead` before their activation, the k largest of them rectified, it is ' +
    '`‖W h - e‖² / Σ‖e - ē‖² · min(dead / k, 1)`, summed over the values and averaged over the batch. It is 0 while no unit is dead. ' +
    'A unit is dead if none of the last `steps` batches before this one activated it.',
  source:
    'Gao et al., Scaling and evaluating sparse autoencoders, 2024, section 2.4 and appendix A.2; the factor `min(dead / k, 1)` as in SAELens',
  parameters,
  example: `encoder { dense(64, activation=topk(8))  code: count_dead(steps=1000) }
  decoder { dense(input.size) }
  loss mse() + 0.03125 * auxk(k=32)`,
  mistake: {
    text: 'encoder { code: dense(64, activation=topk(8)) }  decoder { dense(input.size) }  loss mse() + auxk(k=32)',
    code: 'AE504',
  },
  oracle: 'golden:auxk',
  role: 'penalty',
  weight: null,
  tensors: 4,
  check({ k }, { on }) {
    const [counted, end] = [on.on, on.decoder];
    if (!counted || !end) return [];
    if (counted.word !== countDead.name) return [withoutCounters(counted)];
    const [activation, sum] = counted.down;
    if (activation?.isActivation !== true || sum === undefined) return [withoutActivation()];
    const units = elementCount(counted.shape);
    return [
      ...(k <= units
        ? []
        : [
            problem('AE306', `auxk(${k}) keeps more than the ${units} units that there are`, {
              argument: 'k',
              hint: `take a k of ${units} at most, or a wider layer`,
            }),
          ]),
      ...linearDecoder('auxk', counted, end),
    ];
  },
  sumsOverExamples: () => false,
  lower: (operations) => ({
    value(args, context) {
      const { mul, square, sub, sum, withGradient } = operations;
      const { rebuilt, share } = revived(operations, args, context);
      return withGradient<Scalar>([rebuilt], (save) => {
        // Computed in here, the error has no gradient.
        const error = errorOf(operations, context);
        const rest = sub(rebuilt, error);
        const factor = args.normalize ? divided(operations, share, momentsOf(operations, error)) : share;
        save([rest, factor]);
        const examples = rest.shape[0] ?? 1;
        return {
          value: mul<Scalar>(sum<Scalar>(square(rest)), mul(factor, 1 / examples)),
          gradient: (upstream, [difference = rest, scale = factor]) => [
            mul(difference, mul(upstream, mul(scale, 2 / examples))),
          ],
        };
      });
    },
    /** The mean over examples of the squared distance, of `‖e‖²`, and of e. */
    statistic: {
      mean(args, context) {
        const { concat, mean, mul, reshape, square, sub, sum } = operations;
        const { rebuilt, share } = revived(operations, args, context);
        const error = errorOf(operations, context);
        const squares: Tensor = mul(mean(sum(square(sub(rebuilt, error)), 1)), share);
        return concat([reshape(squares, [1]), momentsOf(operations, error)]);
      },
      value({ normalize }, means) {
        const { slice, sum } = operations;
        const squares: Scalar = sum(slice(means, [0], [1]));
        return normalize ? divided(operations, squares, slice(means, [1], [means.size - 1])) : squares;
      },
    },
  }),
  pytorch: {
    expression: ({ k, on, decoder, normalize }, { below, module, output, weightUnder }) =>
      call('auxk', [output(below(below(on))), module(on), 'y', 't', weightUnder(decoder)], {
        k: literal(k),
        normalize: literal(normalize),
      }),
    definition: `
def auxk(before, counters, y, t, weight, k, normalize):
    """How far the strongest dead units are from rebuilding the error of the others (Gao et al. 2024)."""
    error = (t - y).detach().flatten(1)
    values = torch.where(counters.dead, F.relu(before), 0)
    places = values.sort(dim=1, descending=True, stable=True).indices[:, :k]
    kept = torch.zeros_like(values).scatter(1, places, values.gather(1, places))
    distance = F.linear(kept, weight).sub(error).square().sum(1).mean()
    if normalize:
        variance = (error - error.mean(0)).square().sum(1).mean()
        distance = distance / variance if variance > 0 else 0 * distance
    return distance * (counters.dead.sum() / k).clamp(max=1)`,
  },
};

/** The reconstruction by the strongest dead units, `[batch, outputs]`, and their share of the k, at most 1. */
function revived(
  { cast, greaterEqual, keepLargest, matMul, minimum, mul, sum }: Operations,
  { k, on, decoder }: Arguments,
  { argumentsOf, below, layer, weight }: LossLoweringContext,
): { readonly rebuilt: Tensor; readonly share: Tensor } {
  const dead = cast(greaterEqual(weight(on, idleSteps), stepsUntilDead(argumentsOf(on))), 'float32');
  const kept = keepLargest(mul(layer(below(below(on))), dead), k, 'rectified');
  return { rebuilt: matMul(kept, weight(decoder, 'weight'), false, true), share: minimum(mul(sum(dead), 1 / k), 1) };
}

/** t - y, in the order of the decoder's outputs. */
function errorOf({ sub, toElements }: Operations, { prediction, target }: LossLoweringContext): Tensor {
  const { shape } = prediction;
  return toElements(sub(target, prediction), [shape.at(-1) ?? 1, ...shape.slice(1, -1)]);
}

/** The mean over examples of `‖e‖²`, and of e. */
function momentsOf({ concat, mean, reshape, square, sum }: Operations, error: Tensor): Tensor {
  return concat([reshape(mean(sum(square(error), 1)), [1]), mean(error, 0)]);
}

/** A number over the variance that the moments are of; 0 for errors that are all alike. */
function divided(
  { div, greater, mul, onesLike, reshape, slice, square, sub, sum, where }: Operations,
  value: Tensor,
  moments: Tensor,
): Scalar {
  const squares = reshape(slice(moments, [0], [1]), []);
  const variance = sub(squares, sum(square(slice(moments, [1], [moments.size - 1]))));
  const varies = greater(variance, 0);
  const quotient: Scalar = div(value, where(varies, variance, onesLike(variance)));
  const zero: Scalar = mul(value, 0);
  return where(varies, quotient, zero);
}

function withoutCounters({ word }: LossLayer): Problem {
  return problem('AE504', `auxk revives units that count_dead counts as dead, and '${word}' counts none`, {
    argument: 'on',
    hint: 'end the encoder in: dense(64, activation=topk(8))  code: count_dead(steps=1000)',
  });
}

function withoutActivation(): Problem {
  return problem('AE504', 'auxk needs the units before their activation, and nothing below count_dead is one', {
    argument: 'on',
    hint: 'end the encoder in: dense(64, activation=topk(8))  code: count_dead(steps=1000)',
  });
}
