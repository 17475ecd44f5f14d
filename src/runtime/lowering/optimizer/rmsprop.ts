import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import { rmsprop } from '../../../compiler/library/optimizer/rmsprop.js';
import type { OptimizerLowering } from '../lowering.js';
import { slotOf } from './slots.js';
import { withWeightDecay } from './weight-decay.js';

export const rmspropLowering: OptimizerLowering<typeof rmsprop.parameters> = {
  word: rmsprop,
  slots: ['square', 'velocity'],
  update({ lr, alpha, eps, momentum, weight_decay }) {
    return (weight, gradient, slots) => {
      const slope = withWeightDecay(gradient, weight, weight_decay);
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
};
