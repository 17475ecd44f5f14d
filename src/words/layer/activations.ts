import { closed, open } from '../../compiler/ir/interval.js';
import { call } from '../python.js';
import { activationWord, belowRectified, rectified } from './activation.js';

// The activations without parameters.

/** The identity, for where a layer's activation has to be named. */
export const linear = activationWord({
  name: 'linear',
  peers: ['Identity'],
  doc: 'No activation: `y = x`. Units of this kind are Gaussian when an RBM trains them.',
  parameters: {},
  example: 'encoder { code: dense(32, activation=linear) }',
  mistake: { text: 'encoder { code: dense(32, activation=linear(1)) }', code: 'AE304' },
  oracle: 'golden:dense-deep-tied',
  range: (_args, input) => input,
  units: 'gaussian',
  isIdentity: true,
  isFused: true,
  lower: () => ({ forward: (_args, input) => input }),
  inPytorch: (x) => x,
  inOnnx: (x) => x,
});

export const relu = activationWord({
  name: 'relu',
  peers: ['ReLU'],
  doc: 'Rectified linear unit: `y = max(x, 0)`, with the derivative 0 at 0.',
  source: 'Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, ICML 2010',
  parameters: {},
  example: 'encoder { code: dense(32, activation=relu) }',
  mistake: { text: 'encoder { code: dense(32, activation=relu(6)) }', code: 'AE304' },
  oracle: 'table:activations.json#relu',
  range: (_args, input) => rectified(input),
  isFused: true,
  lower: ({ relu: rectify }) => ({ fusedActivation: 'relu', forward: (_args, input) => rectify(input) }),
  inPytorch: (x) => call('F.relu', [x]),
  inOnnx: (x, { node }) => node('Relu', [x]),
  saelens: { is: 'activation', of: () => ({ architecture: 'standard' }) },
});

/** Klambauer et al. 2017, equation 14. */
export const seluAlpha = 1.6732632423543772;
export const seluScale = 1.0507009873554805;

export const selu = activationWord({
  name: 'selu',
  peers: ['SELU'],
  doc:
    'Scaled exponential linear unit: `1.0507 · elu(x, alpha=1.6733)`. With these two numbers the mean 0 and variance 1 ' +
    'of a layer’s input are kept by its output.',
  source: 'Klambauer et al., Self-normalizing neural networks, NeurIPS 2017',
  parameters: {},
  example: 'encoder { code: dense(32, activation=selu) }',
  mistake: { text: 'encoder { code: dense(32, activation=selu(alpha=1)) }', code: 'AE301' },
  oracle: 'table:activations.json#selu',
  range(_args, input) {
    const { low, lowOpen, high, highOpen } = rectified(input);
    const top = { high: high * seluScale, highOpen };
    return input.low < 0
      ? { low: -seluScale * seluAlpha, lowOpen: true, ...top }
      : { low: low * seluScale, lowOpen, ...top };
  },
  lower: ({ selu: scaled }) => ({ forward: (_args, input) => scaled(input) }),
  inPytorch: (x) => call('F.selu', [x]),
  inOnnx: (x, { node }) => node('Selu', [x], { alpha: { float: seluAlpha }, gamma: { float: seluScale } }),
});

export const sigmoid = activationWord({
  name: 'sigmoid',
  peers: ['Sigmoid', 'logistic'],
  doc:
    'Logistic function: `y = 1 / (1 + exp(-x))`, within (0, 1). Units of this kind are Bernoulli when an RBM trains ' +
    'them, and the ones that `kl_sparsity` is defined for.',
  parameters: {},
  example: 'encoder { code: dense(32, activation=sigmoid) }',
  mistake: { text: 'encoder { code: dense(32, activation=sigmoid(2)) }', code: 'AE304' },
  oracle: 'table:activations.json#sigmoid',
  range: () => open(0, 1),
  units: 'bernoulli',
  isFused: true,
  lower: ({ sigmoid: logistic }) => ({ fusedActivation: 'sigmoid', forward: (_args, input) => logistic(input) }),
  inPytorch: (x) => call('torch.sigmoid', [x]),
  inOnnx: (x, { node }) => node('Sigmoid', [x]),
});

