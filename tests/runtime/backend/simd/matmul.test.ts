import { engine, type matMul, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { matmul } from '../../../../src/runtime/backend/reference/matmul.js';
import { commonFloat, expectSameBits, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(3));

const sizes = fc.record({
  m: fc.integer({ min: 1, max: 13 }),
  k: fc.integer({ min: 1, max: 20 }),
  n: fc.integer({ min: 1, max: 21 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

function product(
  a: Float32Array,
  b: Float32Array,
  p: { m: number; k: number; n: number; transposeA: boolean; transposeB: boolean },
) {
  return tidy(() => {
    const left = tensorOf(a, p.transposeA ? [p.k, p.m] : [p.m, p.k]);
    const right = tensorOf(b, p.transposeB ? [p.n, p.k] : [p.k, p.n]);
    return Float32Array.from(
      engine()
        .runKernel<ReturnType<typeof matMul>>(
          'BatchMatMul',
          { a: left, b: right },
          {
            transposeA: p.transposeA,
            transposeB: p.transposeB,
          },
        )
        .dataSync(),
    );
  });
}

describe('a matrix product is the sum in ascending k of rounded products', () => {
  it('for small matrices with special values', () => {
    fc.assert(
      fc.property(sizes, fc.infiniteStream(commonFloat), (p, stream) => {
        const take = (n: number) => Float32Array.from({ length: n }, () => stream.next().value ?? 0);
        const [a, b] = [take(p.m * p.k), take(p.k * p.n)];
        expectSameBits(product(a, b, p), matmul(a, b, p), JSON.stringify(p));
      }),
      { numRuns: 150 },
    );
  });

  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      it(`across blocks of k, tiles and threads, transposed ${transposeA} ${transposeB}`, () => {
        for (const [m, k, n] of [
          [131, 517, 137],
          [260, 300, 9],
          [5, 1030, 270],
        ] as const) {
          const p = { m, k, n, transposeA, transposeB };
          const [a, b] = [noise(m * k, 1), noise(k * n, 2)];
          expectSameBits(product(a, b, p), matmul(a, b, p), JSON.stringify(p));
        }
      });
    }
  }
});
