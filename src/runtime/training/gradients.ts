import { engine, type Scalar, square, sum, type Tensor, zerosLike } from '@tensorflow/tfjs-core';
import { fusedOperations } from '../lowering/fused-operations.js';
import { elementsOf, scalarValue } from './weight-store.js';

/** TF.js's record of operations. */
type Tape = ReturnType<typeof engine>['state']['activeTape'];

/**
 * Gradients of a scalar with respect to some tensors, in their order; zero if the scalar doesn't depend on one. Call it
 * within a tidy, which then frees the intermediate tensors.
 */
export function gradientsOf(compute: () => Scalar, by: readonly Tensor[]): Tensor[] {
  const differentiated = (): Scalar => {
    const value = compute();
    freeOnTheWayBack(engine().state.activeTape);
    return value;
  };
  const { grads } = engine().gradients(differentiated, [...by], undefined, true);
  return by.map((tensor, i) => grads[i] ?? zerosLike(tensor));
}

/**
 * Makes each operation's backward step free what only the previous step needed: saved tensors, the gradient that
 * arrived, and the summands of gradients. TF.js would keep them all to the end, in twice the memory.
 */
function freeOnTheWayBack(tape: Tape): void {
  /** For each gradient, the number of tensors it belongs to: an operation may pass on the one it received. */
  const uses = new Map<Tensor, number>();
  /** Ids of tensors that have a gradient. */
  const reached = new Set<number>();
  let over: (() => void)[] = [];
  const free = (gradient: Tensor) => {
    const left = (uses.get(gradient) ?? 1) - 1;
    uses.set(gradient, left);
    if (left <= 0) gradient.dispose();
  };
  for (const node of tape) {
    const { gradient: ofInputs, inputs, saved = [] } = node;
    if (!ofInputs) continue;
    node.gradient = (arrived) => {
      for (const each of over) each();
      over = saved.map((tensor) => () => tensor.dispose());
      for (const gradient of arrived) {
        // TF.js passes null for an output without a gradient.
        if (gradient === null) continue;
        // An unknown gradient is a sum that TF.js made.
        if (!uses.has(gradient)) uses.set(gradient, 1);
        over.push(() => free(gradient));
      }
      const gradients = Object.entries(ofInputs(arrived)).map(([name, compute]) => {
        const noted = () => {
          const gradient = compute();
          const { id = -1 } = inputs[name] ?? {};
          uses.set(gradient, (uses.get(gradient) ?? 0) + 1);
          // TF.js adds it to the existing gradient, in a new tensor.
          if (reached.has(id)) over.push(() => free(gradient));
          reached.add(id);
          return gradient;
        };
        return [name, noted];
      });
      return Object.fromEntries(gradients);
    };
  }
}

/** Sum of the squares of a tensor's elements. */
export function sumOfSquares(values: Tensor): Scalar {
  return fusedOperations()?.sumOfSquares(values) ?? sum<Scalar>(square(values));
}

/**
 * L2 norm of a tensor. The backend sums the squares; if they overflow float32, the host does, so that the norm is
 * finite if every element is.
 */
export function euclideanNorm(values: Tensor): number {
  return normOf(values, sumOfSquares(values));
}

/** L2 norm of a tensor, given its sum of squares. */
export function normOf(values: Tensor, squares: Tensor | undefined): number {
  const norm = squares === undefined ? Number.NaN : Math.sqrt(scalarValue(squares));
  return Number.isFinite(norm) ? norm : combinedNorm(elementsOf(values));
}

/** Joint norm of several tensors, from their norms; or the norm of a vector, from its elements. */
export function combinedNorm(norms: Iterable<number>): number {
  let squares = 0;
  for (const norm of norms) squares += norm * norm;
  return Math.sqrt(squares);
}
