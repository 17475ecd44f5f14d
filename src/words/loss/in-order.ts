import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operations } from '../../runtime/lowering/operations.js';

/** A layer's output as `[batch, values]`, in the order of its weights. */
export function inOrder({ toElements }: Pick<Operations, 'toElements'>, values: Tensor): Tensor {
  return toElements(values, [values.shape.at(-1) ?? 1, ...values.shape.slice(1, -1)]);
}
