import type { Tensor } from '@tensorflow/tfjs-core';
import type { FusedCorruption } from '../../../lowering/fused-operations.js';
import type { RandomPlace } from '../../../random/place.js';
import { Distribution, Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { drawing } from './random.js';

/** Looks up each byte in a table of 256 numbers. */
export function lookUp(backend: SimdBackend, bytes: Tensor, table: Tensor, into: Tensor): void {
  const n = elementCount(into.shape);
  const job = backend.kernels.begin(Operation.LookUp).int(n).int(backend.address(bytes)).int(backend.address(table));
  job.int(backend.address(into)).run(n);
}

/** Corrupts values, drawing the random numbers in the kernel. */
export function corrupt(
  backend: SimdBackend,
  values: Tensor,
  corruption: FusedCorruption,
  place: RandomPlace,
  into: Tensor,
): void {
  const n = elementCount(into.shape);
  if (corruption.kind === 'disturb') {
    const job = drawing(backend, Distribution.Disturbed, place, n).float(corruption.deviation);
    job
      .int(backend.address(into))
      .int(backend.address(values))
      .run(n * 4);
    return;
  }
  const { probability, split, low, high } = corruption;
  const job = drawing(backend, Distribution.Replaced, place, n).float(probability).int(backend.address(into));
  job.int(backend.address(values)).float(split).float(low);
  job.float(high).run(n * 4);
}
