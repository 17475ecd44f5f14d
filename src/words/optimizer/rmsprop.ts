import type { Optimizer } from '../word.js';
import { decayRate, epsilon, learningRate, weightDecay } from './parameters.js';
import { withWeightDecay } from './updates.js';

const parameters = {
  lr: learningRate(0.01),
  alpha: decayRate(0.99, 'What the mean of the squared gradient keeps of itself at each update.', ['rho']),
  eps: epsilon(),
  momentum: decayRate(0, 'What the velocity keeps of itself at each update.'),
  weight_decay: weightDecay(0, 'Added to the gradient times the parameter (L2).'),
};

export const rmsprop: Optimizer<typeof parameters> = {
  family: 'optimizer',
  name: 'rmsprop',
  peers: ['RMSprop'],
  version: 1,
  doc:
    'RMSprop: `g ← g + weight_decay · p`, `s ← alpha · s + (1 - alpha) g²`, `b ← momentum · b + g / (√s + eps)`, ' +
    '`p ← p - lr · b`.',
  source: 'Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012; `torch.optim.RMSprop`',
  parameters,
  example: 'train rmsprop(lr=0.001) { epochs = 1  batch = 32 }',
  mistake: { text: 'train rmsprop(alpha=1.5) { epochs = 1 }', code: 'AE306' },
  oracle: 'golden:optim-rmsprop golden:optim-rmsprop-momentum',
  slots: ['square', 'velocity'],
  check: () => [],
  lower: (operations) => ({
    update({ lr, alpha, eps, momentum, weight_decay }) {
      const { add, div, mul, slotOf, sqrt, square, sub } = operations;
      return (weight, gradient, slots) => {
        const slope = withWeightDecay(operations, gradient, weight, weight_decay);
        const meanSquare = add(mul(slotOf(slots, 'square'), alpha), mul(square(slope), 1 - alpha));
        const scaled = div(slope, add(sqrt(meanSquare), eps));
        const velocity = momentum === 0 ? scaled : add(mul(slotOf(slots, 'velocity'), momentum), scaled);
        return { weight: sub(weight, mul(velocity, lr)), slots: { square: meanSquare, velocity } };
      };
    },
    fusedUpdate: ({ lr, alpha, eps, momentum, weight_decay }) => ({
      kind: 'rmsprop',
      rate: lr,
      alpha,
      epsilon: eps,
      momentum,
      decay: weight_decay,
    }),
  }),
  pytorch: { name: 'torch.optim.RMSprop', betas: [] },
};
