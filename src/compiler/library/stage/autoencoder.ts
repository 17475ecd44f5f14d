import { activation, list, word } from '../parameter.js';
import { stageSettings } from '../settings/train.js';
import { granted, refused, type StageWord } from '../word.js';

const parameters = {
  on: list({
    of: 'layer',
    doc: 'The layers, one after another from where the stage before ended; all that are left if it is left out.',
    default: null,
  }),
  corrupt: word({
    family: 'corruption',
    doc: 'Done to the input of each layer in its turn, fresh at every step; the target stays clean.',
    default: null,
  }),
  loss: word({ family: 'loss', doc: 'How the layer’s input and its reconstruction are compared.', default: 'mse' }),
  optimizer: word({ family: 'optimizer', doc: 'Begins anew for each layer.', default: 'adam' }),
  output: activation({
    doc:
      'The activation of each reconstruction; without it that of the layer that is rebuilt, and for the data `sigmoid` if ' +
      'it is in [0, 1], else none.',
    default: null,
  }),
};

export const autoencoder: StageWord<typeof parameters> = {
  family: 'stage',
  name: 'autoencoder',
  version: 1,
  doc:
    'Trains layer after layer as an autoencoder of its own: the layer, and a decoder with its weights transposed, on the ' +
    'clean output of the layers below, which stay as they are. With `corrupt` these are stacked denoising ' +
    'autoencoders. Afterwards the encoder layer keeps its weights, and the decoder layer opposite takes the bias, and ' +
    'the transposed weights under `tied` or `mirror`.',
  source: 'Bengio et al., Greedy layer-wise training of deep networks, NeurIPS 2006; Vincent et al., JMLR 11 (2010)',
  parameters,
  settings: stageSettings,
  rebuilds: true,
  example: `encoder { dense(64, activation=sigmoid)  code: dense(16, activation=sigmoid) }
  decoder mirror(encoder, output=sigmoid)
  pretrain autoencoder(corrupt=masking(0.25), optimizer=adam(lr=0.001)) { epochs = 1  batch = 64 }`,
  mistake: {
    text: `decoder mirror(encoder, output=sigmoid)
  pretrain autoencoder(corrupt=mse()) { epochs = 1 }`,
    code: 'AE209',
  },
  oracle: 'test:tests/runtime/training/greedy.test.ts',
  trains: ({ word: layer }) =>
    layer === 'dense'
      ? granted(true)
      : refused('AE508', `greedy pretraining is for dense layers, and this is '${layer}'`),
};
