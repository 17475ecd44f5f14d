import type { TensorInfo } from '@tensorflow/tfjs-core';
import { numericType } from '../kernel-call.js';
import { Element, Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { broadcastStrides, denseStrides, elementCount, mergeAxes } from '../strides.js';

export function elementOf(dtype: 'float32' | 'int32' | 'bool'): Element {
  switch (dtype) {
    case 'float32':
      return Element.Float32;
    case 'int32':
      return Element.Int32;
    case 'bool':
      return Element.Bool;
  }
}

function bytesOf(dtype: 'float32' | 'int32' | 'bool'): number {
  return dtype === 'bool' ? 1 : 4;
}

/** One side of a strided copy: a tensor, the starting element, and a stride, in elements, per loop axis. */
export interface StridedSide {
  readonly tensor: TensorInfo;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Copies `shape` elements from one side to the other. Source strides may be 0 (repeat) or negative (reverse). */
export function stridedCopy(backend: SimdBackend, shape: readonly number[], from: StridedSide, to: StridedSide): void {
  const count = elementCount(shape);
  if (count === 0) return;
  const bytes = bytesOf(numericType(from.tensor));
  const axes = mergeAxes(shape, [from.strides, to.strides]);
  let planes = false;
  const inner = axes.findIndex((axis) => axis.strides[1] === 1);
  // Put the result's dense axis last, and the source's dense axis before it.
  if (inner >= 0) axes.push(...axes.splice(inner, 1));
  const row = axes.pop() ?? { size: 1, strides: [1, 1] };
  const source = axes.findIndex((axis) => axis.strides[0] === 1 && (axis.strides[1] ?? 0) > 1);
  if (bytes === 4 && (row.strides[0] ?? 0) > 1 && row.strides[1] === 1 && source >= 0 && row.size >= 4) {
    axes.push(...axes.splice(source, 1));
    planes = true;
  }
  const rows = count / row.size;
  backend.kernels
    .begin(Operation.Copy)
    .int(bytes)
    .int(backend.address(from.tensor) + from.offset * bytes)
    .int(backend.address(to.tensor) + to.offset * bytes)
    .int(row.size)
    .int((row.strides[0] ?? 0) * bytes)
    .int((row.strides[1] ?? 0) * bytes)
    .int(rows)
    .int(planes ? 1 : 0)
    .int(axes.length)
    .ints(axes.map((axis) => axis.size))
    .ints(axes.map((axis) => (axis.strides[0] ?? 0) * bytes))
    .ints(axes.map((axis) => (axis.strides[1] ?? 0) * bytes))
    .run(count * 0.5 + rows * 5);
}

/**
 * A new dense tensor that holds, at each index of `shape`, the element of x at `offset` plus the index times the
 * strides.
 */
export function gatherStrided(
  backend: SimdBackend,
  x: TensorInfo,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): TensorInfo {
  const y = backend.allocate(shape, numericType(x));
  const from = { tensor: x, offset, strides };
  stridedCopy(backend, shape, from, { tensor: y, offset: 0, strides: denseStrides(shape) });
  return y;
}

/** x with permuted axes. */
export function transposed(backend: SimdBackend, x: TensorInfo, order: readonly number[]): TensorInfo {
  const strides = denseStrides(x.shape);
  return gatherStrided(
    backend,
    x,
    order.map((axis) => x.shape[axis] ?? 1),
    order.map((axis) => strides[axis] ?? 0),
  );
}

/** x broadcast to `shape`; adds a reference to x if nothing repeats. */
export function broadcastTo(backend: SimdBackend, x: TensorInfo, shape: readonly number[]): TensorInfo {
  if (elementCount(x.shape) === elementCount(shape)) return backend.alias(x, shape);
  return gatherStrided(backend, x, shape, broadcastStrides(x.shape, shape));
}

/** x cast to another type; adds a reference to x if it already has that type. */
export function converted(backend: SimdBackend, x: TensorInfo, dtype: 'float32' | 'int32' | 'bool'): TensorInfo {
  const from = numericType(x);
  if (from === dtype) return backend.alias(x, x.shape);
  const y = backend.allocate(x.shape, dtype);
  const n = elementCount(x.shape);
  backend.kernels
    .begin(Operation.Cast)
    .int(elementOf(from))
    .int(elementOf(dtype))
    .int(n)
    .int(backend.address(x))
    .int(backend.address(y))
    .run(n * 0.3);
  return y;
}

export function filled(
  backend: SimdBackend,
  shape: readonly number[],
  dtype: 'float32' | 'int32' | 'bool',
  value: number,
): TensorInfo {
  const y = backend.allocate(shape, dtype);
  const n = elementCount(shape);
  const job = backend.kernels.begin(Operation.Fill).int(bytesOf(dtype)).int(n).int(backend.address(y));
  if (dtype === 'float32') job.float(value);
  else job.int(value);
  job.run(n * 0.2);
  return y;
}

/** Runs `use` on a temporary tensor and releases it afterwards. */
export function withTemporary<T>(backend: SimdBackend, tensor: TensorInfo, use: (tensor: TensorInfo) => T): T {
  try {
    return use(tensor);
  } finally {
    backend.disposeData(tensor.dataId);
  }
}

export function withType<T>(
  backend: SimdBackend,
  tensor: TensorInfo,
  dtype: 'float32' | 'int32' | 'bool',
  use: (tensor: TensorInfo) => T,
): T {
  return tensor.dtype === dtype ? use(tensor) : withTemporary(backend, converted(backend, tensor, dtype), use);
}
