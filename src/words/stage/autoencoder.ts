import { activation, list, word } from '../../compiler/library/parameter.js';
import { stageSettings } from '../../compiler/library/settings/train.js';
import { failed, ok } from '../../compiler/library/word.js';
import { dense } from '../layer/dense.js';
import { literal } from '../python.js';
import type { Stage } from '../word.js';

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

export const autoencoder: Stage<typeof parameters> = {
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
  memory: () => ({ copies: 5, measured: 0 }),
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
    layer === dense.name ? ok(true) : failed('AE508', `greedy pretraining is for dense layers, and this is '${layer}'`),
  trainer: ({ optimizer, loss, corrupt, output }, _at, trainers) =>
    trainers.autoencoder({ optimizer, loss, corrupt, output }),
  pytorch: {
    function: 'pretrain_autoencoder',
    arguments({ optimizer, loss, corrupt, output }, place) {
      const { construct, rates } = place.optimizer(optimizer);
      return [
        `encode=lambda h: ${place.activated('h')},`,
        `decode=lambda y: ${place.reconstruction(output, 'y')},`,
        `corrupt=lambda x, step, time: ${corrupt === null ? 'x' : place.corrupted(corrupt, 'x')},`,
        `loss=lambda y, t, time: ${place.loss(loss).expression},`,
        `per_example=${literal(place.loss(loss).perExample)},`,
        `metric=${literal(place.loss(loss).metric)},`,
        `optimizer=lambda parameters: ${construct('parameters')},`,
        `rates=lambda time: {${rates.join(', ')}},`,
      ];
    },
    definitions: [
      `
def pretrain_autoencoder(
    stage, layer, below, batches, replay, encode, decode, corrupt, loss, per_example, metric, optimizer, rates
):
    """A layer with a tied decoder of its own rebuilds its clean input (Vincent et al. 2010). Returns the decoder's bias."""
    visible_bias = nn.Parameter(torch.zeros(layer.in_features))
    optimizer = optimizer([*layer.parameters(), visible_bias])
    for step, time, indices in batches:
        with torch.no_grad():
            t = below(batch_of(indices, step, time)[1])
        x = torch.from_numpy(corrupt(t.numpy(), step, time))
        y = decode(F.linear(encode(layer(x)), layer.weight.t(), visible_bias))
        value = loss(y, t, time)
        optimizer.zero_grad()
        value.backward()
        optimizer.param_groups[0].update(rates(time))
        optimizer.step()
        replay.compare(stage, {metric: value / len(t) if per_example else value})
    return visible_bias.detach()`,
    ],
  },
};
