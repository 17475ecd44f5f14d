import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerSlots } from '../lowering.js';

/** @throws RangeError for a slot that the optimizer doesn't declare */
export function slotOf(slots: OptimizerSlots, name: string): Tensor {
  const slot = slots[name];
  if (!slot) throw new RangeError(`the optimizer has no slot '${name}'`);
  return slot;
}
