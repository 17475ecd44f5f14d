import { engine, type Scalar, square, sum, type Tensor, zerosLike } from '@tensorflow/tfjs-core';
import { fusedOperations } from '../lowering/fused-operations.js';
import { elementsOf, scalarValue } from './weight-store.js';

/**
 * The gradients of a scalar by each of some tensors, in their order; zero for one that the scalar doesn't depend on.
 * Must be called within a tidy, which then frees what is made on the way.
 */
export function gradientsOf(compute: () => Scalar, by: readonly Tensor[]): Tensor[] {
  const { grads } = engine().gradients(compute, [...by], undefined, true);
  return by.map((tensor, i) => grads[i] ?? zerosLike(tensor));
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
