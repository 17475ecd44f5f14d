import { realLine } from '../../ir/interval.js';
import { elementCount } from '../../ir/shape.js';
import { activation, boolean, integer, word } from '../parameter.js';
import { granted, type LayerWord, refused } from '../word.js';
import { learnedWeights } from './weights.js';

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
};

export const dense: LayerWord<typeof parameters> = {
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
  shape({ features }, input) {
    if (input.length !== 1)
      return refused('AE402', 'dense takes features, not an image', { hint: 'put flatten() before it' });
    return granted([features]);
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
    granted({ word: 'dense', arguments: { features: elementCount(at.input), bias, init }, reference: null }),
};
