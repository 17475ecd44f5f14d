import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerContext } from './lowering.js';

/** @throws RangeError for a weight that the layer's word doesn't declare for these arguments */
export function weightOf(context: Pick<LayerContext, 'weights'>, name: string): Tensor {
  const weight = context.weights[name];
  if (!weight) throw new RangeError(`the layer has no weight '${name}'`);
  return weight;
}
