import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernel-call.js';
import { Comparison } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { broadcastShape, broadcastStrides, denseStrides, elementCount } from '../strides.js';

/**
 * Lets a kernel that only moves elements handle strings: it receives int32 tensors of handles, and its int32 results
 * are converted back. Calls without string inputs are unaffected.
 */
export function movingStrings<Result extends TensorInfo | TensorInfo[]>(
  compute: (call: KernelCall) => Result,
): (call: KernelCall) => TensorInfo | TensorInfo[] {
  return (call) => {
    const { backend } = call;
    if (!call.tensors.some((tensor) => tensor.dtype === 'string')) return compute(call);
    const strings: Uint8Array[] = [];
    const handles: TensorInfo[] = [];
    const results = compute(
      call.replacing((tensor) => {
        if (tensor.dtype !== 'string') return tensor;
        const first = strings.length;
        strings.push(...backend.strings(tensor));
        const handle = backend.constant(
          tensor.shape,
          Int32Array.from({ length: strings.length - first }, (_, i) => first + i),
        );
        handles.push(handle);
        return handle;
      }),
    );
    const named = (result: TensorInfo): TensorInfo => {
      const values = Array.from(backend.intView(result), (handle) => strings[handle] ?? new Uint8Array());
      backend.disposeData(result.dataId);
      return { dataId: backend.write(values, result.shape, 'string'), shape: result.shape, dtype: 'string' };
    };
    const converted = Array.isArray(results) ? results.map(named) : named(results);
    for (const handle of handles) backend.disposeData(handle.dataId);
    return converted;
  };
}

function holds(f: Comparison, a: string, b: string): boolean {
  switch (f) {
    case Comparison.Equal:
      return a === b;
    case Comparison.NotEqual:
      return a !== b;
    case Comparison.Less:
      return a < b;
    case Comparison.LessEqual:
      return a <= b;
    case Comparison.Greater:
      return a > b;
    case Comparison.GreaterEqual:
      return a >= b;
  }
}

/** Compares strings by UTF-16 code units, with broadcasting. */
export function compareStrings(backend: SimdBackend, f: Comparison, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = broadcastShape(a.shape, b.shape);
  const [left, right] = [a, b].map((tensor) => backend.strings(tensor).map((bytes) => util.decodeString(bytes)));
  const [dense, aStrides, bStrides] = [
    denseStrides(shape),
    broadcastStrides(a.shape, shape),
    broadcastStrides(b.shape, shape),
  ];
  const at = (i: number, strides: readonly number[]): number =>
    dense.reduce((sum, stride, axis) => sum + (Math.floor(i / stride) % (shape[axis] ?? 1)) * (strides[axis] ?? 0), 0);
  const values = Uint8Array.from({ length: elementCount(shape) }, (_, i) =>
    holds(f, left?.[at(i, aStrides)] ?? '', right?.[at(i, bStrides)] ?? '') ? 1 : 0,
  );
  return { dataId: backend.write(values, shape, 'bool'), shape, dtype: 'bool' };
}
