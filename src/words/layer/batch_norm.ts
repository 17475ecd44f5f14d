import type { Tensor } from '@tensorflow/tfjs-core';
import { open, realLine } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { real } from '../../compiler/library/parameter.js';
import { failed, ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  momentum: real({
    doc: 'Part of the batch’s statistics in the running ones at each step.',
    default: 0.1,
    range: open(0, 1),
  }),
  eps: real({
    peers: ['epsilon'],
    doc: 'Added to the variance.',
    default: 1e-5,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  frozen: frozen(),
};

export const batchNorm: Layer<typeof parameters> = {
  family: 'layer',
  name: 'batch_norm',
  peers: ['BatchNorm1d', 'BatchNorm2d', 'BatchNormalization', 'LazyBatchNorm1d', 'LazyBatchNorm2d'],
  inferred: 'num_features',
  version: 1,
  doc:
    'Normalises each feature, or each channel over height and width too: `y = weight (x - mean) / √(var + eps) + bias`. ' +
    'While training, mean and biased variance are those of the batch; outside training they are the running ones, ' +
    '`r ← (1 - momentum) r + momentum v`, with the unbiased variance for v. The running statistics are not learned; while `frozen`, the layer normalises with them in training too. A batch ' +
    'with one value of each feature has no variance: it gives `bias` and leaves the running statistics as they are.',
  source: 'Ioffe and Szegedy, Batch normalization, ICML 2015; `torch.nn.BatchNorm1d`, `torch.nn.BatchNorm2d`',
  parameters,
  example: 'encoder { dense(64)  batch_norm()  relu()  code: dense(16) }',
  mistake: {
    text: `encoder { dense(64)  batch_norm()  code: dense(16) }
  decoder mirror(encoder, output=sigmoid)`,
    code: 'AE505',
  },
  oracle: 'golden:batchnorm-dense golden:batchnorm-conv',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  memory: { forward: 3, backward: 5 },
  shape: (_args, input) => ok(input),
  weights(_args, input) {
    const shape = [input[0] ?? 1];
    const one = { kind: 'constant', value: 1 } as const;
    const zero = { kind: 'constant', value: 0 } as const;
    const declared: Record<string, WeightDeclaration> = {
      weight: { shape, trainable: true, initial: one },
      bias: { shape, trainable: true, initial: zero },
      running_mean: { shape, trainable: false, initial: zero },
      running_var: { shape, trainable: false, initial: one },
    };
    return declared;
  },
  range: () => realLine,
  // One value has no variance.
  leastBatch: {
    examples: (input) => (elementCount(input) > (input[0] ?? 1) ? 1 : 2),
    hint: "its statistics are those of the batch; make batch larger, or use 'layer_norm'",
  },
  opposite: () => failed('AE505', 'batch norm has no opposite', { hint: 'write the decoder out, layer by layer' }),
  /** Statistics over the batch, and over height and width of images: all axes but the last. */
  lower: ({ add, mul, reshape, rsqrt, standardize, sub, weightOf }) => ({
    forward({ eps, momentum, frozen }, input, context) {
      const weight = weightOf(context, 'weight');
      const shifted = (values: Tensor) => (context.weights.bias ? add(values, context.weights.bias) : values);
      const runningMean = weightOf(context, 'running_mean');
      const runningVar = weightOf(context, 'running_var');
      if (!context.training || frozen) {
        const scale = mul(weight, rsqrt(add(runningVar, eps)));
        return shifted(mul(sub(input, runningMean), scale));
      }
      const axes = input.shape.slice(0, -1).map((_, axis) => axis);
      const rows = input.size / weight.size;
      const standardized = standardize(input, axes, eps, ({ mean, variance }) => {
        // One value has no variance, and what it would leave of the running one is not that of the data.
        if (rows === 1) return;
        const unbiased = mul(reshape(variance, weight.shape), rows / (rows - 1));
        const current = reshape(mean, weight.shape);
        context.update('running_mean', add(mul(runningMean, 1 - momentum), mul(current, momentum)));
        context.update('running_var', add(mul(runningVar, 1 - momentum), mul(unbiased, momentum)));
      });
      return shifted(mul(standardized, weight));
    },
  }),
  onnx: {
    output: ({ eps }, x, { node, weight }) =>
      node('BatchNormalization', [x, ...['weight', 'bias', 'running_mean', 'running_var'].map(weight)], {
        epsilon: { float: eps },
      }),
  },
  pytorch: {
    code({ eps, momentum, frozen }, { input, module }) {
      const [features = 1] = input;
      const kind = input.length === 3 ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d';
      const constructed = call(kind, [literal(features)], { eps: literal(eps), momentum: literal(momentum) });
      return module(constructed, frozen ? 'evaluation' : 'either');
    },
  },
};
