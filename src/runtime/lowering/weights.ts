import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerContext, OptimizerSlots } from './lowering.js';

/** @throws RangeError for a weight that the layer's word doesn't declare for these arguments */
export function weightOf(context: Pick<LayerContext, 'weights'>, name: string): Tensor {
  const weight = context.weights[name];
  if (!weight) throw new RangeError(`the layer has no weight '${name}'`);
  return weight;
}

/** @throws RangeError for a slot that the optimizer doesn't declare */
export function slotOf(slots: OptimizerSlots, name: string): Tensor {
  const slot = slots[name];
  if (!slot) throw new RangeError(`the optimizer has no slot '${name}'`);
  return slot;
}
