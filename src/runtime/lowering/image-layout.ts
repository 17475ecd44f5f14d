import { reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';

/**
 * Converts elements in the language's order to `[batch, height, width, channels]` for an image, `[batch, length,
 * channels]` for a signal, and `[batch, features]` for features.
 */
export function toInside(elements: Tensor, shape: Shape): Tensor {
  const batch = elements.shape[0] ?? 0;
  const [channels = 1, ...extent] = shape;
  if (extent.length === 0) return reshape(elements, [batch, ...shape]);
  if (channels === 1) return reshape(elements, [batch, ...extent, 1]);
  return transpose(reshape(elements, [batch, ...shape]), [0, ...extent.map((_, axis) => axis + 2), 1]);
}

/** Converts a layer's output to `[batch, elements]` in the language's order: channel by channel. */
export function toElements(inside: Tensor, shape: Shape): Tensor {
  const batch = inside.shape[0] ?? 0;
  const last = shape.length;
  const ordered =
    last > 1 && shape[0] !== 1 ? transpose(inside, [0, last, ...shape.slice(1).map((_, axis) => axis + 1)]) : inside;
  return ordered.shape.length === 2 ? ordered : reshape(ordered, [batch, -1]);
}
