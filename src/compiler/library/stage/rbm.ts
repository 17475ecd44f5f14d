import { halfOpen } from '../../ir/interval.js';
import { choice, integer, list, scheduled, word } from '../parameter.js';
import { stageSettings } from '../settings/train.js';
import { granted, refused, type StageWord } from '../word.js';

const positive = halfOpen(0, Number.POSITIVE_INFINITY);

const parameters = {
  on: list({
    of: 'layer',
    doc: 'The layers, one after another from where the stage before ended; all that are left if it is left out.',
    default: null,
  }),
  lr: scheduled({ doc: 'Learning rate.', default: 0.1, range: positive }),
  momentum: scheduled({ doc: 'What the velocity keeps of itself at each update.', default: 0, range: halfOpen(0, 1) }),
  weight_decay: scheduled({
    doc: 'Added to the gradient times the weight; not for the biases.',
    default: 0,
    range: positive,
  }),
  k: integer({ doc: 'Steps of the Gibbs chain.', unit: 'steps', default: 1 }),
  visible_state: choice({
    doc: 'What goes up again: the `probability` of the visible units (of Gaussian ones the mean), or a `sample`.',
    options: ['probability', 'sample'],
    default: 'probability',
  }),
  init: word({
    family: 'initializer',
    doc: 'What the weights start from; both biases start at zero.',
    default: 'normal',
  }),
};

export const rbm: StageWord<typeof parameters> = {
  family: 'stage',
  name: 'rbm',
  version: 1,
  doc:
    'Trains layer after layer as a restricted Boltzmann machine by contrastive divergence, each on what the layer below ' +
    'gives. Hidden units: `sigmoid` is Bernoulli, no activation Gaussian. Visible units of the first layer: Bernoulli ' +
    'with real values if the data is in [0, 1], else Gaussian. Afterwards the encoder layer has W and the hidden bias, ' +
    'the decoder layer opposite the visible bias, and Wᵀ under `tied` or `mirror`.',
  source:
    'Hinton, Training products of experts by minimizing contrastive divergence, 2002; Hinton and Salakhutdinov 2006',
  parameters,
  settings: stageSettings,
  rebuilds: false,
  example: `decoder tied(encoder, output=sigmoid)
  pretrain rbm(lr=0.1, momentum=switch(0.5, 0.9, after=1), weight_decay=0.0002) { epochs = 2  batch = 64 }`,
  mistake: {
    text: `encoder { code: dense(32, activation=relu) }
  decoder tied(encoder, output=sigmoid)
  pretrain rbm() { epochs = 1 }`,
    code: 'AE508',
  },
  oracle: 'golden:rbm-cd1 golden:rbm-cd1-probabilities golden:rbm-cd3',
  trains({ word: layer, activations, bias = true }) {
    const why = 'an RBM has sigmoid (Bernoulli) or linear (Gaussian) hidden units';
    if (layer !== 'dense') {
      return refused('AE508', `a '${layer}' layer cannot be trained as an RBM: only dense layers can`);
    }
    if (activations.length > 1 || ((activations[0] ?? 'linear') !== 'linear' && activations[0] !== 'sigmoid')) {
      return refused('AE508', `a layer with ${activations.join(', ')} cannot be trained as an RBM`, {
        hint: `${why}; pretrain others with autoencoder()`,
      });
    }
    if (!bias)
      return refused('AE508', 'an RBM has a hidden bias, and this layer has none', { hint: 'leave out bias=false' });
    return granted(true);
  },
};
