import { backend_util, type KernelConfig, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type KernelCall, kernel, numericType } from '../kernel-call.js';
import type { SimdBackend } from '../simd-backend.js';
import { broadcastStrides, denseStrides, elementCount } from '../strides.js';
import { converted, filled, gatherStrided, stridedCopy, transposed, withTemporary } from './copying.js';
import { reductionAxes } from './reduction.js';
import { movingStrings } from './strings.js';

/** The block of x of the given size that starts at `begin`. */
export function sliced(
  backend: SimdBackend,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): TensorInfo {
  if (size.every((n, axis) => n === x.shape[axis])) return backend.alias(x, size);
  const strides = denseStrides(x.shape);
  return gatherStrided(backend, x, size, strides, offsetOf(begin, strides));
}

function offsetOf(begin: readonly number[], strides: readonly number[]): number {
  return begin.reduce((offset, index, axis) => offset + index * (strides[axis] ?? 0), 0);
}

/** Concatenates tensors whose shapes differ along `axis` only. */
function concatenated(backend: SimdBackend, tensors: readonly TensorInfo[], axis: number): TensorInfo {
  const [first] = tensors;
  if (first === undefined) throw new Error('there is nothing to concatenate');
  const shape = [...first.shape];
  shape[axis] = tensors.reduce((total, tensor) => total + (tensor.shape[axis] ?? 0), 0);
  const y = backend.allocate(shape, numericType(first));
  const strides = denseStrides(shape);
  let begin = 0;
  for (const tensor of tensors) {
    const from = { tensor, offset: 0, strides: denseStrides(tensor.shape) };
    stridedCopy(backend, tensor.shape, from, { tensor: y, offset: begin * (strides[axis] ?? 0), strides });
    begin += tensor.shape[axis] ?? 0;
  }
  return y;
}

/** Pads x; `before` is its position in the result. */
function padded(
  backend: SimdBackend,
  x: TensorInfo,
  paddings: readonly (readonly [number, number])[],
  value: number,
): TensorInfo {
  const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
  const y = filled(backend, shape, numericType(x), value);
  const strides = denseStrides(shape);
  const before = paddings.map(([size]) => size);
  const from = { tensor: x, offset: 0, strides: denseStrides(x.shape) };
  stridedCopy(backend, x.shape, from, { tensor: y, offset: offsetOf(before, strides), strides });
  return y;
}

/** Extends x along one axis by its mirror image, without (`reflect`) or with (`symmetric`) the border element. */
function mirrored(
  backend: SimdBackend,
  x: TensorInfo,
  axis: number,
  before: number,
  after: number,
  border: number,
): TensorInfo {
  const size = x.shape[axis] ?? 0;
  const shape = x.shape.map((n, i) => (i === axis ? n + before + after : n));
  const y = backend.allocate(shape, numericType(x));
  const source = denseStrides(x.shape);
  const target = denseStrides(shape);
  const step = source[axis] ?? 0;
  const backwards = source.map((stride, i) => (i === axis ? -stride : stride));
  const piece = (length: number, from: number, strides: readonly number[], to: number): void => {
    const part = x.shape.map((n, i) => (i === axis ? length : n));
    const side = { tensor: y, offset: to * (target[axis] ?? 0), strides: target };
    stridedCopy(backend, part, { tensor: x, offset: from * step, strides }, side);
  };
  piece(size, 0, source, before);
  piece(before, before - border, backwards, 0);
  piece(after, size - 2 + border, backwards, before + size);
  return y;
}

function pairs(call: KernelCall, name: string): [number, number][] {
  const value = call.attribute(name);
  if (!Array.isArray(value)) throw new Error(`the attribute '${name}' must be a list of pairs`);
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair)) throw new Error(`the attribute '${name}' must be a list of pairs`);
    const [before, after]: unknown[] = pair;
    if (typeof before !== 'number' || typeof after !== 'number')
      throw new Error(`'${name}' must hold pairs of numbers`);
    return [before, after];
  });
}

