import { realLine } from '../../compiler/ir/interval.js';
import { describeShape, sameShape } from '../../compiler/ir/shape.js';
import { failed, ok } from '../../compiler/library/word.js';
import { call } from '../python.js';
import type { Layer } from '../word.js';
import { headsInPytorch } from './heads.js';

const parameters = {};

export const reparameterize: Layer<typeof parameters> = {
  family: 'layer',
  name: 'reparameterize',
  peers: ['Sampling', 'reparametrize', 'rsample'],
  version: 1,
  doc:
    'The sample of a variational autoencoder: `z = mu + eps · exp(logvar / 2)` with `eps` from N(0, 1), drawn anew at ' +
    'every step; the loss of an evaluation draws it too, pictures, errors and codes take `z = mu`. The layers `mu` and `logvar` in braces, or blocks of layers, both see its input; `z.mu` and ' +
    '`z.logvar` name what they give.',
  source: 'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014',
  parameters,
  example: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  loss bce(reduction=sum) + kl_gaussian()`,
  mistake: {
    text: 'encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(9) } }',
    code: 'AE402',
  },
  oracle: 'golden:vae',
  activation: false,
  heads: ['mu', 'logvar'],
  random: true,
  flattensInput: false,
  shape(_args, _input, { mu, logvar }) {
    if (!mu || !logvar) return failed('AE402', 'reparameterize needs the layers mu and logvar');
    if (!sameShape(mu, logvar)) {
      return failed('AE402', `mu gives ${describeShape(mu)} and logvar ${describeShape(logvar)}`, {
        hint: 'both need the same shape',
      });
    }
    return ok(mu);
  },
  weights: () => ({}),
  range: () => realLine,
  opposite(_args, { input, output, tied }) {
    const [features] = input;
    if (tied) {
      return failed('AE505', 'a sample has no single weight that could be transposed', {
        hint: 'use mirror, or write the decoder out',
      });
    }
    if (features === undefined || input.length !== 1 || output.length !== 1) {
      return failed('AE505', 'mirror undoes reparameterize between features, not between images', {
        hint: 'put flatten() before it, or write the decoder out',
      });
    }
    return ok({ word: 'dense', arguments: { features }, reference: null });
  },
  distribution: { mean: 'mu' },
  /** `mu + eps · exp(logvar / 2)`, or `mu` itself where latent variables are not drawn. */
  lower: ({ add, exp, fusedOperations, mul }) => ({
    forward(_args, _input, { heads, sampling, noise }) {
      const { mu, logvar } = heads;
      if (!mu || !logvar) throw new RangeError('reparameterize needs the heads mu and logvar');
      if (!sampling) return mu;
      const fused = fusedOperations();
      if (fused && noise.place) return fused.reparameterize(mu, logvar, noise.place('eps', mu.shape));
      return add(mu, mul(noise.normal('eps', mu.shape), exp(mul(logvar, 0.5))));
    },
  }),
  onnx: {
    output(_args, _x, { heads: { mu } }) {
      if (mu === undefined) throw new RangeError('reparameterize needs the head mu');
      return mu;
    },
  },
  pytorch: {
    code: (_args, { heads, training, draw }) => ({
      ...headsInPytorch(heads),
      output: () => call('sample', ['mu', 'logvar', training, draw]),
    }),
    draws: 'eps',
    definition: `
def sample(mu, logvar, training, draw, layer):
    """A draw from N(mu, exp(logvar)) while training, else mu (Kingma and Welling 2013)."""
    if not training:
        return mu
    return mu + draw.normal(layer, "eps", mu) * torch.exp(logvar / 2)`,
  },
};
