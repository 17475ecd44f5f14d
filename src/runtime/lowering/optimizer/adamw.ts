import { mul } from '@tensorflow/tfjs-core';
import { adamw } from '../../../compiler/library/optimizer/adamw.js';
import type { OptimizerLowering } from '../lowering.js';
import { adamUpdate, correctedRates, momentSlots } from './moments.js';

/** Weight decay is apart from the gradient, and before the update. */
export const adamwLowering: OptimizerLowering<typeof adamw.parameters> = {
  word: adamw,
  slots: momentSlots,
  update(args, count) {
    const update = adamUpdate(args, count);
    const shrinkage = 1 - args.lr * args.weight_decay;
    return (weight, gradient, slots) => update(shrinkage === 1 ? weight : mul(weight, shrinkage), gradient, slots);
  },
  fusedUpdate(args, count) {
    const { beta1, beta2 } = args;
    const decay = 1 - args.lr * args.weight_decay;
    return { kind: 'adamw', ...correctedRates(args, count), beta1, beta2, decay };
  },
};