function castTo(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('x');
  const dtype = call.text('dtype');
  if (dtype === x.dtype) return backend.alias(x, x.shape);
  if (x.dtype === 'string') throw new Error(`Error in Cast: failed to cast ${x.dtype} to ${dtype}`);
  if (dtype === 'complex64') {
    const real = converted(backend, x, 'float32');
    return backend.makeComplex(real, filled(backend, x.shape, 'float32', 0));
  }
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new Error(`Error in Cast: failed to cast ${x.dtype} to ${dtype}`);
  }
  return converted(backend, x.dtype === 'complex64' ? backend.complexParts(x).real : x, dtype);
}

function slice(call: KernelCall): TensorInfo {
  const x = call.tensor('x');
  const [begin = [], size = []] = slice_util.parseSliceParams(x, call.numbers('begin'), call.optionalNumbers('size'));
  slice_util.assertParamsValid(x, begin, size);
  return sliced(call.backend, x, begin, size);
}

function stridedSlice(call: KernelCall): TensorInfo {
  const x = call.tensor('x');
  const plan = slice_util.sliceInfo(
    x.shape,
    call.numbers('begin'),
    call.numbers('end'),
    call.numbers('strides'),
    call.number('beginMask'),
    call.number('endMask'),
    call.number('ellipsisMask'),
    call.number('newAxisMask'),
    call.number('shrinkAxisMask'),
  );
  const { backend } = call;
  if (plan.isIdentity) return backend.alias(x, plan.finalShape);
  const dense = denseStrides(x.shape);
  const shape = slice_util.computeOutShape(plan.begin, plan.end, plan.strides);
  const strides = dense.map((stride, axis) => stride * (plan.strides[axis] ?? 1));
  return { ...gatherStrided(backend, x, shape, strides, offsetOf(plan.begin, dense)), shape: plan.finalShape };
}

function concat(call: KernelCall): TensorInfo {
  const { backend } = call;
  const tensors = call.tensors;
  const [first] = tensors;
  if (first === undefined) throw new Error('Concat needs at least one tensor');
  const [axis = 0] = util.parseAxisParam(call.number('axis'), first.shape);
  backend_util.assertParamsConsistent(
    tensors.map((tensor) => tensor.shape),
    axis,
  );
  if (first.dtype === 'complex64') {
    const parts = tensors.map((tensor) => backend.complexParts(tensor));
    const real = concatenated(
      backend,
      parts.map((part) => part.real),
      axis,
    );
    return backend.makeComplex(
      real,
      concatenated(
        backend,
        parts.map((part) => part.imag),
        axis,
      ),
    );
  }
  return concatenated(backend, tensors, axis);
}

function splitV(call: KernelCall): TensorInfo[] {
  const x = call.tensor('x');
  const [axis = 0] = util.parseAxisParam(call.number('axis'), x.shape);
  const given = call.attribute('numOrSizeSplits');
  const sizes = sizesOfSplits(typeof given === 'number' ? given : call.numbers('numOrSizeSplits'), x.shape[axis] ?? 0);
  let begin = 0;
  return sizes.map((size) => {
    const start = x.shape.map((_, i) => (i === axis ? begin : 0));
    begin += size;
    return sliced(
      call.backend,
      x,
      start,
      x.shape.map((n, i) => (i === axis ? size : n)),
    );
  });
}

/** Sizes of the parts: a number of equal ones, or a list in which -1 stands for the rest. */
function sizesOfSplits(splits: number | readonly number[], total: number): number[] {
  if (typeof splits === 'number') {
    if (total % splits !== 0) throw new Error('Number of splits must evenly divide the axis.');
    return new Array<number>(splits).fill(total / splits);
  }
  const open = splits.filter((size) => size === -1).length;
  if (open > 1) throw new Error('There should be only one negative value in split array.');
  const known = splits.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const sizes = splits.map((size) => (size === -1 ? total - known : size));
  if (sizes.reduce((sum, size) => sum + size, 0) !== total) {
    throw new Error('The sum of sizes must match the size of the axis dimension.');
  }
  return sizes;
}

