import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel, numericType } from '../kernel-call.js';
import { Operation, Reduction } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { elementCount } from '../strides.js';
import { elementOf, transposed, withTemporary, withType } from './copying.js';

/** Normalises axes: non-negative, ascending and unique; all axes if none are given. */
export function reductionAxes(axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  for (const axis of positive) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
      throw new Error(`All values in axis param must be in range [-${rank}, ${rank}) but got axis ${axes}`);
    }
  }
  return [...new Set(positive)].sort((a, b) => a - b);
}

/** View of a tensor as [outer, length, inner] whose middle axis is reduced. */
interface MiddleAxis {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Middle-axis view if the reduced axes are adjacent (ignoring axes of size 1), else undefined. */
function middleAxis(shape: readonly number[], axes: readonly number[]): MiddleAxis | undefined {
  const counted = axes.filter((axis) => shape[axis] !== 1);
  const first = counted[0];
  const last = counted.at(-1);
  if (first === undefined || last === undefined) return { outer: elementCount(shape), length: 1, inner: 1 };
  const length = elementCount(counted.map((axis) => shape[axis] ?? 1));
  if (elementCount(shape.slice(first, last + 1)) !== length || counted.length !== spanned(shape, first, last))
    return undefined;
  return { outer: elementCount(shape.slice(0, first)), length, inner: elementCount(shape.slice(last + 1)) };
}

function spanned(shape: readonly number[], first: number, last: number): number {
  return shape.slice(first, last + 1).filter((size) => size !== 1).length;
}

/** Reduces x over the given axes, dropping them or keeping them with size 1. */
export function reduce(
  backend: SimdBackend,
  kind: Reduction,
  x: TensorInfo,
  axes: readonly number[],
  keepDims: boolean,
): TensorInfo {
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  const shape = keepDims ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : kept;
  const view = middleAxis(x.shape, axes);
  if (view === undefined) {
    const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
    return withTemporary(backend, transposed(backend, x, order), (moved) =>
      reduceMiddle(
        backend,
        kind,
        moved,
        { outer: elementCount(kept), length: elementCount(x.shape) / elementCount(kept), inner: 1 },
        shape,
      ),
    );
  }
  return reduceMiddle(backend, kind, x, view, shape);
}

function reduceMiddle(
  backend: SimdBackend,
  kind: Reduction,
  x: TensorInfo,
  view: MiddleAxis,
  shape: number[],
): TensorInfo {
  const dtype = numericType(x);
  const y = backend.allocate(shape, dtype);
  if (elementCount(shape) === 0) return y;
  backend.kernels
    .begin(Operation.Reduce)
    .int(kind)
    .int(elementOf(dtype))
    .int(view.outer)
    .int(view.length)
    .int(view.inner)
    .int(backend.address(x))
    .int(backend.address(y))
    .run(view.outer * view.inner * (view.length * 0.4 + 2));
  return y;
}

function reductionOf(call: KernelCall, kind: Reduction, dtype: 'float32' | 'int32' | 'bool'): TensorInfo {
  const { backend } = call;
  const given = call.tensor('x');
  const axes = reductionAxes(
    call.optionalNumbers('axis') ?? call.optionalNumbers('reductionIndices'),
    given.shape.length,
  );
  return withType(backend, given, dtype, (x) => reduce(backend, kind, x, axes, call.flag('keepDims')));
}

/** Type in which sums and products of a tensor are computed. */
function arithmeticType(x: TensorInfo): 'float32' | 'int32' {
  return numericType(x) === 'float32' ? 'float32' : 'int32';
}

function arithmetic(name: string, kind: Reduction): KernelConfig {
  return kernel(name, (call) => reductionOf(call, kind, arithmeticType(call.tensor('x'))));
}

/** First index of the extreme along one axis. */
function argument(name: string, largest: boolean): KernelConfig {
  return kernel(name, (call) => {
    const { backend } = call;
    const given = call.tensor('x');
    const [axis = 0] = reductionAxes(call.numbers('axis'), given.shape.length);
    const kept = given.shape.filter((_, i) => i !== axis);
    const order = [...given.shape.keys()].filter((i) => i !== axis).concat(axis);
    return withType(backend, given, 'float32', (x) =>
      withTemporary(backend, transposed(backend, x, order), (moved) => {
        const y = backend.allocate(kept, 'int32');
        const outer = elementCount(kept);
        const job = backend.kernels
          .begin(Operation.ArgReduce)
          .int(largest ? 1 : 0)
          .int(outer)
          .int(given.shape[axis] ?? 1);
        job.int(backend.address(moved)).int(backend.address(y)).run(elementCount(given.shape));
        return y;
      }),
    );
  });
}

function cumulative(name: string, product: boolean): KernelConfig {
  return kernel(name, (call) => {
    const { backend } = call;
    const given = call.tensor('x');
    const [axis = 0] = reductionAxes(call.numbers('axis'), given.shape.length);
    const dtype = arithmeticType(given);
    return withType(backend, given, dtype, (x) => {
      const y = backend.allocate(x.shape, dtype);
      const job = backend.kernels
        .begin(Operation.Cumulate)
        .int(product ? 1 : 0)
        .int(call.flag('exclusive') ? 1 : 0);
      job
        .int(call.flag('reverse') ? 1 : 0)
        .int(elementOf(dtype))
        .int(elementCount(x.shape.slice(0, axis)));
      job.int(x.shape[axis] ?? 1).int(elementCount(x.shape.slice(axis + 1)));
      job
        .int(backend.address(x))
        .int(backend.address(y))
        .run(elementCount(x.shape) * 2);
      return y;
    });
  });
}

function softmax(call: KernelCall): TensorInfo {
  const { backend } = call;
  return withType(backend, call.tensor('logits'), 'float32', (x) => {
    const length = x.shape.at(-1) ?? 1;
    const count = elementCount(x.shape);
    const y = backend.allocate(x.shape, 'float32');
    const job = backend.kernels
      .begin(Operation.SoftmaxRows)
      .int(length === 0 ? 0 : count / length)
      .int(length);
    job
      .int(backend.address(x))
      .int(backend.address(y))
      .run(count * 4);
    return y;
  });
}

/** The largest elements along the last axis and their places, sorted; equal ones by their places. */
function topK(call: KernelCall): TensorInfo[] {
  const { backend } = call;
  const given = call.tensor('x');
  const length = given.shape.at(-1) ?? 1;
  const count = call.number('k');
  const shape = [...given.shape.slice(0, -1), count];
  const rows = elementCount(shape.slice(0, -1));
  const dtype = arithmeticType(given);
  return withType(backend, given, dtype, (x) => {
    const values = backend.allocate(shape, dtype);
    const places = backend.allocate(shape, 'int32');
    if (count === 0 || rows === 0) return [values, places];
    const job = backend.kernels.begin(Operation.TopK).int(elementOf(dtype)).int(rows).int(length).int(count);
    job.int(backend.address(x)).int(backend.address(values)).int(backend.address(places));
    job.run(rows * (length + count * 10));
    return [values, places];
  });
}

/** Sums, means, products, extremes and their indices, the largest, softmax, and cumulative sums and products. */
export const reductionKernels: readonly KernelConfig[] = [
  arithmetic('Sum', Reduction.Sum),
  arithmetic('Prod', Reduction.Product),
  arithmetic('Max', Reduction.Maximum),
  arithmetic('Min', Reduction.Minimum),
  kernel('Mean', (call) => reductionOf(call, Reduction.Mean, 'float32')),
  kernel('All', (call) => reductionOf(call, Reduction.All, 'bool')),
  kernel('Any', (call) => reductionOf(call, Reduction.Any, 'bool')),
  argument('ArgMax', true),
  argument('ArgMin', false),
  kernel('Softmax', softmax),
  kernel('TopK', topK),
  cumulative('Cumsum', false),
  cumulative('Cumprod', true),
];
