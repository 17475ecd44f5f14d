import type { OptimizerWord } from '../word.js';
import { decayRate, epsilon, learningRate, weightDecay } from './parameters.js';

const parameters = {
  lr: learningRate(0.001),
  beta1: decayRate(0.9, 'What the mean of the gradient keeps of itself at each update.', ['betas', 'beta_1']),
  beta2: decayRate(0.999, 'What the mean of its square keeps of itself at each update.', ['betas', 'beta_2']),
  eps: epsilon(),
  weight_decay: weightDecay(0.01, 'Part of the parameter, times `lr`, that is taken from it at each update.'),
};

export const adamw: OptimizerWord<typeof parameters> = {
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
  check: () => [],
};