function pack(call: KernelCall): TensorInfo {
  const { backend } = call;
  const tensors = call.tensors;
  const [first] = tensors;
  if (first === undefined) throw new Error('Pack needs at least one tensor');
  for (const tensor of tensors) {
    util.assertShapesMatch(first.shape, tensor.shape, 'All tensors passed to stack must have matching shapes');
    util.assert(tensor.dtype === first.dtype, () => 'All tensors passed to stack must have matching dtypes');
  }
  const given = call.number('axis');
  const axis = given < 0 ? given + first.shape.length + 1 : given;
  const shape = [...first.shape.slice(0, axis), 1, ...first.shape.slice(axis)];
  return concatenated(
    backend,
    tensors.map((tensor) => ({ ...tensor, shape })),
    axis,
  );
}

function unpack(call: KernelCall): TensorInfo[] {
  const x = call.tensor('value');
  const [axis = 0] = reductionAxes([call.number('axis')], x.shape.length);
  const kept = x.shape.filter((_, i) => i !== axis);
  const size = x.shape.map((n, i) => (i === axis ? 1 : n));
  return Array.from({ length: x.shape[axis] ?? 0 }, (_, index) => ({
    ...sliced(
      call.backend,
      x,
      x.shape.map((_n, i) => (i === axis ? index : 0)),
      size,
    ),
    shape: kept,
  }));
}

function tile(call: KernelCall): TensorInfo {
  const x = call.tensor('x');
  const reps = call.numbers('reps');
  // [n] repeated r times is [r, n] with stride 0 along r.
  const split = x.shape.flatMap((size, axis) => [reps[axis] ?? 1, size]);
  const source = x.shape.flatMap((size) => [1, size]);
  const shape = x.shape.map((size, axis) => size * (reps[axis] ?? 1));
  return { ...gatherStrided(call.backend, x, split, broadcastStrides(source, split)), shape };
}

function reverse(call: KernelCall): TensorInfo {
  const x = call.tensor('x');
  const dims = reductionAxes(call.optionalNumbers('dims'), x.shape.length);
  const dense = denseStrides(x.shape);
  const strides = dense.map((stride, axis) => (dims.includes(axis) ? -stride : stride));
  const offset = dims.reduce((sum, axis) => sum + ((x.shape[axis] ?? 1) - 1) * (dense[axis] ?? 0), 0);
  return gatherStrided(call.backend, x, x.shape, strides, offset);
}

function mirrorPad(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('x');
  const border = call.text('mode') === 'reflect' ? 0 : 1;
  let y = backend.alias(x, x.shape);
  pairs(call, 'paddings').forEach(([before, after], axis) => {
    if (before + after === 0) return;
    y = withTemporary(backend, y, (partial) => mirrored(backend, partial, axis, before, after, border));
  });
  return y;
}

function spaceToBatch(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('x');
  const block = call.numbers('blockShape');
  const product = elementCount(block);
  const rest = x.shape.slice(1 + block.length).map((): [number, number] => [0, 0]);
  return withTemporary(backend, padded(backend, x, [[0, 0], ...pairs(call, 'paddings'), ...rest], 0), (space) => {
    const split = backend_util.getReshaped(space.shape, block, product, false);
    const order = backend_util.getPermuted(split.length, block.length, false);
    const shape = backend_util.getReshapedPermuted(space.shape, block, product, false);
    return { ...transposed(backend, { ...space, shape: split }, order), shape };
  });
}

function batchToSpace(call: KernelCall): TensorInfo {
  const { backend } = call;
  const x = call.tensor('x');
  const block = call.numbers('blockShape');
  const product = elementCount(block);
  const split = backend_util.getReshaped(x.shape, block, product);
  const order = backend_util.getPermuted(split.length, block.length);
  const shape = backend_util.getReshapedPermuted(x.shape, block, product);
  const crops = pairs(call, 'crops');
  const rest = shape.slice(1 + block.length);
  const begin = [...backend_util.getSliceBeginCoords(crops, block.length), ...rest.map(() => 0)];
  const size = [...backend_util.getSliceSize(shape, crops, block.length), ...rest];
  return withTemporary(backend, transposed(backend, { ...x, shape: split }, order), (space) =>
    sliced(backend, { ...space, shape }, begin, size),
  );
}

