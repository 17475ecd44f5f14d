import type { Optimizer } from '../word.js';
import { decayRate, epsilon, learningRate, weightDecay } from './parameters.js';
import { adamUpdate, correctedRates, momentSlots } from './updates.js';

const parameters = {
  lr: learningRate(0.001),
  beta1: decayRate(0.9, 'What the mean of the gradient keeps of itself at each update.', ['betas', 'beta_1']),
  beta2: decayRate(0.999, 'What the mean of its square keeps of itself at each update.', ['betas', 'beta_2']),
  eps: epsilon(),
  weight_decay: weightDecay(0.01, 'Part of the parameter, times `lr`, that is taken from it at each update.'),
};

export const adamw: Optimizer<typeof parameters> = {
  family: 'optimizer',
  name: 'adamw',
  peers: ['AdamW'],
  version: 1,
  doc: 'Adam with decoupled weight decay: `p ← p - lr · weight_decay · p`, then the update of `adam` without decay.',
  source: 'Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019; `torch.optim.AdamW`',
  parameters,
  example: 'train adamw(lr=0.001, weight_decay=0.05) { epochs = 1  batch = 32 }',
  mistake: { text: 'train adamw(beta1=1) { epochs = 1 }', code: 'AE306' },
  oracle: 'golden:optim-adamw',
  slots: momentSlots,
  check: () => [],
  /** Weight decay is apart from the gradient, and before the update. */
  lower: (operations) => ({
    update(args, count) {
      const update = adamUpdate(operations, args, count);
      const shrinkage = 1 - args.lr * args.weight_decay;
      return (weight, gradient, slots) =>
        update(shrinkage === 1 ? weight : operations.mul(weight, shrinkage), gradient, slots);
    },
    fusedUpdate(args, count) {
      const { beta1, beta2 } = args;
      const decay = 1 - args.lr * args.weight_decay;
      return { kind: 'adamw', ...correctedRates(args, count), beta1, beta2, decay };
    },
  }),
  pytorch: { name: 'torch.optim.AdamW', betas: ['beta1', 'beta2'] },
};
