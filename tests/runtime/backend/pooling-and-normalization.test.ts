import { engine, type Tensor, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { batchNormalized } from '../../reference/normalization.js';
import * as pooling from '../../reference/pooling.js';
import { expectSameBits, noise, tensorOf, useSimd } from './simd/simd.js';

beforeAll(() => useSimd(2));

const side = fc.integer({ min: 3, max: 8 });
const window = fc.integer({ min: 1, max: 3 });
const stride = fc.integer({ min: 1, max: 3 });

const geometry = fc
  .record({
    batch: fc.constantFrom(1, 2, 5),
    inHeight: side,
    inWidth: side,
    channels: fc.constantFrom(1, 3, 4, 9),
    filterHeight: window,
    filterWidth: window,
    strideHeight: stride,
    strideWidth: stride,
    padTop: fc.nat(1),
    padLeft: fc.nat(1),
  })
  .map((g) => {
    // A window must have a pixel, so there is no padding where it could stand in it alone.
    const [padTop, padLeft] = [Math.min(g.padTop, g.filterHeight - 1), Math.min(g.padLeft, g.filterWidth - 1)];
    const outHeight = Math.floor((g.inHeight + padTop - g.filterHeight) / g.strideHeight) + 1;
    const outWidth = Math.floor((g.inWidth + padLeft - g.filterWidth) / g.strideWidth) + 1;
    return { ...g, padTop, padLeft, outHeight, outWidth };
  })
  // Windows that are the pixels themselves hand on the input as it is, with its negative zeros and what is no number.
  .filter((g) => g.filterHeight > 1 || g.filterWidth > 1 || g.strideHeight > 1 || g.strideWidth > 1);

/** Numbers of which many are equal, and some are none. */
function withTies(count: number, seed: number): Float32Array {
  return noise(count, seed).map((x) => (x > 0.9 ? Number.NaN : Math.round(3 * x) / 3));
}

function kernel(
  name: string,
  inputs: Record<string, Tensor>,
  attributes: Record<string, number | string | number[] | number[][]>,
): Float32Array {
  return Float32Array.from(engine().runKernel<Tensor>(name, inputs, attributes).dataSync());
}

describe('pooling equals the scalar reference bit for bit', () => {
  it('forward and backward, with ties, padding and numbers that are none', () => {
    fc.assert(
      fc.property(geometry, (g) => {
        tidy(() => {
          const shape = [g.batch, g.inHeight, g.inWidth, g.channels];
          const outShape = [g.batch, g.outHeight, g.outWidth, g.channels];
          const size = (of: readonly number[]) => of.reduce((n, s) => n * s, 1);
          const [values, dyValues] = [withTies(size(shape), 1), noise(size(outShape), 2)];
          const [x, dy] = [tensorOf(values, shape), tensorOf(dyValues, outShape)];
          const attributes = {
            filterSize: [g.filterHeight, g.filterWidth],
            strides: [g.strideHeight, g.strideWidth],
            pad: [
              [0, 0],
              [g.padTop, 0],
              [g.padLeft, 0],
              [0, 0],
            ],
            dimRoundingMode: 'floor',
          };
          const what = JSON.stringify(g);
          const maxima = pooling.maxPool(values, g);
          expectSameBits(kernel('MaxPool', { x }, attributes), maxima, what);
          const output = tensorOf(maxima, outShape);
          expectSameBits(
            kernel('MaxPoolGrad', { dy, input: x, output }, attributes),
            pooling.maxPoolGradient(values, dyValues, g),
            what,
          );
          expectSameBits(kernel('AvgPool', { x }, attributes), pooling.averagePool(values, g), what);
          expectSameBits(
            kernel('AvgPoolGrad', { dy, input: x }, attributes),
            pooling.averagePoolGradient(dyValues, g),
            what,
          );
        });
      }),
      { numRuns: 80 },
    );
  });
});

describe('batch normalisation equals the scalar reference bit for bit', () => {
  it('with and without scale and offset', () => {
    const cases = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      channels: fc.integer({ min: 1, max: 19 }),
      scaled: fc.boolean(),
      moved: fc.boolean(),
      epsilon: fc.constantFrom(1e-5, 1e-3),
    });
    fc.assert(
      fc.property(cases, ({ rows, channels, scaled, moved, epsilon }) => {
        tidy(() => {
          const x = noise(rows * channels, 1);
          const perChannel = (seed: number) => noise(channels, seed);
          const mean = perChannel(2);
          const variance = perChannel(3).map((v) => v * v);
          const scale = scaled ? perChannel(4) : null;
          const offset = moved ? perChannel(5) : null;
          const along = (values: Float32Array) => tensorOf(values, [channels]);
          const inputs = {
            x: tensorOf(x, [rows, 1, 1, channels]),
            mean: along(mean),
            variance: along(variance),
            ...(scale ? { scale: along(scale) } : {}),
            ...(offset ? { offset: along(offset) } : {}),
          };
          expectSameBits(
            kernel('FusedBatchNorm', inputs, { varianceEpsilon: epsilon }),
            batchNormalized(x, { mean, variance, scale, offset }, epsilon),
            `${rows} × ${channels}`,
          );
        });
      }),
      { numRuns: 60 },
    );
  });
});
