import { realLine } from '../../compiler/ir/interval.js';
import { describeShape, elementCount } from '../../compiler/ir/shape.js';
import { failed, ok } from '../../compiler/library/word.js';
import type { Layer } from '../word.js';
import { headsInPytorch } from './heads.js';

const parameters = {};

export const gaussianHead: Layer<typeof parameters> = {
  family: 'layer',
  name: 'gaussian_head',
  peers: ['Normal', 'MultivariateNormal', 'IndependentNormal'],
  version: 1,
  doc:
    'The end of a decoder that also says how sure it is: a normal distribution for each value, with the mean `mu` and the ' +
    'logarithm `logvar` of the variance. Both layers in braces see its input. Its output is `mu`; `gaussian_nll` trains ' +
    'both, `output.logvar` names the other in losses, and `aedsl apply --output variance` gives the variances. With ' +
    '`logvar: learned()`, all values share one.',
  source:
    'Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, appendix C.2; one variance for all: Rybkin, Daniilidis ' +
    'and Levine, Simple and effective VAE training with calibrated decoders, ICML 2021',
  parameters,
  example: `encoder { dense(64, activation=relu)  z: reparameterize { mu: dense(8)  logvar: dense(8) } }
  decoder { dense(64, activation=relu)  gaussian_head { mu: dense(input.size, activation=sigmoid)  logvar: dense(input.size) } }
  loss gaussian_nll(reduction=sum) + kl_gaussian()`,
  mistake: {
    text: `decoder { gaussian_head { mu: dense(input.size)  logvar: dense(3) } }
  loss gaussian_nll()`,
    code: 'AE402',
  },
  oracle: 'golden:gaussian-heads',
  activation: false,
  heads: ['mu', 'logvar'],
  logVariance: 'logvar',
  random: false,
  flattensInput: false,
  memory: { forward: 0, backward: 0 },
  shape(_args, _input, { mu, logvar }) {
    if (!mu || !logvar) return failed('AE402', 'gaussian_head needs the layers mu and logvar');
    const count = elementCount(logvar);
    if (count !== 1 && count !== elementCount(mu)) {
      return failed('AE402', `mu gives ${describeShape(mu)} and logvar ${describeShape(logvar)}`, {
        hint: 'logvar has a value for each of mu, or one for all: logvar: learned()',
      });
    }
    return ok(mu);
  },
  weights: () => ({}),
  range: (_args, _input, _named, heads) => heads?.mu ?? realLine,
  opposite: () => failed('AE505', 'a distribution has no opposite', { hint: 'write the decoder out, layer by layer' }),
  lower: () => ({
    forward(_args, _input, { heads: { mu } }) {
      if (!mu) throw new RangeError('gaussian_head needs the head mu');
      return mu;
    },
  }),
  onnx: {
    output(_args, _x, { heads: { mu } }) {
      if (mu === undefined) throw new RangeError('gaussian_head needs the head mu');
      return mu;
    },
  },
  pytorch: { code: (_args, { heads }) => ({ ...headsInPytorch(heads), output: () => 'mu' }) },
};
