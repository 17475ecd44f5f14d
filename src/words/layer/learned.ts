import { realLine } from '../../compiler/ir/interval.js';
import { integer, real } from '../../compiler/library/parameter.js';
import { failed, ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  features: integer({ doc: 'How many values it gives.', unit: 'values', default: 1 }),
  init: real({ doc: 'What each of them starts from.', default: 0 }),
  frozen: frozen(),
};

export const learned: Layer<typeof parameters> = {
  family: 'layer',
  name: 'learned',
  peers: ['Parameter', 'parameter', 'UninitializedParameter'],
  version: 1,
  doc:
    'Values that are trained and do not depend on the input: the same for each example. `learned()` is one number, such as ' +
    'a variance that all pixels share; `learned(input.size)` is one for each.',
  source: '`torch.nn.Parameter`',
  parameters,
  example: `encoder { code: dense(16) }
  decoder { dense(64, activation=relu)  gaussian_head { mu: dense(input.size)  logvar: learned(init=-2) } }
  loss gaussian_nll()`,
  mistake: { text: 'encoder { learned(0)  code: dense(16) }', code: 'AE306' },
  oracle: 'golden:gaussian-shared',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  shape: ({ features }) => ok([features]),
  weights({ features, init }) {
    const declared: Record<string, WeightDeclaration> = {
      value: { shape: [features], trainable: true, initial: { kind: 'constant', value: init } },
    };
    return declared;
  },
  range: () => realLine,
  opposite: () =>
    failed('AE505', 'learned values do not depend on what is rebuilt', {
      hint: 'write the decoder out, layer by layer',
    }),
  lower: ({ broadcastTo, reshape, weightOf }) => ({
    forward({ features }, input, context) {
      const value = reshape(weightOf(context, 'value'), [1, features]);
      return broadcastTo(value, [input.shape[0] ?? 0, features]);
    },
  }),
  /** Added to nothing of each example, so that there is a row for each. */
  onnx: {
    output(_args, x, { input, integers, node, scalar, weight }) {
      const features = input.length === 1 ? x : node('Flatten', [x], { axis: { int: 1 } });
      const each = node('ReduceSum', [features, integers([1])], { keepdims: { int: 1 } });
      return node('Add', [node('Mul', [each, scalar(0)]), weight('value')]);
    },
  },
  pytorch: {
    code: ({ features, init }, { module }) => module(call('Learned', [literal(features), literal(init)])),
    definition: `
class Learned(nn.Module):
    """Values that are trained and do not depend on the input."""

    def __init__(self, features, init):
        super().__init__()
        self.value = nn.Parameter(torch.full((features,), float(init)))

    def forward(self, x):
        return self.value.expand(len(x), -1)`,
  },
};
