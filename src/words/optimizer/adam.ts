import type { Optimizer } from '../word.js';
import { decayRate, epsilon, learningRate, weightDecay } from './parameters.js';
import { adamUpdate, correctedRates, momentSlots, withWeightDecay } from './updates.js';

const parameters = {
  lr: learningRate(0.001),
  beta1: decayRate(0.9, 'What the mean of the gradient keeps of itself at each update.', ['betas', 'beta_1']),
  beta2: decayRate(0.999, 'What the mean of its square keeps of itself at each update.', ['betas', 'beta_2']),
  eps: epsilon(),
  weight_decay: weightDecay(0, 'Added to the gradient times the parameter (L2); `adamw` takes it from the parameter.'),
};

export const adam: Optimizer<typeof parameters> = {
  family: 'optimizer',
  name: 'adam',
  peers: ['Adam'],
  version: 1,
  doc:
    'Adam: `g ← g + weight_decay · p`, `m ← beta1 · m + (1 - beta1) g`, `v ← beta2 · v + (1 - beta2) g²`, ' +
    '`p ← p - lr · m̂ / (√v̂ + eps)`, with `m̂ = m / (1 - beta1ⁿ)` and `v̂ = v / (1 - beta2ⁿ)` at the n-th update.',
  source: 'Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015; `torch.optim.Adam`',
  parameters,
  example: 'train adam(lr=0.001) { epochs = 1  batch = 32 }',
  mistake: { text: 'train adam(lr=-0.001) { epochs = 1 }', code: 'AE306' },
  oracle: 'golden:optim-adam golden:optim-adam-l2 golden:optim-adam-step-clip',
  slots: momentSlots,
  check: () => [],
  /** Weight decay is part of the gradient, as in `torch.optim.Adam`. */
  lower: (operations) => ({
    update(args, count) {
      const update = adamUpdate(operations, args, count);
      return (weight, gradient, slots) =>
        update(weight, withWeightDecay(operations, gradient, weight, args.weight_decay), slots);
    },
    fusedUpdate(args, count) {
      const { beta1, beta2, weight_decay: decay } = args;
      return { kind: 'adam', ...correctedRates(args, count), beta1, beta2, decay };
    },
  }),
  pytorch: { name: 'torch.optim.Adam', betas: ['beta1', 'beta2'] },
};
