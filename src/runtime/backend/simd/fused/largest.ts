import type { Tensor } from '@tensorflow/tfjs-core';
import type { SizeOf } from '../../../lowering/fused-operations.js';
import { Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { tensorOf } from './results.js';

/** The largest elements along the last axis, in their places; 0 elsewhere. */
export function keepLargest(backend: SimdBackend, values: Tensor, count: number, by: SizeOf): Tensor {
  const length = values.shape.at(-1) ?? 1;
  const rows = elementCount(values.shape) / length;
  const kept = backend.allocate(values.shape, 'float32');
  const job = backend.kernels.begin(Operation.KeepLargest).int(rows).int(length).int(count);
  job.int(by === 'magnitude' ? 1 : 0);
  job.int(backend.address(values)).int(backend.address(kept));
  job.run(rows * (length * 2 + count * 20));
  return tensorOf(kept);
}
