import type { Tensor } from '@tensorflow/tfjs-core';
import { open, realLine } from '../../compiler/ir/interval.js';
import { real } from '../../compiler/library/parameter.js';
import { failed, ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  eps: real({
    peers: ['epsilon'],
    doc: 'Added to the variance.',
    default: 1e-5,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  frozen: frozen(),
};

export const layerNorm: Layer<typeof parameters> = {
  family: 'layer',
  name: 'layer_norm',
  peers: ['LayerNorm', 'LayerNormalization'],
  inferred: 'normalized_shape',
  version: 1,
  doc:
    'Normalises each example over all its values: `y = weight (x - mean) / √(var + eps) + bias`, with the biased ' +
    'variance, the same in training and outside it. `weight` and `bias` have the shape of the input.',
  source: 'Ba, Kiros and Hinton, Layer normalization, arXiv:1607.06450; `torch.nn.LayerNorm`',
  parameters,
  example: 'encoder { dense(64)  layer_norm()  relu()  code: dense(16) }',
  mistake: { text: 'encoder { dense(64)  layer_norm(eps=0)  code: dense(16) }', code: 'AE306' },
  oracle: 'test:tests/runtime/lowering/layer_norm.test.ts',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  memory: { forward: 3, backward: 5 },
  shape: (_args, input) => ok(input),
  weights(_args, input) {
    const declared: Record<string, WeightDeclaration> = {
      weight: { shape: input, trainable: true, initial: { kind: 'constant', value: 1 } },
      bias: { shape: input, trainable: true, initial: { kind: 'constant', value: 0 } },
    };
    return declared;
  },
  range: () => realLine,
  opposite: () => failed('AE505', 'layer norm has no opposite', { hint: 'write the decoder out, layer by layer' }),
  /** Statistics over all elements of an example. */
  lower: ({ add, mul, standardize, transpose, weightOf }) => {
    // Weights have an example's shape, `[channels, height, width]` for images; activations are channels-last.
    const inside = (weight: Tensor) =>
      weight.rank === 1 ? weight : transpose(weight, [...weight.shape.slice(1).map((_, axis) => axis + 1), 0]);
    return {
      forward({ eps }, input, context) {
        const axes = input.shape.slice(1).map((_, axis) => axis + 1);
        const standardized = standardize(input, axes, eps);
        return add(mul(standardized, inside(weightOf(context, 'weight'))), inside(weightOf(context, 'bias')));
      },
    };
  },
  onnx: {
    output: ({ eps }, x, { node, weight }) =>
      node('LayerNormalization', [x, weight('weight'), weight('bias')], { axis: { int: 1 }, epsilon: { float: eps } }),
  },
  pytorch: {
    code: ({ eps }, { input, module }) => module(call('nn.LayerNorm', [literal(input)], { eps: literal(eps) })),
  },
};
