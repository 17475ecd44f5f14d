import { halfOpen } from '../../compiler/ir/interval.js';
import { choice, integer, list, scheduled, word } from '../../compiler/library/parameter.js';
import { stageSettings } from '../../compiler/library/settings/train.js';
import { failed, ok } from '../../compiler/library/word.js';
import { linear, sigmoid } from '../layer/activations.js';
import { dense } from '../layer/dense.js';
import { literal } from '../python.js';
import type { Stage } from '../word.js';

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

export const rbm: Stage<typeof parameters> = {
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
  // `measured`: examples used for free energies and reconstruction errors, up to 2,000 per part.
  memory: ({ k }, train) => ({ copies: 2 + 3 * k, measured: 2 * Math.min(2000, train) }),
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
    if (layer !== dense.name) {
      return failed('AE508', `a '${layer}' layer cannot be trained as an RBM: only dense layers can`);
    }
    if (activations.length > 1 || ![linear.name, sigmoid.name].includes(activations[0] ?? linear.name)) {
      return failed('AE508', `a layer with ${activations.join(', ')} cannot be trained as an RBM`, {
        hint: `${why}; pretrain others with autoencoder()`,
      });
    }
    if (!bias)
      return failed('AE508', 'an RBM has a hidden bias, and this layer has none', { hint: 'leave out bias=false' });
    return ok(true);
  },
  trainer: ({ k, visible_state, init }, at, { boltzmannMachine }) =>
    boltzmannMachine({
      ratesAt(time) {
        const { lr, momentum, weight_decay } = at(time);
        return { lr, momentum, weightDecay: weight_decay };
      },
      k,
      visibleState: visible_state,
      init,
    }),
  pytorch: {
    function: 'pretrain_rbm',
    arguments({ lr, momentum, weight_decay, k, visible_state }, { number, start, stream, units }) {
      const steps = Array.from({ length: k }, (_, i) => i);
      const listed = (purpose: string) => `[${steps.map((i) => stream(`${purpose}_${i}`)).join(', ')}]`;
      const rates = [`lr=${number(lr)}`, `momentum=${number(momentum)}`, `weight_decay=${number(weight_decay)}`];
      return [
        `start=${start},`,
        `visible_units=${literal(units.visible)},`,
        `hidden_units=${literal(units.hidden)},`,
        `hidden_streams=${listed('hidden')},`,
        visible_state === 'sample'
          ? `visible_streams=${listed('visible')},`
          : 'visible_streams=None,  # probabilities instead of draws',
        `rates=lambda time: dict(${rates.join(', ')}),`,
      ];
    },
    startsFrom: ({ init }) => init,
    definitions: [
      `
def hidden_input(v, layer):
    return F.linear(v, layer.weight, layer.bias)`,
      `
def mean_of(units, x):
    return torch.sigmoid(x) if units == "bernoulli" else x`,
      `
def drawn(units, means, stream, step):
    if units == "gaussian":
        return means + torch.from_numpy(normal(stream, step, tuple(means.shape)))
    return (torch.from_numpy(uniform(stream, step, tuple(means.shape))) < means).float()`,
      `
@torch.no_grad()
def pretrain_rbm(
    stage, layer, below, batches, replay, start, visible_units, hidden_units, hidden_streams, visible_streams, rates
):
    """A restricted Boltzmann machine, trained by contrastive divergence (Hinton 2002). Returns its visible bias."""
    layer.weight.copy_(start)
    layer.bias.zero_()
    visible_bias = torch.zeros(layer.in_features)
    parameters = [layer.weight, visible_bias, layer.bias]
    velocities = [torch.zeros_like(p) for p in parameters]
    for step, time, indices in batches:
        data = below(batch_of(indices, step, time)[1])
        positive = mean_of(hidden_units, hidden_input(data, layer))
        hidden, visible, first = positive, data, None
        for i, stream in enumerate(hidden_streams):
            states = drawn(hidden_units, hidden, stream, step)
            means = mean_of(visible_units, states @ layer.weight + visible_bias)
            first = means if first is None else first
            visible = means if visible_streams is None else drawn(visible_units, means, visible_streams[i], step)
            hidden = mean_of(hidden_units, hidden_input(visible, layer))
        reconstruction = (data - first).square().sum() / len(data)
        gradients = [
            (hidden.t() @ visible - positive.t() @ data) / len(data),
            (visible - data).mean(0),
            (hidden - positive).mean(0),
        ]
        now = rates(time)
        for parameter, gradient, velocity in zip(parameters, gradients, velocities):
            decay = now["weight_decay"] if parameter is layer.weight else 0
            velocity.mul_(now["momentum"]).sub_(now["lr"] * (gradient + decay * parameter))
            parameter.add_(velocity)
        replay.compare(stage, {"reconstruction": reconstruction})
    return visible_bias`,
    ],
  },
};
