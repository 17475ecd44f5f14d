import { open, realLine } from '../../ir/interval.js';
import { elementCount } from '../../ir/shape.js';
import { real } from '../parameter.js';
import { granted, type LayerWord, refused, type WeightDeclaration } from '../word.js';

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
};

export const batchNorm: LayerWord<typeof parameters> = {
  family: 'layer',
  name: 'batch_norm',
  peers: ['BatchNorm1d', 'BatchNorm2d', 'BatchNormalization', 'LazyBatchNorm1d', 'LazyBatchNorm2d'],
  inferred: 'num_features',
  version: 1,
  doc:
    'Normalises each feature, or each channel over height and width too: `y = weight (x - mean) / √(var + eps) + bias`. ' +
    'While training, mean and biased variance are those of the batch; outside training they are the running ones, ' +
    '`r ← (1 - momentum) r + momentum v`, with the unbiased variance for v. The running statistics are not learned. A batch ' +
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
  shape: (_args, input) => granted(input),
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
  leastBatch: (input) => (elementCount(input) > (input[0] ?? 1) ? 1 : 2),
  opposite: () => refused('AE505', 'batch norm has no opposite', { hint: 'write the decoder out, layer by layer' }),
};
