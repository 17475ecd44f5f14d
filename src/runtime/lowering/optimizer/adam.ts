import { adam } from '../../../compiler/library/optimizer/adam.js';
import type { OptimizerLowering } from '../lowering.js';
import { adamUpdate, correctedRates, momentSlots } from './moments.js';
import { withWeightDecay } from './weight-decay.js';

/** Weight decay is part of the gradient, as in `torch.optim.Adam`. */
export const adamLowering: OptimizerLowering<typeof adam.parameters> = {
  word: adam,
  slots: momentSlots,
  update(args, count) {
    const update = adamUpdate(args, count);
    return (weight, gradient, slots) => update(weight, withWeightDecay(gradient, weight, args.weight_decay), slots);
  },
  fusedUpdate(args, count) {
    const { beta1, beta2, weight_decay: decay } = args;
    return { kind: 'adam', ...correctedRates(args, count), beta1, beta2, decay };
  },
};
