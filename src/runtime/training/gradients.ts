import { engine, type Scalar, square, sum, type Tensor, zerosLike } from '@tensorflow/tfjs-core';
import { fusedOperations } from '../lowering/fused-operations.js';
import { elementsOf, scalarValue } from './weight-store.js';

/** What TF.js notes of every operation. */
type Tape = ReturnType<typeof engine>['state']['activeTape'];

/**
 * The gradients of a scalar by each of some tensors, in their order; zero for one that the scalar doesn't depend on.
 * Must be called within a tidy, which then frees what is made on the way.
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
 * Has each operation, when the next one is at its turn on the way back, free what only it needed: what it saved, the gradient
 * that arrived, and what went into a sum of gradients. TF.js would keep all of that to the end, which is twice the memory.
 */
function freeOnTheWayBack(tape: Tape): void {
  /** How many tensors' gradient a tensor is; an operation may pass on the one that it was given. */
  const uses = new Map<Tensor, number>();
  /** Ids of the tensors that have a gradient. */
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
        // TF.js has null for an output without one.
        if (gradient === null) continue;
        // TF.js made it, as the sum of several.
        if (!uses.has(gradient)) uses.set(gradient, 1);
        over.push(() => free(gradient));
      }
      const gradients = Object.entries(ofInputs(arrived)).map(([name, compute]) => {
        const noted = () => {
          const gradient = compute();
          const { id = -1 } = inputs[name] ?? {};
          uses.set(gradient, (uses.get(gradient) ?? 0) + 1);
          // It is added to the one that is there, which makes a third.
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

/** The sum of the squares of a tensor's elements. */
export function sumOfSquares(values: Tensor): Scalar {
  return fusedOperations()?.sumOfSquares(values) ?? sum<Scalar>(square(values));
}

/**
 * The L2 norm of a tensor. The backend sums the squares; where they are too large for float32 that is done here, so that
 * the norm is finite if every element is.
 */
export function euclideanNorm(values: Tensor): number {
  return normOf(values, sumOfSquares(values));
}

/** The same, from the sum of squares. */
export function normOf(values: Tensor, squares: Tensor | undefined): number {
  const norm = squares === undefined ? Number.NaN : Math.sqrt(scalarValue(squares));
  return Number.isFinite(norm) ? norm : combinedNorm(elementsOf(values));
}

/** The norm of several tensors together, from their norms, or of a vector, from its elements. */
export function combinedNorm(norms: Iterable<number>): number {
  let squares = 0;
  for (const norm of norms) squares += norm * norm;
  return Math.sqrt(squares);
}
