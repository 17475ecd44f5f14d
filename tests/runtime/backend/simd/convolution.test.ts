import {
  avgPool,
  conv2d,
  engine,
  maxPool,
  type Scalar,
  setBackend,
  square,
  sum,
  type Tensor,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as reference from '../../../reference/convolution.js';
import { expectSameBits, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const geometry = fc
  .record({
    batch: fc.constantFrom(1, 2, 3, 17),
    inHeight: fc.integer({ min: 4, max: 9 }),
    inWidth: fc.integer({ min: 4, max: 9 }),
    inChannels: fc.constantFrom(1, 2, 3, 5),
    outChannels: fc.constantFrom(1, 3, 8, 9),
    filterHeight: fc.integer({ min: 1, max: 3 }),
    filterWidth: fc.integer({ min: 1, max: 3 }),
    strideHeight: fc.integer({ min: 1, max: 3 }),
    strideWidth: fc.integer({ min: 1, max: 3 }),
    dilationHeight: fc.constantFrom(1, 1, 2, 3),
    dilationWidth: fc.constantFrom(1, 1, 2, 4),
    pads: fc.tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 2 }),
    ),
  })
  .map(({ pads, ...g }) => {
    const [padTop, padBottom, padLeft, padRight] = pads;
    return {
      ...g,
      padTop,
      padLeft,
      padBottom,
      padRight,
      outHeight:
        Math.floor((g.inHeight + padTop + padBottom - reach(g.filterHeight, g.dilationHeight)) / g.strideHeight) + 1,
      outWidth:
        Math.floor((g.inWidth + padLeft + padRight - reach(g.filterWidth, g.dilationWidth)) / g.strideWidth) + 1,
    };
  })
  .filter(({ outHeight, outWidth }) => outHeight > 0 && outWidth > 0);

/** Pixels from a filter's first tap to its last. */
function reach(taps: number, dilation: number): number {
  return dilation * (taps - 1) + 1;
}

function kernel(
  name: string,
  inputs: Parameters<ReturnType<typeof engine>['runKernel']>[1],
  attributes: Record<string, number | string | number[] | number[][]>,
) {
  return Float32Array.from(engine().runKernel<Tensor4D>(name, inputs, attributes).dataSync());
}

describe('convolution equals the scalar reference bit for bit', () => {
  it('forward and both gradients', () => {
    fc.assert(
      fc.property(geometry, (g) => {
        tidy(() => {
          const xShape = [g.batch, g.inHeight, g.inWidth, g.inChannels];
          const filterShape = [g.filterHeight, g.filterWidth, g.inChannels, g.outChannels];
          const yShape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
          const size = (shape: number[]) => shape.reduce((n, s) => n * s, 1);
          const [x, filter, dy] = [noise(size(xShape), 1), noise(size(filterShape), 2), noise(size(yShape), 3)];
          const attributes = {
            strides: [g.strideHeight, g.strideWidth],
            dilations: [g.dilationHeight, g.dilationWidth],
            pad: [
              [0, 0],
              [g.padTop, g.padBottom],
              [g.padLeft, g.padRight],
              [0, 0],
            ],
            dataFormat: 'NHWC',
            dimRoundingMode: 'floor',
          };
          const [tx, tf, ty] = [tensorOf(x, xShape), tensorOf(filter, filterShape), tensorOf(dy, yShape)];
          const what = JSON.stringify(g);
          expectSameBits(kernel('Conv2D', { x: tx, filter: tf }, attributes), reference.conv2d(x, filter, g), what);
          expectSameBits(
            kernel('Conv2DBackpropInput', { dy: ty, filter: tf }, { ...attributes, inputShape: xShape }),
            reference.conv2dInputGradient(dy, filter, g),
            what,
          );
          expectSameBits(
            kernel('Conv2DBackpropFilter', { x: tx, dy: ty }, { ...attributes, filterShape }),
            reference.conv2dFilterGradient(x, dy, g),
            what,
          );
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on how many positions a block holds', () => {
    tidy(() => {
      const [x, filter] = [noise(2 * 40 * 40 * 8, 4), noise(3 * 3 * 8 * 16, 5)];
      const g = {
        batch: 2,
        inHeight: 40,
        inWidth: 40,
        inChannels: 8,
        outHeight: 38,
        outWidth: 38,
        outChannels: 16,
        filterHeight: 3,
        filterWidth: 3,
        strideHeight: 1,
        strideWidth: 1,
        dilationHeight: 1,
        dilationWidth: 1,
        padTop: 0,
        padLeft: 0,
      };
      const y = kernel(
        'Conv2D',
        { x: tensorOf(x, [2, 40, 40, 8]), filter: tensorOf(filter, [3, 3, 8, 16]) },
        { strides: 1, pad: 'valid', dilations: 1, dataFormat: 'NHWC' },
      );
      expectSameBits(y, reference.conv2d(x, filter, g));
    });
  });
});

describe("convolution and pooling agree with TF.js's own cpu backend", () => {
  const x = noise(2 * 7 * 6 * 5, 6);
  const filter = noise(3 * 2 * 5 * 4, 7);
  const both = async (compute: (x: Tensor4D) => Tensor): Promise<[Float32Array, Float32Array]> => {
    const results: Float32Array[] = [];
    for (const backend of ['simd', 'cpu']) {
      await setBackend(backend);
      results.push(tidy(() => Float32Array.from(compute(tensor4d(x, [2, 7, 6, 5])).dataSync())));
    }
    await setBackend('simd');
    const [simd = new Float32Array(), cpu = new Float32Array()] = results;
    return [simd, cpu];
  };
  const cases: Record<string, (x: Tensor4D) => Tensor> = {
    'dilated convolution': (t) => conv2d(t, tensor4d(filter, [3, 2, 5, 4]), 1, 'same', 'NHWC', 2),
    'max pooling': (t) => maxPool(t, [3, 2], 2, 'same'),
    'average pooling': (t) => avgPool(t, [3, 2], 2, 'same'),
    'gradient of max pooling': (x4) =>
      engine().gradients(() => sum<Scalar>(square(maxPool(x4, [3, 2], 1, 'valid'))), [x4]).grads[0] ?? x4,
    'gradient of average pooling': (x4) =>
      engine().gradients(() => sum<Scalar>(square(avgPool(x4, 2, 2, 'valid'))), [x4]).grads[0] ?? x4,
  };
  for (const [name, compute] of Object.entries(cases)) {
    it(name, async () => {
      const [simd, cpu] = await both(compute);
      expect(simd.length).toBe(cpu.length);
      simd.forEach((value, i) => {
        expect(value).toBeCloseTo(cpu[i] ?? 0, 5);
      });
    });
  }
});
