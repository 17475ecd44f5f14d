import { customGrad, engine, mul, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** A value, and how a gradient that arrives at it goes on to each of its inputs. */
export interface Differentiable<T extends Tensor> {
  readonly value: T;
  /** @param saved the tensors given to `save`, in that order */
  readonly gradient: (upstream: Tensor, saved: readonly Tensor[]) => Tensor[];
}

/**
 * A function with a gradient of our own, where the one that TF.js puts together from its operations is slower or, at
 * the ends of the range, not PyTorch's.
 *
 * What `compute` makes is freed when it returns, except its value and what it gives to `save`.
 */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  compute: (save: (tensors: Tensor[]) => void) => Differentiable<T>,
): T {
  const differentiable = customGrad<T>((...given) => {
    const save = given.at(-1);
    if (typeof save !== 'function') throw new TypeError('TF.js called a custom gradient without a save function');
    const { value, gradient } = compute(save);
    // TF.js keeps what a gradient makes on the way until all gradients are there.
    return { value, gradFunc: (upstream: Tensor, saved: Tensor[]) => tidy(() => gradient(upstream, saved)) };
  });
  return differentiable(...inputs);
}

/** A function of one element, with its derivative. */
export function elementwise(input: Tensor, value: (x: Tensor) => Tensor, derivative: (x: Tensor) => Tensor): Tensor {
  return withGradient([input], (save) => {
    save([input]);
    return {
      value: value(input),
      gradient: (upstream, [x = input]) => [mul(upstream, derivative(x))],
    };
  });
}

/** Computes what nothing is differentiated by, and frees all of it. */
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
