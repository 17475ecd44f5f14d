import { engine, type Tensor, tidy, topk } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { keepLargest, largestInParts } from '../../../../src/runtime/lowering/largest.js';
import * as reference from '../../../reference/largest.js';
import { commonFloat, expectSameBits, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const data = (t: Tensor): Float32Array => Float32Array.from(t.dataSync());

/** Rows with many equal elements, zeros of both signs, infinities and NaN. */
const rows = fc.tuple(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 1, max: 3 })).chain(([length, count]) =>
  fc.tuple(
    fc.constant(length),
    fc.integer({ min: 1, max: length }),
    fc.array(fc.oneof(commonFloat, fc.constantFrom(1, 0, -0, -1)), {
      minLength: length * count,
      maxLength: length * count,
    }),
  ),
);

describe('the largest elements of a row', () => {
  it('are those of the plain loops, also where they are equal, zero or NaN', () => {
    fc.assert(
      fc.property(rows, ([length, count, list]) => {
        const x = Float32Array.from(list);
        const shape = [x.length / length, length];
        tidy(() => {
          const { values, indices } = topk(tensorOf(x, shape), count);
          const wanted = reference.topK(x, length, count);
          expectSameBits(data(values), wanted.values, 'values');
          expect([...indices.dataSync()]).toEqual([...wanted.places]);
          for (const by of ['rectified', 'magnitude'] as const) {
            const kept = reference.keepLargest(x, length, count, by === 'magnitude');
            expectSameBits(data(keepLargest(tensorOf(x, shape), count, by)), kept, by);
            expectSameBits(data(largestInParts(tensorOf(x, shape), count, by)), kept, `${by}, of its parts`);
          }
        });
      }),
    );
  });

  it('are found in long rows, and have the only gradients', () => {
    const x = noise(3 * 4101, 7);
    const upstream = noise(3 * 4101, 8);
    for (const [count, by] of [
      [32, 'rectified'],
      [1500, 'rectified'],
      [3000, 'magnitude'],
    ] as const) {
      tidy(() => {
        const input = tensorOf(x, [3, 4101]);
        const { value, grads } = engine().gradients(
          () => keepLargest(input, count, by),
          [input],
          tensorOf(upstream, [3, 4101]),
        );
        const wanted = reference.keepLargest(x, 4101, count, by === 'magnitude');
        expectSameBits(data(value), wanted);
        const slopes = wanted.map((y, i) => (upstream[i] ?? 0) * (y === 0 ? 0 : 1));
        expectSameBits(data(grads[0] ?? value), slopes);
      });
    }
  });
});
