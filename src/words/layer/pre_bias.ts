import type { InitialValue } from '../../compiler/ir/experiment.js';
import { realLine } from '../../compiler/ir/interval.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { choice, real } from '../../compiler/library/parameter.js';
import { ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  init: real({ doc: 'What all its numbers start from.', default: 0 }),
  frozen: frozen(),
};

const startingParameters = {
  ...parameters,
  start: choice({
    peers: ['b_dec_init_method', 'decoder_bias_init_method'],
    doc:
      'Starts from the `mean` or the `geometric_median` of the first 4,096 training examples, clean and after the transforms, in the ' +
      'place of `init`.',
    options: ['mean', 'geometric_median'],
    default: null,
  }),
};

const common = {
  family: 'layer',
  version: 1,
  activation: false,
  heads: [],
  random: false,
  flattensInput: true,
  memory: { backward: 1 },
  shape: (_args: unknown, input: readonly number[]) => ok([elementCount(input)]),
  range: () => realLine,
  opposite: () => ok(null),
} as const;

export const preBias: Layer<typeof startingParameters> = {
  ...common,
  parameters: startingParameters,
  alternatives: ['init', 'start'],
  name: 'pre_bias',
  peers: ['b_dec', 'apply_b_dec_to_input', 'decoder_bias', 'b_pre'],
  doc:
    'Subtracts the decoder’s bias from the input, as the first layer of a sparse autoencoder: `y = x - b`, and the output of ' +
    'the decoder is `W h + b` with the same b. The compiler adds it there (`post_bias`), so the decoder’s last layer takes ' +
    '`bias=false`. An image is flattened first. It may start from the center of the data.',
  source:
    'Bricken et al., Towards monosemanticity, 2023; Gao et al., Scaling and evaluating sparse autoencoders, 2024, section 2',
  example: `encoder { pre_bias()  code: dense(64, activation=topk(8)) }
  decoder { dense(input.size, bias=false) }`,
  mistake: {
    text: `encoder { h: dense(64, activation=relu)  pre_bias()  code: dense(16) }
  decoder { dense(input.size, bias=false) }`,
    code: 'AE505',
  },
  oracle: 'golden:pre-bias',
  givenBack: 'post_bias',
  weights: ({ init, start }, input) =>
    declared(input, start === null ? { kind: 'constant', value: init } : { kind: 'center', center: start }),
  lower: ({ sub, weightOf }) => ({ forward: (_args, input, context) => sub(input, weightOf(context, 'value')) }),
  saelens: { is: 'input bias' },
  onnx: { output: (_args, x, { node, weight }) => node('Sub', [x, weight('value')]) },
  pytorch: {
    code: ({ init }, { output: [features = 1], module }) => module(call('PreBias', [literal(features), literal(init)])),
    definition: `
class PreBias(nn.Module):
    """Subtracts the decoder's bias from the input."""

    def __init__(self, features, init):
        super().__init__()
        self.value = nn.Parameter(torch.full((features,), float(init)))

    def forward(self, x):
        return x - self.value`,
  },
};

export const postBias: Layer<typeof parameters> = {
  ...common,
  parameters,
  name: 'post_bias',
  doc:
    'Adds a trained number to each feature: `y = x + b`. The compiler puts it at the end of the decoder where the encoder has ' +
    '`pre_bias`, whose numbers it then has. An image is flattened first.',
  source: '`torch.nn.Parameter`',
  example: 'decoder { dense(input.size, bias=false)  post_bias() }',
  mistake: { text: 'decoder { dense(input.size, bias=false)  post_bias(zero) }', code: 'AE305' },
  oracle: 'golden:pre-bias',
  weights: ({ init }, input) => declared(input, { kind: 'constant', value: init }),
  lower: ({ add, weightOf }) => ({ forward: (_args, input, context) => add(input, weightOf(context, 'value')) }),
  saelens: { is: 'output bias' },
  onnx: { output: (_args, x, { node, weight }) => node('Add', [x, weight('value')]) },
  pytorch: {
    code: ({ init }, { output: [features = 1], weighted }) =>
      weighted({
        module: call('PostBias', [literal(features), literal(init)]),
        tied: (x, value) => `${x} + ${value}`,
      }),
    definition: `
class PostBias(nn.Module):
    """Adds a trained number to each feature."""

    def __init__(self, features, init):
        super().__init__()
        self.value = nn.Parameter(torch.full((features,), float(init)))

    def forward(self, x):
        return x + self.value`,
  },
};

function declared(input: Shape, initial: InitialValue): Readonly<Record<string, WeightDeclaration>> {
  return { value: { shape: [elementCount(input)], trainable: true, initial } };
}
