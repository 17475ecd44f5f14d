import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { halfOpen } from '../../compiler/ir/interval.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import { choice, layer, type ResolvedArgumentsOf, scheduled } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { LossLoweringContext } from '../../runtime/lowering/lowering.js';
import type { Operations } from '../../runtime/lowering/operations.js';
import { reparameterize } from '../layer/reparameterize.js';
import { call, literal } from '../python.js';
import type { Loss } from '../word.js';

const positive = halfOpen(0, Number.POSITIVE_INFINITY);

const parameters = {
  on: layer({ doc: 'The `reparameterize` whose distribution is measured.', default: 'code' }),
  beta: scheduled({ doc: 'Weight β of the term; 1 is the evidence lower bound.', default: 1, range: positive }),
  free_bits: scheduled({
    doc: 'What each dimension may cost, on average over the batch, before it counts.',
    unit: 'nats',
    default: 0,
    range: positive,
  }),
  reduction: choice({
    doc:
      '`auto` takes the scale of the reconstruction: `sum` over the batch, `batchmean` per example, or `mean`, which is ' +
      'per example and divided by the size of the input. Another than the reconstruction’s is a warning.',
    options: ['auto', 'sum', 'batchmean', 'mean'],
    default: 'auto',
  }),
};

export const klGaussian: Loss<typeof parameters> = {
  family: 'loss',
  name: 'kl_gaussian',
  peers: ['KLDivLoss', 'KLDivergence', 'kl_div', 'kl', 'kld', 'kl_loss', 'kl_divergence'],
  version: 1,
  doc:
    'The divergence of the code’s distribution from the prior: `-½ Σ (1 + logvar - mu² - exp(logvar))` over its ' +
    'dimensions. With the reconstruction term it is the negative evidence lower bound, whatever the reduction of that term.',
  source:
    'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, appendix B; β: Higgins et al., ICLR 2017; free bits: ' +
    'Kingma et al., NeurIPS 2016, appendix C',
  parameters,
  example: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  loss bce(reduction=sum) + kl_gaussian(beta=warmup(1, over=1), free_bits=0.1)`,
  mistake: { text: 'loss bce(reduction=sum) + kl_gaussian()', code: 'AE504' },
  oracle: 'table:losses.json#kl_gaussian golden:vae',
  role: 'penalty',
  weight: 'beta',
  check({ reduction }, { on, reconstruction }) {
    const place = on.on;
    if (place && place.word !== reparameterize.name) {
      return [
        problem('AE504', `kl_gaussian needs a distribution, and '${place.word}' gives values alone`, {
          argument: 'on',
          hint: 'end the encoder in: reparameterize { mu: dense(20)  logvar: dense(20) }',
        }),
      ];
    }
    if (reduction === 'auto' || reconstruction === null || reduction === reconstruction) return [];
    return [
      problem(
        'AE507',
        `the reconstruction has reduction=${reconstruction}, so with reduction=${reduction} here the sum is no evidence lower bound`,
        { severity: 'warning', argument: 'reduction', hint: 'leave the reduction out, and change beta instead' },
      ),
    ];
  },
  sumsOverExamples: ({ reduction }) => reduction === 'sum',
  lower: (operations) => ({
    /**
     * `auto` has become the reduction of the reconstruction by now; `mean` is also divided by the size of the input.
     */
    value(args, { layer, prediction }) {
      const examples = layer({ ...args.on, head: 'mu' }).shape[0] ?? 1;
      const means = meanDivergences(operations, args.on, layer);
      const term = ofExample(operations, args, means, prediction.size / examples);
      return args.reduction === 'sum' ? operations.mul<Scalar>(term, examples) : term;
    },
    statistic: {
      mean: ({ on }, { layer }) => meanDivergences(operations, on, layer),
      value: (args, perDimension, inputElements) => ofExample(operations, args, perDimension, inputElements),
    },
  }),
  pytorch: {
    expression: ({ on, free_bits, reduction }, { wantedElements, number, output }) =>
      call('kl_gaussian', [output(on, 'mu'), output(on, 'logvar')], {
        free_bits: number(free_bits),
        reduction: literal(reduction),
        inputs: literal(wantedElements),
      }),
    definition: `
def kl_gaussian(mu, logvar, free_bits, reduction, inputs):
    """KL divergence of N(mu, exp(logvar)) from N(0, 1); each dimension costs at least free_bits (Kingma et al. 2016)."""
    per_dimension = ((mu.square() + torch.expm1(logvar) - logvar) / 2).mean(0)
    if free_bits > 0:
        per_dimension = per_dimension.clamp(min=free_bits)
    scale = {"sum": len(mu), "batchmean": 1, "mean": 1 / inputs}[reduction]
    return per_dimension.sum() * scale`,
  },
};

type Layers = LossLoweringContext['layer'];

/** `½ (mu² + exp(logvar) - 1 - logvar)` of each example and dimension. */
function divergences(operations: Operations, on: LayerReference, layer: Layers): Tensor {
  const { add, exp, expm1, mul, square, sub, withGradient } = operations;
  const mu = layer({ ...on, head: 'mu' });
  const logvar = layer({ ...on, head: 'logvar' });
  return withGradient([mu, logvar], (save) => {
    save([mu, logvar]);
    return {
      value: mul(add(square(mu), sub(expm1(logvar), logvar)), 0.5),
      gradient: (upstream, [m = mu, v = logvar]) => [mul(upstream, m), mul(upstream, mul(sub(exp(v), 1), 0.5))],
    };
  });
}

/** Their mean over the batch, of each dimension. */
function meanDivergences(operations: Operations, on: LayerReference, layer: Layers): Tensor {
  const fused = operations.fusedOperations();
  if (!fused) return operations.mean(divergences(operations, on, layer), 0);
  return fused.gaussianDivergence(layer({ ...on, head: 'mu' }), layer({ ...on, head: 'logvar' }));
}

/** The term of one example, from the mean divergence of each dimension; every dimension may cost `free_bits`. */
function ofExample(
  { maximum, mul, sum }: Operations,
  { free_bits: freeBits, reduction }: ResolvedArgumentsOf<typeof parameters>,
  perDimension: Tensor,
  inputElements: number,
): Scalar {
  const counted = freeBits > 0 ? maximum(perDimension, freeBits) : perDimension;
  const total = sum<Scalar>(counted);
  return reduction === 'mean' ? mul<Scalar>(total, 1 / inputElements) : total;
}