export const softmax = activationWord({
  name: 'softmax',
  peers: ['Softmax', 'Softmax2d'],
  doc:
    '`y = exp(x) / Σ exp(x)`, over the features, or over the channels at each pixel or sample: positive numbers that add ' +
    'up to 1, computed from `x - max(x)`.',
  source:
    'Bridle, Probabilistic interpretation of feedforward classification network outputs, 1990; `torch.nn.Softmax(dim=1)`',
  parameters: {},
  example: 'encoder { code: dense(10, activation=softmax) }',
  mistake: { text: 'encoder { code: dense(10, activation=softmax(1)) }', code: 'AE304' },
  oracle: 'golden:group-norm',
  range: () => closed(0, 1),
  isElementwise: false,
  memory: { backward: 3 },
  lower: ({ softmax: normalized }) => ({ forward: (_args, input) => normalized(input) }),
  inPytorch: (x) => call('F.softmax', [x], { dim: '1' }),
  inOnnx: (x, { node }) => node('Softmax', [x], { axis: { int: 1 } }),
});

export const tanh = activationWord({
  name: 'tanh',
  peers: ['Tanh'],
  doc: 'Hyperbolic tangent: `y = tanh(x)`, within (-1, 1).',
  parameters: {},
  example: 'encoder { code: dense(32, activation=tanh) }',
  mistake: { text: 'encoder { code: dense(32, activation=tanh(2)) }', code: 'AE304' },
  oracle: 'table:activations.json#tanh',
  range: () => open(-1, 1),
  isFused: true,
  lower: ({ tanh: hyperbolic }) => ({ fusedActivation: 'tanh', forward: (_args, input) => hyperbolic(input) }),
  inPytorch: (x) => call('torch.tanh', [x]),
  inOnnx: (x, { node }) => node('Tanh', [x]),
});

/** Just under the least value, at x = -1.2785. */
const leastSilu = -0.278465;

export const silu = activationWord({
  name: 'silu',
  peers: ['SiLU', 'swish'],
  doc: 'Sigmoid linear unit, also called swish: `y = x · sigmoid(x)`.',
  source: 'Elfwing, Uchibe and Doya, Sigmoid-weighted linear units, Neural Networks 107 (2018)',
  parameters: {},
  example: 'encoder { code: dense(32, activation=silu) }',
  mistake: { text: 'encoder { code: dense(32, activation=silu(1)) }', code: 'AE304' },
  oracle: 'table:activations.json#silu',
  range: (_args, input) => belowRectified(input, leastSilu),
  memory: { backward: 5 },
  /** The derivative is σ(x) (1 + x (1 - σ(x))). */
  lower: ({ add, elementwise, mul, sigmoid: logistic, sub }) => ({
    forward: (_args, input) =>
      elementwise(
        input,
        (x) => mul(x, logistic(x)),
        (x) => {
          const s = logistic(x);
          return mul(s, add(mul(x, sub(1, s)), 1));
        },
      ),
  }),
  inPytorch: (x) => call('F.silu', [x]),
  inOnnx: (x, { node }) => node('Mul', [x, node('Sigmoid', [x])]),
});

/** Just under the least value, at x = -1.1924. */
const leastMish = -0.308844;

export const mish = activationWord({
  name: 'mish',
  peers: ['Mish'],
  doc: 'A smooth rectifier that dips below zero: `y = x · tanh(log(1 + exp(x)))`.',
  source: 'Misra, Mish: a self regularized non-monotonic activation function, BMVC 2020',
  parameters: {},
  example: 'encoder { code: dense(32, activation=mish) }',
  mistake: { text: 'encoder { code: dense(32, activation=mish(1)) }', code: 'AE304' },
  oracle: 'table:activations.json#mish',
  range: (_args, input) => belowRectified(input, leastMish),
  /** The derivative is w + x σ(x) (1 - w²) with w = tanh(log(1 + exp(x))). */
  lower: ({ add, elementwise, mul, sigmoid: logistic, softplus, square, sub, tanh: hyperbolic }) => ({
    forward: (_args, input) =>
      elementwise(
        input,
        (x) => mul(x, hyperbolic(softplus(x))),
        (x) => {
          const w = hyperbolic(softplus(x));
          return add(w, mul(mul(x, logistic(x)), sub(1, square(w))));
        },
      ),
  }),
  inPytorch: (x) => call('F.mish', [x]),
  inOnnx: (x, { node }) => node('Mul', [x, node('Tanh', [node('Softplus', [x])])]),
});
