import { reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';

/** `[batch, features]` in the language's order, or an image of that shape, to `[batch, height, width, channels]`. */
export function toInside(elements: Tensor, shape: Shape): Tensor {
  const batch = elements.shape[0] ?? 0;
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined)
    return reshape(elements, [batch, ...shape]);
  if (channels === 1) return reshape(elements, [batch, height, width, 1]);
  return transpose(reshape(elements, [batch, channels, height, width]), [0, 2, 3, 1]);
}

/** What a layer gives, of this shape, to `[batch, elements]` in the language's order: channel by channel. */
export function toElements(inside: Tensor, shape: Shape): Tensor {
  const batch = inside.shape[0] ?? 0;
  const ordered = shape.length === 3 && shape[0] !== 1 ? transpose(inside, [0, 3, 1, 2]) : inside;
  return ordered.shape.length === 2 ? ordered : reshape(ordered, [batch, -1]);
}
