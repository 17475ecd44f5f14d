import { backend_util, type KernelConfig, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel, numericType } from '../kernel-call.js';
import { Operation } from '../operations.js';
import type { SimdBackend } from '../simd-backend.js';
import { denseStrides, elementCount } from '../strides.js';
import { converted, elementOf, filled, gatherStrided, withTemporary, withType } from './copying.js';
import { movingStrings } from './strings.js';

/** How slices of a tensor are selected, in slices; see assembly/indexing.ts. */
interface GatherPlan {
  readonly slices: number;
  readonly sliceSize: number;
  readonly perGroup: number;
  /** Elements per group of x. */
  readonly groupSize: number;
  readonly groupsPerBatch: number;
}

/** Gathers slices of x into a new tensor. */
export function gatherSlices(
  backend: SimdBackend,
  x: TensorInfo,
  indices: TensorInfo,
  plan: GatherPlan,
  shape: number[],
): TensorInfo {
  const dtype = numericType(x);
  const y = backend.allocate(shape, dtype);
  if (plan.slices * plan.sliceSize === 0) return y;
  const bytes = dtype === 'bool' ? 1 : 4;
  const job = backend.kernels
    .begin(Operation.Gather)
    .int(plan.slices)
    .int(plan.sliceSize * bytes);
  job.int(backend.address(x)).int(backend.address(indices)).int(backend.address(y));
  job
    .int(plan.perGroup)
    .int(plan.groupSize * bytes)
    .int(plan.groupsPerBatch);
  job.run(plan.slices * (plan.sliceSize * 0.3 + 5));
  return y;
}

function checkBatchAxes(shape: readonly number[], indices: readonly number[], axis: number, batchDims: number): void {
  if (Math.abs(batchDims) > indices.length) {
    throw new Error(`Expect batchDims in the range of [-${indices.length}, ${indices.length}], but got ${batchDims}`);
  }
  if (axis < batchDims) throw new Error(`batchDims (${batchDims}) must be less than or equal to axis (${axis}).`);
  for (let i = 0; i < batchDims; ++i) {
    if (shape[i] !== indices[i]) {
      throw new Error(`x.shape[${i}]: ${shape[i]} should be equal to indices.shape[${i}]: ${indices[i]}.`);
    }
  }
}

function gatherV2(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('x');
  const [axis = 0] = util.parseAxisParam(call.number('axis'), x.shape);
  const limit = x.shape[axis] ?? 0;
  return withType(backend, call.tensor('indices'), 'int32', (indices) => {
    for (const index of backend.intView(indices)) {
      util.assert(index >= 0 && index < limit, () => `GatherV2: the index value ${index} is not in [0, ${limit - 1}]`);
    }
    const batchDims =
      call.number('batchDims', 0) < 0 ? call.number('batchDims') + indices.shape.length : call.number('batchDims', 0);
    checkBatchAxes(x.shape, indices.shape, axis, batchDims);
    const batch = elementCount(x.shape.slice(0, batchDims));
    const outer = elementCount(x.shape.slice(batchDims, axis));
    const perGroup = elementCount(indices.shape) / batch;
    const sliceSize = elementCount(x.shape.slice(axis + 1));
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    const plan = {
      slices: batch * outer * perGroup,
      sliceSize,
      perGroup,
      groupSize: limit * sliceSize,
      groupsPerBatch: outer,
    };
    return gatherSlices(backend, x, indices, plan, shape);
  });
}

/** Converts index tuples to row numbers, as an int32 tensor. Throws if one is outside of [0, rows). */
function flatIndices(
  backend: SimdBackend,
  indices: TensorInfo,
  count: number,
  sliceRank: number,
  strides: readonly number[],
  rows: number,
  describe: (tuple: readonly number[]) => string,
): TensorInfo {
  const from = backend.intView(indices);
  const flat = new Int32Array(count);
  for (let i = 0; i < count; ++i) {
    let row = 0;
    for (let j = 0; j < sliceRank; ++j) row += (from[i * sliceRank + j] ?? 0) * (strides[j] ?? 0);
    if (row < 0 || row >= rows) throw new Error(describe([...from.subarray(i * sliceRank, (i + 1) * sliceRank)]));
    flat[i] = row;
  }
  return backend.constant([count], flat);
}

