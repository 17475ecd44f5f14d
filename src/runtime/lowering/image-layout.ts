import { reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';

/**
 * Converts elements in the language's order to `[batch, height, width, channels]` for an image, else to
 * `[batch, …shape]`.
 */
export function toInside(elements: Tensor, shape: Shape): Tensor {
  const batch = elements.shape[0] ?? 0;
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined)
    return reshape(elements, [batch, ...shape]);
  if (channels === 1) return reshape(elements, [batch, height, width, 1]);
  return transpose(reshape(elements, [batch, channels, height, width]), [0, 2, 3, 1]);
}

/** Converts a layer's output to `[batch, elements]` in the language's order: channel by channel. */
export function toElements(inside: Tensor, shape: Shape): Tensor {
  const batch = inside.shape[0] ?? 0;
  const ordered = shape.length === 3 && shape[0] !== 1 ? transpose(inside, [0, 3, 1, 2]) : inside;
  return ordered.shape.length === 2 ? ordered : reshape(ordered, [batch, -1]);
}
