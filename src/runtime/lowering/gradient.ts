import { customGrad, engine, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** A value, and how a gradient with respect to it propagates to each input. */
export interface Differentiable<T extends Tensor> {
  readonly value: T;
  /** @param saved the tensors given to `save`, in that order */
  readonly gradient: (upstream: Tensor, saved: readonly Tensor[]) => Tensor[];
}

/**
 * A function with a gradient of its own, for cases where TF.js's is slower or, at the ends of the range, not PyTorch's.
 *
 * Tensors made by `compute` are freed when it returns, except its value and those passed to `save`.
 */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  compute: (save: (tensors: Tensor[]) => void) => Differentiable<T>,
): T {
  const differentiable = customGrad<T>((...given) => {
    const save = given.at(-1);
    if (typeof save !== 'function') throw new TypeError('TF.js called a custom gradient without a save function');
    const { value, gradient } = compute(save);
    // Otherwise TF.js keeps a gradient's intermediate tensors until all gradients are computed.
    return { value, gradFunc: (upstream: Tensor, saved: Tensor[]) => tidy(() => gradient(upstream, saved)) };
  });
  return differentiable(...inputs);
}

/** An element-wise function with its derivative. */
export function elementwise(input: Tensor, value: (x: Tensor) => Tensor, derivative: (x: Tensor) => Tensor): Tensor {
  return withGradient([input], (save) => {
    save([input]);
    return {
      value: value(input),
      gradient: (upstream, [x = input]) => [mul(upstream, derivative(x))],
    };
  });
}

/** Computes something that isn't differentiated, and frees all tensors it makes. */
export function withoutGradient<T>(compute: () => T): T {
  const { activeTape: tape } = engine().state;
  const before = tape?.length ?? 0;
  engine().startScope();
  try {
    return compute();
  } finally {
    engine().endScope();
    for (const { saved = [] } of tape?.splice(before) ?? []) for (const tensor of saved) tensor.dispose();
  }
}