function gatherNd(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('params');
  const given = call.tensor('indices');
  if (x.shape.length < 1 || given.shape.length < 1) throw new Error('GatherNd expects tensors of at least one axis');
  const sliceRank = given.shape.at(-1) ?? 0;
  if (sliceRank > x.shape.length) {
    throw new Error(`index innermost dimension length must be <= tensor rank; saw: ${sliceRank} vs. ${x.shape.length}`);
  }
  const count = elementCount(given.shape.slice(0, -1));
  const sliceSize = elementCount(x.shape.slice(sliceRank));
  const strides = x.shape.slice(0, sliceRank).map((_, axis) => elementCount(x.shape.slice(axis + 1, sliceRank)));
  const shape = [...given.shape.slice(0, -1), ...x.shape.slice(sliceRank)];
  const rows = elementCount(x.shape.slice(0, sliceRank));
  const message = (tuple: readonly number[]) => `Invalid indices: ${tuple} does not index into ${x.shape}`;
  return withType(backend, given, 'int32', (indices) =>
    withTemporary(backend, flatIndices(backend, indices, count, sliceRank, strides, rows, message), (flat) => {
      const plan = { slices: count, sliceSize, perGroup: Math.max(count, 1), groupSize: 0, groupsPerBatch: 1 };
      return gatherSlices(backend, x, flat, plan, shape);
    }),
  );
}

/** Adds or writes update rows to rows of y, in ascending order of the updates. */
export function scatter(
  backend: SimdBackend,
  y: TensorInfo,
  rows: TensorInfo,
  updates: TensorInfo,
  sliceSize: number,
  replace: boolean,
): void {
  const count = elementCount(rows.shape);
  const job = backend.kernels
    .begin(Operation.ScatterRows)
    .int(elementOf(numericType(updates)))
    .int(count)
    .int(sliceSize);
  job
    .int(backend.address(rows))
    .int(backend.address(updates))
    .int(backend.address(y))
    .int(replace ? 1 : 0);
  job.run(count * (sliceSize * 0.5 + 5));
}

/** Scatters `updates` at index tuples into y, whose shape is `shape`. */
function scatterTuples(
  backend: SimdBackend,
  y: TensorInfo,
  given: TensorInfo,
  updates: TensorInfo,
  shape: number[],
  replace: boolean,
): void {
  const plan = backend_util.calculateShapes(updates, given, shape);
  const rows = plan.outputSize / plan.sliceSize;
  const message = (tuple: readonly number[]) => `Invalid indices: ${tuple} does not index into ${shape}`;
  withType(backend, given, 'int32', (indices) =>
    withTemporary(
      backend,
      flatIndices(backend, indices, plan.numUpdates, plan.sliceRank, plan.strides, rows, message),
      (flat) => scatter(backend, y, flat, updates, plan.sliceSize, replace),
    ),
  );
}

/** Scatter needs 32-bit elements, so bools go through int32. */
function wordType(x: TensorInfo): 'float32' | 'int32' {
  return numericType(x) === 'float32' ? 'float32' : 'int32';
}

function scatterNd(call: KernelCall): TensorInfo {
  const { backend } = call;
  const dtype = wordType(call.tensor('updates'));
  const shape = call.numbers('shape');
  return withType(backend, call.tensor('updates'), dtype, (updates) => {
    const y = filled(backend, shape, dtype, 0);
    if (elementCount(shape) > 0) scatterTuples(backend, y, call.tensor('indices'), updates, shape, false);
    return y;
  });
}

function tensorScatterUpdate(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('tensor');
  const y = withType(backend, x, wordType(x), (typed) =>
    gatherStrided(backend, typed, typed.shape, denseStrides(typed.shape)),
  );
  scatterTuples(backend, y, call.tensor('indices'), call.tensor('updates'), x.shape, true);
  return y;
}

function sparseToDense(call: KernelCall): TensorInfo {
  const { backend } = call;
  const given = call.tensor('sparseValues');
  const dtype = wordType(given);
  const shape = call.numbers('outputShape');
  return withType(backend, given, dtype, (values) =>
    withType(backend, call.tensor('defaultValue'), dtype, (otherwise) => {
      const value = (dtype === 'float32' ? backend.floatView(otherwise) : backend.intView(otherwise))[0] ?? 0;
      const y = filled(backend, shape, dtype, value);
      const plan = backend_util.calculateShapes(values, call.tensor('sparseIndices'), shape);
      const single = plan.numUpdates > 1 && elementCount(values.shape) === 1;
      const repeated = single
        ? filled(
            backend,
            [plan.numUpdates],
            dtype,
            (dtype === 'float32' ? backend.floatView(values) : backend.intView(values))[0] ?? 0,
          )
        : backend.alias(values, values.shape);
      withTemporary(backend, repeated, (updates) =>
        scatterTuples(backend, y, call.tensor('sparseIndices'), updates, shape, true),
      );
      return withTemporary(backend, y, (result) => converted(backend, result, numericType(given)));
    }),
  );
}

