import {
  abs,
  cast,
  cumsum,
  equal,
  greater,
  less,
  logicalAnd,
  logicalOr,
  mul,
  notEqual,
  relu,
  reshape,
  slice,
  step,
  sub,
  sum,
  type Tensor,
  topk,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { fusedOperations, type SizeOf } from './fused-operations.js';
import { withGradient } from './gradient.js';

/**
 * The `count` largest elements along the last axis, in their places, and 0 elsewhere. Of equal ones the first are kept,
 * and NaN always is. Only elements that are not 0 afterwards have a gradient.
 */
export function keepLargest(input: Tensor, count: number, by: SizeOf): Tensor {
  return withGradient([input], (save) => {
    const fused = fusedOperations();
    const value = fused ? fused.keepLargest(input, count, by) : largestInParts(input, count, by);
    save([value]);
    return {
      value,
      gradient: (upstream, [kept = value]) => [mul(upstream, step(by === 'magnitude' ? abs(kept) : kept))],
    };
  });
}

/** The same value from operations that every backend has. */
export function largestInParts(input: Tensor, count: number, by: SizeOf): Tensor {
  const length = input.shape.at(-1) ?? 1;
  const rows = input.size / length;
  const x = reshape(input, [rows, length]);
  const size = by === 'magnitude' ? abs(x) : relu(x);
  const least = slice(topk(size, count).values, [0, count - 1], [rows, 1]);
  const above = logicalOr(greater(size, least), notEqual(size, size));
  const ties = equal(size, least);
  const left = sub(count, sum(cast(above, 'float32'), 1, true));
  const first = less(cumsum(cast(ties, 'float32'), 1, true), left);
  const isKept = logicalOr(above, logicalAnd(ties, first));
  return reshape(where(isKept, by === 'magnitude' ? x : size, zerosLike(x)), input.shape);
}
