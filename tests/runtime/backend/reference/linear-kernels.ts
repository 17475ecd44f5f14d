import { util } from '@tensorflow/tfjs-core';
import * as convolution from '../../../reference/convolution.js';
import { matmul } from '../../../reference/matmul.js';
import * as reduction from '../../../reference/reduction.js';
import { segmentSums } from '../../../reference/scatter.js';
import { softmax } from '../../../reference/softmax.js';
import type { Array32, KernelArguments, ReferenceKernel } from './kernel-arguments.js';

/** `[outer, length, inner]`, with the middle axis to be added up. */
interface Summed {
  readonly values: Float32Array;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** The axes to add up taken together: as they lie where they are neighbours, else moved to the end. */
function summed({ values, shape }: Array32, axes: readonly number[]): Summed {
  const lengths = shape.map((length, axis) => ({ axis, length })).filter(({ length }) => length !== 1);
  const isSummed = ({ axis }: { axis: number }) => axes.includes(axis);
  const first = lengths.findIndex(isSummed);
  const last = lengths.findLastIndex(isSummed);
  const size = (of: readonly { length: number }[]) => util.sizeFromShape(of.map(({ length }) => length));
  if (first < 0) return { values, outer: values.length, length: 1, inner: 1 };
  if (lengths.slice(first, last + 1).every(isSummed)) {
    const [outer, inner] = [size(lengths.slice(0, first)), size(lengths.slice(last + 1))];
    return { values, outer, length: size(lengths.slice(first, last + 1)), inner };
  }
  const kept = lengths.filter((axis) => !isSummed(axis));
  const order = [...kept, ...lengths.filter(isSummed)];
  const moved = transposed(
    values,
    lengths.map(({ length }) => length),
    order.map((axis) => lengths.indexOf(axis)),
  );
  return { values: moved, outer: size(kept), length: values.length / size(kept), inner: 1 };
}

function transposed(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => util.sizeFromShape(shape.slice(axis + 1)));
  return values.map((_, i) => {
    let [rest, at] = [i, 0];
    for (const axis of [...order].reverse()) {
      const length = shape[axis] ?? 1;
      at += (rest % length) * (strides[axis] ?? 0);
      rest = Math.floor(rest / length);
    }
    return values[at] ?? Number.NaN;
  });
}

const reduced = (
  compute: (x: Float32Array, outer: number, length: number, inner: number) => Float32Array,
): ReferenceKernel => {
  return (given) => {
    const x = given.array('x');
    const named = given.numbers('axis') ?? x.shape.map((_, axis) => axis);
    const axes = named.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    const { values, outer, length, inner } = summed(x, axes);
    const shape = given.flag('keepDims')
      ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    return { values: compute(values, outer, length, inner), shape };
  };
};

function batchMatMul(given: KernelArguments): Array32 {
  const [a, b] = [given.array('a'), given.array('b')];
  const [transposeA, transposeB] = [given.flag('transposeA'), given.flag('transposeB')];
  const [rows = 1, columns = 1] = a.shape.slice(-2);
  const [m, k] = transposeA ? [columns, rows] : [rows, columns];
  const [bRows = 1, bColumns = 1] = b.shape.slice(-2);
  const n = transposeB ? bRows : bColumns;
  const batch = util.sizeFromShape(a.shape.slice(0, -2));
  if (batch !== util.sizeFromShape(b.shape.slice(0, -2))) throw new Error('the batches differ');
  const values = new Float32Array(batch * m * n);
  for (let i = 0; i < batch; ++i) {
    const left = a.values.subarray(i * m * k, (i + 1) * m * k);
    const right = b.values.subarray(i * k * n, (i + 1) * k * n);
    values.set(matmul(left, right, { m, k, n, transposeA, transposeB }), i * m * n);
  }
  return { values, shape: [...a.shape.slice(0, -2), m, n] };
}

/** The geometry of a convolution of `[batch, height, width, channels]` by `[height, width, in, out]`. */
function geometry(
  given: KernelArguments,
  images: readonly number[],
  filter: readonly number[],
): { readonly of: convolution.Geometry; readonly output: readonly number[] } {
  const [batch = 1, inHeight = 1, inWidth = 1, inChannels = 1] = images;
  const [filterHeight = 1, filterWidth = 1, , outChannels = 1] = filter;
  const [strideHeight, strideWidth] = given.pair('strides');
  // The language pads with a kernel of its own, so its convolutions have none.
  const [padTop, padLeft] = given.paddingBefore();
  if (padTop !== 0 || padLeft !== 0) throw new Error('no word of the language pads within a convolution');
  const outHeight = Math.floor((inHeight - filterHeight) / strideHeight) + 1;
  const outWidth = Math.floor((inWidth - filterWidth) / strideWidth) + 1;
  const sizes = { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth };
  const of = { ...sizes, strideHeight, strideWidth, dilationHeight: 1, dilationWidth: 1, padTop, padLeft };
  return { of, output: [batch, outHeight, outWidth, outChannels] };
}

/** Sums of products, and sums. */
export const linearKernels: Readonly<Record<string, ReferenceKernel>> = {
  BatchMatMul: batchMatMul,
  Conv2D(given) {
    const [x, filter] = [given.array('x'), given.array('filter')];
    const { of, output } = geometry(given, x.shape, filter.shape);
    return { values: convolution.conv2d(x.values, filter.values, of), shape: output };
  },
  Conv2DBackpropInput(given) {
    const [dy, filter] = [given.array('dy'), given.array('filter')];
    const shape = given.numbers('inputShape') ?? [];
    const { of } = geometry(given, shape, filter.shape);
    return { values: convolution.conv2dInputGradient(dy.values, filter.values, of), shape };
  },
  Conv2DBackpropFilter(given) {
    const [x, dy] = [given.array('x'), given.array('dy')];
    const shape = given.numbers('filterShape') ?? [];
    const { of } = geometry(given, x.shape, shape);
    return { values: convolution.conv2dFilterGradient(x.values, dy.values, of), shape };
  },
  Sum: reduced(reduction.sum),
  Mean: reduced(reduction.mean),
  Softmax(given) {
    const { values, shape } = given.array('logits');
    const length = shape.at(-1) ?? 1;
    return { values: softmax(values, values.length / length, length), shape };
  },
  UnsortedSegmentSum(given) {
    const x = given.array('x');
    const segments = given.integers('segmentIds');
    const count = given.number('numSegments');
    const inner = x.values.length / segments.length;
    return { values: segmentSums(x.values, segments, count, inner), shape: [count, ...x.shape.slice(1)] };
  },
};
