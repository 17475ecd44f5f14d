import { engine, type matMul, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { KernelRunner } from '../../../../src/runtime/backend/simd/kernel-runner.js';
import { Operation } from '../../../../src/runtime/backend/simd/operations.js';
import { matmul } from '../../../reference/matmul.js';
import { commonFloat, expectSameBits, fused, nextToNothing, noise, tensorOf, useSimd } from './simd.js';

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

  it('for matrices with many zeros and special values', () => {
    const wide = fc.record({
      m: fc.integer({ min: 4, max: 60 }),
      k: fc.integer({ min: 4, max: 40 }),
      n: fc.integer({ min: 4, max: 60 }),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    });
    const mostlyZero = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: commonFloat });
    fc.assert(
      fc.property(wide, fc.infiniteStream(mostlyZero), fc.infiniteStream(commonFloat), (p, zeros, others) => {
        const take = (stream: typeof zeros, n: number) =>
          Float32Array.from({ length: n }, () => stream.next().value ?? 0);
        const [a, b] = [take(zeros, p.m * p.k), take(others, p.k * p.n)];
        expectSameBits(product(a, b, p), matmul(a, b, p), JSON.stringify(p));
        const [c, d] = [take(others, p.m * p.k), take(zeros, p.k * p.n)];
        expectSameBits(product(c, d, p), matmul(c, d, p), JSON.stringify(p));
      }),
      { numRuns: 60 },
    );
  });

  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      it(`across blocks of k, tiles and threads, transposed ${transposeA} ${transposeB}`, () => {
        for (const [m, k, n] of [
          [131, 517, 137],
          [260, 300, 9],
          [5, 1030, 270],
          [66, 700, 31],
        ] as const) {
          const p = { m, k, n, transposeA, transposeB };
          const [a, b] = [noise(m * k, 1), noise(k * n, 2)];
          expectSameBits(product(a, b, p), matmul(a, b, p), JSON.stringify(p));
        }
      });
    }
  }

  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      it(`where one of them has many zeros, transposed ${transposeA} ${transposeB}`, () => {
        for (const [m, k, n] of [
          [131, 517, 137],
          [40, 33, 300],
          [700, 40, 45],
          [30, 1030, 70],
        ] as const) {
          const p = { m, k, n, transposeA, transposeB };
          for (const [sparse, dense] of [
            [0.4, 0],
            [0.95, 0],
            [1, 0],
            [0.5, 0.9],
          ] as const) {
            const [a, b] = [withZeros(m * k, 1, sparse), withZeros(k * n, 2, dense)];
            expectSameBits(product(a, b, p), matmul(a, b, p), JSON.stringify({ ...p, sparse, dense }));
            const [c, d] = [withZeros(m * k, 3, dense), withZeros(k * n, 4, sparse)];
            expectSameBits(product(c, d, p), matmul(c, d, p), JSON.stringify({ ...p, dense, sparse }));
          }
        }
      });
    }
  }

  it('where zeros meet infinities, which makes NaN', () => {
    for (const special of [Infinity, -Infinity, NaN]) {
      const p = { m: 70, k: 300, n: 90, transposeA: false, transposeB: false };
      const [a, b] = [withZeros(p.m * p.k, 1, 0.8), noise(p.k * p.n, 2)];
      b[280 * p.n + 40] = special;
      expectSameBits(product(a, b, p), matmul(a, b, p), `${special} in the other`);
      a[7] = special;
      expectSameBits(product(a, b, p), matmul(a, b, p), `${special} in both`);
    }
  });
});

/** Numbers of which a share are 0 or -0. */
function withZeros(count: number, seed: number, share: number): Float32Array {
  const [values, draws] = [noise(count, seed), noise(count, seed + 100)];
  return values.map((value, i) => (Math.abs(draws[i] ?? 0) % 1 < share ? (i % 3 === 0 ? -0 : 0) : value));
}

describe('a product is the same however it is cut into tiles', () => {
  const runner = new KernelRunner(1);
  afterAll(() => runner.dispose());

  /** As the only thread, which does all tiles one after the other. */
  function inTiles(
    a: Float32Array,
    b: Float32Array,
    [m, k, n]: readonly [number, number, number],
    [down, across, beside]: number[],
  ) {
    const { memory } = runner;
    const [x, y, c] = [a, b, new Float32Array(m * n).fill(Number.NaN)].map((values) => {
      const address = memory.allocate(values.length * 4);
      memory.floats.set(values, address / 4);
      return address;
    });
    const words = [1, m, n, k, x, 0, k * 4, 4, y, 0, n * 4, 4, c, 0, 0, 0, down, across, 0, 4, beside] as number[];
    runner.begin(Operation.Matmul).ints(words).run(1);
    return Float32Array.from(memory.floats.subarray((c ?? 0) / 4, (c ?? 0) / 4 + m * n));
  }

  for (const size of [
    [131, 517, 137],
    [701, 66, 49],
    [43, 30, 49],
    [402, 330, 100],
  ] as const) {
    it(`of ${size.join(' × ')}`, () => {
      const [m, k, n] = size;
      const p = { m, k, n, transposeA: false, transposeB: false };
      for (const share of [0, 0.9]) {
        const [a, b] = [withZeros(m * k, 1, share), noise(k * n, 2)];
        const whole = matmul(a, b, p);
        for (const tiles of [
          [1, 1, 0],
          [1, 3, 0],
          [1, 6, 0],
          [5, 1, 0],
          [3, 2, 0],
          [1, 2, 17],
          [2, 1, 48],
        ]) {
          expectSameBits(inTiles(a, b, size, tiles), whole, `${tiles.join(' by ')}, zeros ${share}`);
        }
      }
    });
  }
});

describe('once weights have decayed to next to nothing', () => {
  /** Multiplications look for them from the update on that leaves the first. */
  beforeAll(() => {
    tidy(() => {
      const of = (value: number) => tensorOf(Float32Array.of(value), [1]);
      const entry = { weight: of(1e-41), gradient: of(0), slots: [of(1e-42), of(0)] };
      const rule = { kind: 'adam', rate: 1e-9, floor: 1e-8, beta1: 0.9, beta2: 0.999, decay: 0 } as const;
      fused().updateOf([entry])(rule);
    });
  });

  for (const transposeB of [false, true]) {
    for (const [m, k, n] of [
      [100, 16, 200],
      [37, 517, 30],
      [9, 7, 21],
      [128, 20, 8],
    ] as const) {
      it(`a product of ${m} × ${k} × ${n}, transposed ${transposeB}, has the bits that it had`, () => {
        const p = { m, k, n, transposeA: false, transposeB };
        const scales = [1, 1e-20, 1e30];
        const tiny = nextToNothing(k * n, 7);
        for (const special of [0, Infinity, NaN]) {
          const a = noise(m * k, 1).map((value, i) => (i % 7 === 0 ? 0 : value * (scales[(i >> 4) % 3] ?? 1)));
          a[5] = special;
          const b = noise(k * n, 2).map((value, i) => {
            const [row, column] = transposeB ? [i % k, Math.floor(i / k)] : [Math.floor(i / n), i % n];
            const isTiny = column % 5 === 3 || (column % 7 === 1 && row % 4 === 2);
            return isTiny ? (tiny[i] ?? 0) : value;
          });
          expectSameBits(product(a, b, p), matmul(a, b, p), `with ${special}`);
        }
      });
    }
  }
});
