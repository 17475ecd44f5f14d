import { backend_util, util } from '@tensorflow/tfjs-core';
import { binaryFunctions, unaryFunctions } from '../../../reference/elementwise.js';
import type { Array32, ReferenceKernel } from './kernel-arguments.js';

const unary = (compute: (x: number) => number): ReferenceKernel => {
  return (given) => {
    const { values, shape } = given.array('x');
    return { values: values.map(compute), shape };
  };
};

/** Both sides repeated along the axes where the other is longer. */
function broadcast(a: Array32, b: Array32, compute: (a: number, b: number) => number): Array32 {
  const shape = backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  const [left, right] = [elementOf(a, shape), elementOf(b, shape)];
  const values = Float32Array.from({ length: util.sizeFromShape(shape) }, (_, i) => {
    return compute(a.values[left(i)] ?? Number.NaN, b.values[right(i)] ?? Number.NaN);
  });
  return { values, shape };
}

/** The index of the element of a tensor that stands at index i of the larger shape. */
function elementOf({ shape }: Array32, whole: readonly number[]): (i: number) => number {
  const missing = whole.length - shape.length;
  return (i) => {
    let [rest, at, stride] = [i, 0, 1];
    for (let axis = whole.length - 1; axis >= 0; --axis) {
      const length = whole[axis] ?? 1;
      const own = shape[axis - missing] ?? 1;
      if (own > 1) at += (rest % length) * stride;
      stride *= own;
      rest = Math.floor(rest / length);
    }
    return at;
  };
}

const binary = (compute: (a: number, b: number) => number, names = ['a', 'b']): ReferenceKernel => {
  const [left = 'a', right = 'b'] = names;
  return (given) => broadcast(given.array(left), given.array(right), compute);
};

const mapped = <T>(record: Readonly<Record<string, T>>, kernel: (compute: T) => ReferenceKernel) =>
  Object.fromEntries(Object.entries(record).map(([name, compute]) => [name, kernel(compute)]));

/** Functions of each element. */
export const elementwiseKernels: Readonly<Record<string, ReferenceKernel>> = {
  ...mapped(unaryFunctions, unary),
  ...mapped(binaryFunctions, (compute) => binary(compute)),
  Step(given) {
    const alpha = Math.fround(given.number('alpha', 0));
    return unary((x) => (x > 0 ? 1 : Number.isNaN(x) ? x : alpha))(given);
  },
  LeakyRelu(given) {
    const slope = Math.fround(given.number('alpha', 0.2));
    return unary((x) => (x < 0 ? Math.fround(slope * x) : x))(given);
  },
  ClipByValue(given) {
    const [low, high] = [Math.fround(given.number('clipValueMin')), Math.fround(given.number('clipValueMax'))];
    return unary((x) => (x > high ? high : x < low ? low : x))(given);
  },
  EluGrad: binary((dy, y) => (y >= 0 ? dy : Math.fround(dy * Math.fround(y + 1))), ['dy', 'y']),
  AddN(given) {
    const [first, ...others] = given.tensors;
    if (!first) throw new Error('AddN needs a tensor');
    return others.reduce((sum, next) => broadcast(sum, next, (a, b) => Math.fround(a + b)), first);
  },
};
