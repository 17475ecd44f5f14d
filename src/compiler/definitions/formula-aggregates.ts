import type { FormulaAxis, FormulaReduction, Operation } from '../ir/formula.js';

/** Functions over an axis that are made of several steps. */
const aggregates = ['var', 'std', 'softmax', 'logsumexp'] as const;
export type Aggregate = (typeof aggregates)[number];

/** Adds steps to a formula; each gives the index of its step, or null after an error, and takes such. */
export interface StepMaker {
  reduced(reduction: FormulaReduction, of: number | null): number | null;
  operation(operation: Operation, ...operands: readonly (number | null)[]): number | null;
}

export function aggregateNamed(name: string): Aggregate | null {
  return aggregates.find((known) => known === name) ?? null;
}

/** The axis of a call without one. */
export function axisOfAggregate(name: Aggregate): FormulaAxis {
  return name === 'softmax' ? 'features' : 'everything';
}

/** The steps of an aggregate of a tensor. @param x index of the tensor's step */
export function aggregated(name: Aggregate, x: number, { reduced, operation }: StepMaker): number | null {
  if (name === 'var' || name === 'std') {
    const variance = reduced('mean', operation('square', operation('-', x, reduced('mean', x))));
    return name === 'var' ? variance : operation('sqrt', variance);
  }
  // The greatest value is a constant: it only keeps the exponentials finite.
  const greatest = operation('stop_gradient', reduced('max', x));
  const exponentials = operation('exp', operation('-', x, greatest));
  const total = reduced('sum', exponentials);
  return name === 'softmax' ? operation('/', exponentials, total) : operation('+', greatest, operation('log', total));
}
