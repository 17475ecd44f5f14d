import type { LossWord } from '../word.js';
import { predictionIsProbability, targetIsProbability } from './reach.js';
import { reduction } from './reduction.js';

const parameters = { reduction: reduction() };

export const bce: LossWord<typeof parameters> = {
  family: 'loss',
  name: 'bce',
  peers: ['BCELoss', 'BinaryCrossentropy', 'binary_crossentropy', 'binary_cross_entropy', 'cross_entropy'],
  version: 1,
  doc:
    'Binary cross-entropy, `-(t log y + (1 - t) log(1 - y))`, of the output y against the clean input t, both in ' +
    '[0, 1]. Each logarithm is at least -100. `bce(reduction=sum)` is the negative log-likelihood of Bernoulli pixels.',
  source: '`torch.nn.BCELoss`',
  parameters,
  example: 'loss bce()',
  mistake: { text: 'decoder { dense(input.size) }  loss bce()', code: 'AE502' },
  oracle: 'table:losses.json#bce golden:vae',
  role: 'reconstruction',
  weight: null,
  check: (_args, context) => [...targetIsProbability('bce', context), ...predictionIsProbability('bce', context)],
};