function unsortedSegmentSum(call: KernelCall): TensorInfo {
  const { backend } = call;
  const dtype = wordType(call.tensor('x'));
  return withType(backend, call.tensor('x'), dtype, (x) =>
    withType(backend, call.tensor('segmentIds'), 'int32', (ids) => {
      const segments = call.number('numSegments');
      const slice = x.shape.slice(ids.shape.length);
      const y = filled(backend, [segments, ...slice], dtype, 0);
      // Rows without a segment are skipped, as in TF.js's reference implementation.
      const kept = backend.intView(ids).map((segment) => (segment < segments ? segment : -1));
      const rows = backend.constant(ids.shape, kept);
      withTemporary(backend, rows, (targets) => scatter(backend, y, targets, x, elementCount(slice), false));
      return y;
    }),
  );
}

function oneHot(call: KernelCall): TensorInfo {
  const { backend } = call;
  const dtype = call.optionalText('dtype') === 'int32' ? 'int32' : 'float32';
  const wanted = call.optionalText('dtype') ?? 'int32';
  const depth = call.number('depth');
  return withType(backend, call.tensor('indices'), 'int32', (indices) => {
    const count = elementCount(indices.shape);
    const y = backend.allocate([...indices.shape, depth], dtype);
    const job = backend.kernels
      .begin(Operation.OneHot)
      .int(count)
      .int(depth)
      .int(backend.address(indices))
      .int(backend.address(y));
    const [on, off] = [call.number('onValue', 1), call.number('offValue', 0)];
    if (dtype === 'float32') job.float(on).float(off);
    else job.int(on).int(off);
    job.run(count * depth);
    return wanted === 'bool' ? withTemporary(backend, y, (result) => converted(backend, result, 'bool')) : y;
  });
}

/** Type named by an attribute. */
function typeAttribute(call: KernelCall, fallback: 'float32' | 'int32'): 'float32' | 'int32' | 'bool' {
  const dtype = call.optionalText('dtype') ?? fallback;
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`the simd backend cannot make ${dtype} tensors`);
}

function constant(value: number): (call: KernelCall) => TensorInfo {
  return (call) => {
    const x = call.tensor('x');
    const { backend } = call;
    if (x.dtype === 'complex64') {
      const real = filled(backend, x.shape, 'float32', value);
      return backend.makeComplex(real, filled(backend, x.shape, 'float32', 0));
    }
    return filled(backend, x.shape, numericType(x), value);
  };
}

function range(call: KernelCall): TensorInfo {
  const { backend } = call;
  const [start, stop, step] = [call.number('start'), call.number('stop'), call.number('step')];
  const dtype = typeAttribute(call, 'float32');
  const empty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  const count = empty ? 0 : Math.abs(Math.ceil((stop - start) / step));
  return ramp(backend, count, start, stop < start && step === 1 ? -1 : step, dtype === 'int32' ? 'int32' : 'float32');
}

function ramp(
  backend: SimdBackend,
  count: number,
  start: number,
  step: number,
  dtype: 'float32' | 'int32',
): TensorInfo {
  const y = backend.allocate([count], dtype);
  const job = backend.kernels.begin(Operation.Ramp).int(count);
  if (dtype === 'float32') job.float(start).float(step);
  else job.int(start).int(step);
  job.int(backend.address(y)).int(elementOf(dtype)).run(count);
  return y;
}

function broadcastArgs(call: KernelCall): TensorInfo {
  const { backend } = call;
  const shape = backend_util.assertAndGetBroadcastShape(
    [...backend.intView(call.tensor('s0'))],
    [...backend.intView(call.tensor('s1'))],
  );
  return backend.constant([shape.length], Int32Array.from(shape));
}

/** Gather, scatter, one-hot encoding and constant tensors. */
export const indexingKernels: readonly KernelConfig[] = [
  kernel('GatherV2', movingStrings(gatherV2)),
  kernel('GatherNd', movingStrings(gatherNd)),
  kernel('ScatterNd', scatterNd),
  kernel('TensorScatterUpdate', tensorScatterUpdate),
  kernel('SparseToDense', movingStrings(sparseToDense)),
  kernel('UnsortedSegmentSum', unsortedSegmentSum),
  kernel('OneHot', oneHot),
  kernel('ZerosLike', constant(0)),
  kernel('OnesLike', constant(1)),
  kernel('Fill', (call) => {
    const value = call.attribute('value');
    const { backend } = call;
    if (typeof value !== 'string')
      return filled(backend, call.numbers('shape'), typeAttribute(call, 'float32'), call.number('value'));
    const shape = call.numbers('shape');
    const strings = Array.from({ length: elementCount(shape) }, () => util.encodeString(value));
    return { dataId: backend.write(strings, shape, 'string'), shape, dtype: 'string' };
  }),
  kernel('Range', range),
  kernel('LinSpace', (call) => {
    const [start, stop, count] = [call.number('start'), call.number('stop'), call.number('num')];
    return ramp(call.backend, count, start, (stop - start) / (count - 1), 'float32');
  }),
  kernel('BroadcastArgs', broadcastArgs),
];
