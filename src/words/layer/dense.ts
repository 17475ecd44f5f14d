import { realLine } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { activation, boolean, integer, word } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { constraint, frozen, learnedWeights } from './weights.js';

const parameters = {
  features: integer({
    peers: ['out_features', 'units'],
    doc: 'Number of units, the size of the output.',
    unit: 'units',
  }),
  activation: activation({ doc: 'The same as this activation as the next layer.', default: null }),
  bias: boolean({ peers: ['use_bias'], doc: 'Whether `b` is there.', default: true }),
  init: word({
    peers: ['kernel_initializer'],
    family: 'initializer',
    doc: 'What `W` starts from. `b` starts from U(±1/√inputs) with `torch()`, from zero with any other.',
    default: 'torch',
  }),
  frozen: frozen(),
  constraint: constraint(),
};

export const dense: Layer<typeof parameters> = {
  family: 'layer',
  name: 'dense',
  peers: ['Linear', 'Dense', 'LazyLinear', 'fully_connected', 'fc'],
  inferred: 'in_features',
  version: 1,
  doc:
    'Fully connected layer: `y = x Wᵀ + b`, from `[inputs]` to `[features]`. `W` is `[features, inputs]`, as in ' +
    'PyTorch. An image is flattened first.',
  parameters,
  example: 'encoder { dense(64, activation=relu)  code: dense(16, init=xavier(), bias=false) }',
  mistake: { text: 'encoder { code: dense(0) }', code: 'AE306' },
  oracle: 'golden:dense-deep-tied',
  activation: false,
  heads: [],
  random: false,
  flattensInput: true,
  fusesActivation: true,
  mixing: 'weights',
  shape({ features }, input) {
    if (input.length !== 1)
      return failed('AE402', 'dense takes features, not an image', { hint: 'put flatten() before it' });
    return ok([features]);
  },
  weights({ features, bias, init }, input) {
    const inputs = elementCount(input);
    return learnedWeights({
      shape: [features, inputs],
      biases: bias ? features : null,
      initializer: init,
      fanIn: inputs,
      fanOut: features,
    });
  },
  range: () => realLine,
  opposite: ({ bias, init }, at) =>
    ok({ word: 'dense', arguments: { features: elementCount(at.input), bias, init }, reference: null }),
  lower: ({ add, matMul, weightOf }) => ({
    forward({ bias }, input, context) {
      const ownLayout = !context.tied.has('weight');
      const product = matMul(input, weightOf(context, 'weight'), false, ownLayout);
      return bias ? add(product, weightOf(context, 'bias')) : product;
    },
    fusedForward: ({ bias }, input, context, activation, fused) =>
      fused.dense({
        input,
        constantInput: context.constantInput,
        weight: weightOf(context, 'weight'),
        transposed: !context.tied.has('weight'),
        bias: bias ? weightOf(context, 'bias') : null,
        activation,
      }),
  }),
  saelens: { is: 'affine' },
  onnx: {
    output(_args, x, { hasBias, isTied, node, weight }) {
      const bias = hasBias ? [weight('bias')] : [];
      return node('Gemm', [x, weight('weight'), ...bias], { transB: { int: isTied('weight') ? 0 : 1 } });
    },
  },
  pytorch: {
    code: (_args, { input: [inputs = 1], output: [features = 1], ...place }) =>
      place.weighted({
        module: call('nn.Linear', [literal(inputs), literal(features)], { bias: place.hasBias ? null : 'False' }),
        tied: (x, weight, bias) => call('F.linear', [x, `${weight}.t()`, bias]),
      }),
  },
};