function depthToSpace(call: KernelCall): TensorInfo {
  const x = call.tensor('x');
  const [batch = 1, height = 1, width = 1, depth = 1] = x.shape;
  const block = call.number('blockSize');
  if (call.text('dataFormat') !== 'NHWC')
    throw new Error('Only NHWC dataFormat supported on the simd backend for depthToSpace.');
  const channels = depth / (block * block);
  const split = [batch, height, width, block, block, channels];
  const y = transposed(call.backend, { ...x, shape: split }, [0, 1, 3, 2, 4, 5]);
  return { ...y, shape: [batch, height * block, width * block, channels] };
}

function reshaped(call: KernelCall, name: string, shape: readonly number[]): TensorInfo {
  return call.backend.alias(call.tensor(name), shape);
}

/** Kernels that move, repeat or relabel elements without computing. */
export const layoutKernels: readonly KernelConfig[] = [
  kernel('Identity', (call) => reshaped(call, 'x', call.tensor('x').shape)),
  kernel('Reshape', (call) => {
    const x = call.tensor('x');
    const size = elementCount(x.shape);
    const shape = util.inferFromImplicitShape(call.numbers('shape'), size);
    util.assert(
      size === elementCount(shape),
      () =>
        `The new shape (${shape}) has ${elementCount(shape)} elements and the old shape (${x.shape}) has ${size} elements. The new shape and old shape must have the same number of elements.`,
    );
    return reshaped(call, 'x', shape);
  }),
  kernel('ExpandDims', (call) => {
    const { shape } = call.tensor('input');
    const dim = call.number('dim');
    util.assert(
      dim >= -(shape.length + 1),
      () => `Axis must be in the interval [${-(shape.length + 1)}, ${shape.length}]`,
    );
    const axis = dim < 0 ? shape.length + dim + 1 : dim;
    return reshaped(call, 'input', [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
  }),
  kernel('Cast', castTo),
  kernel(
    'Transpose',
    movingStrings((call) => transposed(call.backend, call.tensor('x'), call.numbers('perm'))),
  ),
  kernel('Slice', movingStrings(slice)),
  kernel('StridedSlice', movingStrings(stridedSlice)),
  kernel('Concat', movingStrings(concat)),
  kernel('SplitV', movingStrings(splitV)),
  kernel('Pack', movingStrings(pack)),
  kernel('Unpack', movingStrings(unpack)),
  kernel('PadV2', (call) =>
    padded(call.backend, call.tensor('x'), pairs(call, 'paddings'), call.number('constantValue', 0)),
  ),
  kernel('MirrorPad', mirrorPad),
  kernel('Tile', movingStrings(tile)),
  kernel('Reverse', movingStrings(reverse)),
  kernel('SpaceToBatchND', spaceToBatch),
  kernel('BatchToSpaceND', batchToSpace),
  kernel('DepthToSpace', depthToSpace),
  kernel('Complex', (call) => {
    const [real, imag] = [call.tensor('real'), call.tensor('imag')];
    return call.backend.makeComplex(call.backend.alias(real, real.shape), call.backend.alias(imag, imag.shape));
  }),
  kernel('Real', (call) => {
    const x = call.tensor('input');
    const part = x.dtype === 'complex64' ? call.backend.complexParts(x).real : x;
    return call.backend.alias(part, x.shape);
  }),
  kernel('Imag', (call) => {
    const x = call.tensor('input');
    if (x.dtype !== 'complex64') return filled(call.backend, x.shape, 'float32', 0);
    return call.backend.alias(call.backend.complexParts(x).imag, x.shape);
  }),
];
