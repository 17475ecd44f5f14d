import { boolean } from '../../compiler/library/parameter.js';
import { problem } from '../../compiler/library/word.js';
import type { Optimizer } from '../word.js';
import { decayRate, learningRate, weightDecay } from './parameters.js';
import { withWeightDecay } from './updates.js';

const parameters = {
  lr: learningRate(0.01),
  momentum: decayRate(0, 'What the velocity keeps of itself at each update.'),
  nesterov: boolean({ doc: 'Whether the step looks ahead: `g + momentum · b` instead of `b`.', default: false }),
  weight_decay: weightDecay(0, 'Added to the gradient times the parameter (L2).'),
};

export const sgd: Optimizer<typeof parameters> = {
  family: 'optimizer',
  name: 'sgd',
  peers: ['SGD', 'momentum'],
  version: 1,
  doc:
    'Stochastic gradient descent: `g ← g + weight_decay · p`, `b ← momentum · b + g`, `p ← p - lr · b` ' +
    '(with `nesterov`: `p ← p - lr (g + momentum · b)`).',
  source: 'Polyak 1964; Nesterov 1983; `torch.optim.SGD` with dampening 0',
  parameters,
  example: 'train sgd(lr=0.1, momentum=0.9, nesterov=true) { epochs = 1  batch = 32 }',
  mistake: { text: 'train sgd(lr=0.1, momentum=1) { epochs = 1 }', code: 'AE306' },
  oracle: 'golden:optim-sgd golden:optim-sgd-momentum golden:optim-sgd-nesterov golden:optim-sgd-step-clip',
  slots: ['velocity'],
  check({ momentum, nesterov }) {
    if (!nesterov || momentum !== 0) return [];
    return [
      problem('AE306', 'nesterov needs a momentum', {
        argument: 'nesterov',
        hint: 'such as momentum=0.9; without one it looks ahead nowhere',
      }),
    ];
  },
  lower: (operations) => ({
    update({ lr, momentum, nesterov, weight_decay }) {
      const { add, mul, slotOf, sub } = operations;
      return (weight, gradient, slots) => {
        const slope = withWeightDecay(operations, gradient, weight, weight_decay);
        const velocity = momentum === 0 ? slope : add(mul(slotOf(slots, 'velocity'), momentum), slope);
        const step = nesterov ? add(slope, mul(velocity, momentum)) : velocity;
        return { weight: sub(weight, mul(step, lr)), slots: { velocity } };
      };
    },
    fusedUpdate: ({ lr, momentum, nesterov, weight_decay }) => ({
      kind: 'sgd',
      rate: lr,
      momentum,
      nesterov,
      decay: weight_decay,
    }),
  }),
  pytorch: { name: 'torch.optim.SGD', betas: [] },
};
