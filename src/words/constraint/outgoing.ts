import type { Tensor } from '@tensorflow/tfjs-core';
import { boolean, choice } from '../../compiler/library/parameter.js';
import type { Operations } from '../../runtime/lowering/operations.js';

/** Keeps a norm of zero from being divided by, as `torch.nn.functional.normalize` does. */
export const leastNorm = 1e-12;

/** Which weights are one vector. */
export function vectors(what: string) {
  return choice({
    doc:
      `Which weights ${what}: the \`incoming\` ones of each of the layer’s units, or the \`outgoing\` ones of each unit below ` +
      'it, which in the decoder of a sparse autoencoder are the columns, the feature’s direction.',
    options: ['incoming', 'outgoing'],
    default: 'incoming',
  });
}

export function projectGradient() {
  return boolean({
    doc:
      'Whether the part of the gradient along these weights, which the norm takes back, is removed before clipping and the ' +
      'update, so that no optimizer averages it.',
    default: false,
  });
}

interface Vectors {
  readonly of: 'incoming' | 'outgoing';
}

interface Projected extends Vectors {
  readonly project_gradient: boolean;
}

export function axesOf({ of }: Vectors, shape: readonly number[], incoming: readonly number[]): number[] {
  return of === 'incoming' ? [...incoming] : [...shape.keys()].filter((axis) => axis !== 1);
}

export function normOf({ maximum, sqrt, square, sum }: Operations, weight: Tensor, axes: number[]): Tensor {
  return maximum(sqrt(sum(square(weight), axes, true)), leastNorm);
}

/** The gradient without its part along the weights, where that is asked for. */
export function withoutPartAlong(
  operations: Operations,
  args: Projected,
  weight: Tensor,
  gradient: Tensor,
  incoming: readonly number[],
): Tensor {
  if (!args.project_gradient) return gradient;
  const { div, mul, sub, sum } = operations;
  const axes = axesOf(args, weight.shape, incoming);
  const direction = div(weight, normOf(operations, weight, axes));
  return sub(gradient, mul(sum(mul(gradient, direction), axes, true), direction));
}

export function axesInPython({ of }: Vectors, w: string, incoming: string): string {
  return of === 'incoming' ? incoming : `[axis for axis in range(${w}.dim()) if axis != 1]`;
}

export function normInPython(w: string, axes: string): string {
  return `torch.linalg.vector_norm(${w}, dim=${axes}, keepdim=True).clamp_min(${leastNorm})`;
}

export function withoutPartAlongInPython(args: Projected, w: string, incoming: string): string | null {
  if (!args.project_gradient) return null;
  const along = axesInPython(args, w, incoming);
  return `${w}.grad - (${w}.grad * (d := ${w} / ${normInPython(w, along)})).sum(${along}, keepdim=True) * d`;
}
