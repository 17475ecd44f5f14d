import type { Scalar } from '@tensorflow/tfjs-core';
import { open } from '../../compiler/ir/interval.js';
import { layer, real } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import { log } from '../../numerics/float64.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';
import { reachesTarget } from './reach.js';
import { growsWithBatch, reduction } from './reduction.js';

const parameters = {
  reduction: reduction(),
  eps: real({ doc: 'The least variance that counts.', default: 1e-6, range: open(0, Number.POSITIVE_INFINITY) }),
  on: layer({ doc: 'The layer with the heads: that which gives the output.', default: 'output' }),
};

export const gaussianNll: Loss<typeof parameters> = {
  family: 'loss',
  name: 'gaussian_nll',
  peers: ['GaussianNLLLoss', 'gaussian_nll_loss'],
  version: 1,
  doc:
    'Negative log-likelihood of the target t under a normal distribution with the decoder’s mean y and variance v: ' +
    '`½ (log v + (t - y)² / v + log 2π)`, in nats. The decoder ends in `gaussian_head`. With `reduction=sum` it is the ' +
    'likelihood term of the evidence lower bound. A variance below `eps` counts as `eps`, so that pixels that never change do not ' +
    'make the loss fall without end; its gradient goes on, as in PyTorch.',
  source: '`torch.nn.GaussianNLLLoss` with `full=True`',
  parameters,
  example: `decoder { dense(64, activation=relu)  gaussian_head { mu: dense(input.size)  logvar: dense(input.size) } }
  loss gaussian_nll(reduction=batchmean)`,
  mistake: { text: 'loss gaussian_nll()', code: 'AE504' },
  oracle: 'table:losses.json#gaussian_nll golden:gaussian-heads',
  role: 'reconstruction',
  weight: null,
  tensors: 6,
  check(_args, context) {
    const place = context.on.on;
    if (place === undefined) return [];
    if (place.heads.logvar === undefined) {
      return [
        problem('AE504', `gaussian_nll needs a variance, and '${place.word}' gives none`, {
          hint: 'end the decoder in: gaussian_head { mu: dense(input.size)  logvar: dense(input.size) }, or use mse()',
        }),
      ];
    }
    if (!place.isOutput) {
      return [
        problem('AE504', `gaussian_nll compares the output, and '${place.word}' does not give it`, {
          argument: 'on',
          hint: 'put what follows it into its braces: mu: dense(input.size, activation=sigmoid)',
        }),
      ];
    }
    return reachesTarget(context);
  },
  sumsOverExamples: growsWithBatch,
  /** The variance is at least `eps`; its derivative is that of `exp(logvar)`, whatever counts. */
  lower: ({ add, exp, maximum, minimum, mul, neg, reductionFactor, square, sub, sum, withGradient }) => ({
    value({ eps, on, reduction }, { layer, prediction, target }) {
      const logvar = layer({ ...on, head: 'logvar' });
      const least = log(eps);
      const factor = reductionFactor(reduction, prediction);
      return withGradient<Scalar>([prediction, logvar], (save) => {
        save([prediction, target, logvar]);
        const counted = maximum(logvar, least);
        const scaled = mul(square(sub(prediction, target)), exp(neg(counted)));
        return {
          value: mul<Scalar>(sum(add(add(counted, scaled), log2Pi)), factor / 2),
          gradient: (upstream, [y = prediction, t = target, v = logvar]) => {
            const precision = exp(neg(maximum(v, least)));
            const difference = mul(sub(y, t), precision);
            const ofLogvar = mul(
              sub(1, mul(difference, sub(y, t))),
              mul(exp(minimum(sub(v, least), 0)), mul(upstream, factor / 2)),
            );
            const shared = v.shape.flatMap((size, axis) => (size === 1 && y.shape[axis] !== 1 ? [axis] : []));
            return [
              mul(difference, mul(upstream, factor)),
              shared.length === 0 ? ofLogvar : sum(ofLogvar, shared, true),
            ];
          },
        };
      });
    },
  }),
  pytorch: {
    expression({ eps, on, reduction }, { output }) {
      const variance = `${output(on, 'logvar')}.exp().expand_as(y)`;
      const total = reduction === 'batchmean' ? 'sum' : reduction;
      const settings = { full: 'True', eps: literal(eps), reduction: literal(total) };
      const term = call('F.gaussian_nll_loss', ['y', 't', variance], settings);
      return reduction === 'batchmean' ? `${term} / len(y)` : term;
    },
  },
};

const log2Pi = log(2 * Math.PI);
