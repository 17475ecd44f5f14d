import * as pooling from '../../../reference/pooling.js';
import type { KernelArguments, ReferenceKernel } from './kernel-arguments.js';

interface Pool {
  readonly of: pooling.PoolGeometry;
  readonly output: readonly number[];
}

/** The geometry of a pool over `[batch, height, width, channels]` whose windows are all inside. */
function geometry(given: KernelArguments, images: readonly number[]): Pool {
  const [batch = 1, inHeight = 1, inWidth = 1, channels = 1] = images;
  const [filterHeight, filterWidth] = given.pair('filterSize');
  const [strideHeight, strideWidth] = given.pair('strides');
  const [padTop, padLeft] = given.paddingBefore();
  if (padTop !== 0 || padLeft !== 0) throw new Error('no word of the language pads within a pool');
  const outHeight = Math.floor((inHeight - filterHeight) / strideHeight) + 1;
  const outWidth = Math.floor((inWidth - filterWidth) / strideWidth) + 1;
  const sizes = { batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth };
  const of = { ...sizes, strideHeight, strideWidth, padTop, padLeft };
  return { of, output: [batch, outHeight, outWidth, channels] };
}

/** Pooling and its gradients. */
export const poolingKernels: Readonly<Record<string, ReferenceKernel>> = {
  MaxPool(given) {
    const x = given.array('x');
    const { of, output } = geometry(given, x.shape);
    return { values: pooling.maxPool(x.values, of), shape: output };
  },
  MaxPoolGrad(given) {
    const [x, dy] = [given.array('input'), given.array('dy')];
    return { values: pooling.maxPoolGradient(x.values, dy.values, geometry(given, x.shape).of), shape: x.shape };
  },
  AvgPool(given) {
    const x = given.array('x');
    const { of, output } = geometry(given, x.shape);
    return { values: pooling.averagePool(x.values, of), shape: output };
  },
  AvgPoolGrad(given) {
    const [x, dy] = [given.array('input'), given.array('dy')];
    return { values: pooling.averagePoolGradient(dy.values, geometry(given, x.shape).of), shape: x.shape };
  },
};
