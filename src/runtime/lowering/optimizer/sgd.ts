import { add, mul, sub } from '@tensorflow/tfjs-core';
import { sgd } from '../../../compiler/library/optimizer/sgd.js';
import type { OptimizerLowering } from '../lowering.js';
import { slotOf } from './slots.js';
import { withWeightDecay } from './weight-decay.js';

export const sgdLowering: OptimizerLowering<typeof sgd.parameters> = {
  word: sgd,
  slots: ['velocity'],
  update({ lr, momentum, nesterov, weight_decay }) {
    return (weight, gradient, slots) => {
      const slope = withWeightDecay(gradient, weight, weight_decay);
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
};
