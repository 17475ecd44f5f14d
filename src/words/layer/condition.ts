import { elementCount } from '../../compiler/ir/shape.js';
import { choice } from '../../compiler/library/parameter.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call, literal, plain } from '../python.js';
import type { Layer } from '../word.js';

const parameters = {
  on: choice({
    doc: 'What is joined: `label`, the class of the example.',
    options: ['label'],
    default: 'label',
  }),
};

export const condition: Layer<typeof parameters> = {
  family: 'layer',
  name: 'condition',
  peers: ['one_hot', 'Conditional', 'conditional'],
  version: 1,
  doc:
    'Joins the class of the example to what comes from below: features get one more for each class, which is 1 for the ' +
    'example’s own and 0 for the others; images get as many planes of 1 or 0, signals as many channels. The data needs labels, in training and ' +
    'wherever the model is used. [Conditional models](../conditions.md) says how to draw and walk class by class.',
  source:
    'Sohn, Lee and Yan, Learning structured output representation using deep conditional generative models, NIPS 2015',
  parameters,
  example: `encoder { flatten()  condition(label)  dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  decoder { condition(label)  dense(64, activation=relu)  dense(input.size, activation=sigmoid) }
  loss bce(reduction=sum) + kl_gaussian()`,
  mistake: {
    text: `encoder { condition(label)  code: dense(16) }
  decoder mirror(encoder, output=sigmoid)`,
    code: 'AE505',
  },
  oracle: 'golden:cvae',
  activation: false,
  heads: [],
  random: false,
  flattensInput: false,
  needsClass: true,
  memory: { forward: 2, backward: 1 },
  shape(_args, input, _heads, _named, classes = null) {
    if (classes === null) {
      return failed('AE526', 'a condition is the class of an example, and the data has no labels', {
        hint: 'name them where the data set is named: npy(…, labels="labels.npy"), csv(…, label="species")',
      });
    }
    const [first = 0, ...others] = input;
    return ok([first + classes, ...others]);
  },
  weights: () => ({}),
  range: (_args, { low, high, lowOpen, highOpen }) => ({
    low: Math.min(low, 0),
    lowOpen: lowOpen && low < 0,
    high: Math.max(high, 1),
    highOpen: highOpen && high > 1,
  }),
  opposite: () =>
    failed('AE505', 'what a condition joined cannot be rebuilt', {
      hint: 'write the decoder out; a decoder that is to know the class begins with condition(label)',
    }),
  lower: ({ broadcastTo, concat, reshape }) => ({
    forward(_args, input, context) {
      const classes = context.condition();
      // Images and signals have their channels last.
      const [batch = 0, ...others] = input.shape;
      const places = others.slice(0, -1);
      const known = classes.shape[1] ?? 0;
      const planes = reshape(classes, [batch, ...places.map(() => 1), known]);
      return concat([input, broadcastTo(planes, [batch, ...places, known])], input.rank - 1);
    },
  }),
  onnx: {
    output(_args, x, { condition, constant, input: [first = 0], integers, node, output: [all = 0, ...places] }) {
      const known = all - first;
      const classes = condition();
      if (places.length === 0) return node('Concat', [x, classes], { axis: { int: 1 } });
      const ones = constant(new Float32Array(known * elementCount(places)).fill(1), [known, ...places]);
      const planes = node('Reshape', [classes, integers([-1, known, ...places.map(() => 1)])]);
      return node('Concat', [x, node('Mul', [ones, planes])], { axis: { int: 1 } });
    },
  },
  pytorch: {
    code: (_args, { input: [first = 0], output: [all = 0] }) =>
      plain((x) => call('with_class', [x, 'c', literal(all - first)])),
    definition: `
def with_class(x, c, classes):
    """The class, one-hot, joins the features, or becomes planes of the image."""
    c = F.one_hot(c, classes).to(x.dtype)
    c = c.reshape(*c.shape, *[1] * (x.dim() - 2))
    return torch.cat([x, c.expand(-1, -1, *x.shape[2:])], 1)`,
  },
};
