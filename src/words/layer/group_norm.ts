import { open, realLine } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { integer, real } from '../../compiler/library/parameter.js';
import { failed, ok, type WeightDeclaration } from '../../compiler/library/word.js';
import { call, literal } from '../python.js';
import type { Layer } from '../word.js';
import { frozen } from './weights.js';

const parameters = {
  groups: integer({
    peers: ['num_groups'],
    doc: 'Parts of equal size that the channels are cut into, in order.',
    unit: 'groups',
  }),
  eps: real({
    peers: ['epsilon'],
    doc: 'Added to the variance.',
    default: 1e-5,
    range: open(0, Number.POSITIVE_INFINITY),
  }),
  frozen: frozen(),
};

export const groupNorm: Layer<typeof parameters> = {
  family: 'layer',
  name: 'group_norm',
  peers: ['GroupNorm', 'GroupNormalization', 'InstanceNorm1d', 'InstanceNorm2d'],
  inferred: 'num_channels',
  version: 1,
  doc:
    'Normalises the channels of each example in groups, over height and width or length too: `y = weight (x - mean) / ' +
    '√(var + eps) + bias`, with the biased variance, the same in training and outside it. `weight` and `bias` have one number ' +
    'for each channel. A group for each channel is instance normalisation; features in a row are channels.',
  source: 'Wu and He, Group normalization, ECCV 2018; `torch.nn.GroupNorm`',
  parameters,
  example: 'encoder { conv2d(8, kernel=3, stride=2)  group_norm(4)  relu()  code: dense(16) }',
  mistake: { text: 'encoder { conv2d(8, kernel=3, stride=2)  group_norm(3)  code: dense(16) }', code: 'AE402' },
  oracle: 'golden:group-norm',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  memory: { forward: 3, backward: 5 },
  shape({ groups }, input) {
    const [channels = 1] = input;
    if (channels % groups === 0) return ok(input);
    const what = input.length === 1 ? 'features' : 'channels';
    return failed('AE402', `${groups} groups do not divide the ${channels} ${what} of the input`, {
      argument: 'groups',
      hint: `take a divisor of ${channels}`,
    });
  },
  weights(_args, input) {
    const shape = [input[0] ?? 1];
    const declared: Record<string, WeightDeclaration> = {
      weight: { shape, trainable: true, initial: { kind: 'constant', value: 1 } },
      bias: { shape, trainable: true, initial: { kind: 'constant', value: 0 } },
    };
    return declared;
  },
  range: () => realLine,
  opposite: () => failed('AE505', 'group norm has no opposite', { hint: 'write the decoder out, layer by layer' }),
  /** Statistics over the pixels of an example and the channels of a group; channels are last, so groups are as well. */
  lower: ({ add, mul, reshape, standardize, weightOf }) => ({
    forward({ groups, eps }, input, context) {
      const [batch = 0] = input.shape;
      const channels = input.shape.at(-1) ?? 1;
      const grouped = reshape(input, [batch, -1, groups, channels / groups]);
      const standardized = reshape(standardize(grouped, [1, 3], eps), input.shape);
      return add(mul(standardized, weightOf(context, 'weight')), weightOf(context, 'bias'));
    },
  }),
  /** The groups as channels of an instance normalisation: ONNX has no operator for groups before version 18. */
  onnx: {
    output({ groups, eps }, x, { constant, input, integers, node, weight }) {
      const [channels = 1, ...extent] = input;
      const grouped = node('Reshape', [x, integers([-1, groups, elementCount(input) / groups])]);
      const ones = constant(new Float32Array(groups).fill(1), [groups]);
      const zeros = constant(new Float32Array(groups), [groups]);
      const standardized = node('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: eps } });
      const each = (name: string) => node('Reshape', [weight(name), integers([1, channels, ...extent.map(() => 1)])]);
      const scaled = node('Mul', [node('Reshape', [standardized, integers([-1, ...input])]), each('weight')]);
      return node('Add', [scaled, each('bias')]);
    },
  },
  pytorch: {
    code: ({ groups, eps }, { input: [channels = 1], module }) =>
      module(call('nn.GroupNorm', [literal(groups), literal(channels)], { eps: literal(eps) })),
  },
};
