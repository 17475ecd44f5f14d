import { tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomNumbers } from '../../../../src/runtime/backend/simd/fused/random.js';
import { stream } from '../../../../src/runtime/random/stream.js';
import { expectSameBits, fused, noise, simdBackend, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const { uniform, normal, bernoulli, integers, key } = stream({ seed: 3, path: 'encoder/1', purpose: 'eps' });

describe('numbers drawn in the kernel are those of the stream', () => {
  const place = fc.record({
    count: fc.integer({ min: 1, max: 70 }),
    step: fc.oneof(fc.nat(1000), fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40)),
    first: fc.oneof(fc.nat(20), fc.constantFrom(2 ** 34 - 24, 2 ** 34 - 3, 2 ** 34, 2 ** 40 + 1)),
  });
  it('whatever the step, the first element and the count', () => {
    fc.assert(
      fc.property(place, fc.double({ min: 0, max: 1, noNaN: true }), ({ count, step, first }, probability) => {
        const out = new Float32Array(count);
        const drawn = (kind: 'uniform' | 'normal' | 'bernoulli', p?: number) =>
          tidy(() => {
            const values = randomNumbers(simdBackend(), kind, { key, at: { step }, first }, [count], p);
            return Float32Array.from(values.dataSync());
          });
        uniform(out, step, first);
        expectSameBits(drawn('uniform'), out, 'uniform');
        normal(out, step, first);
        expectSameBits(drawn('normal'), out, 'normal');
        bernoulli(out, probability, step, first);
        expectSameBits(drawn('bernoulli', probability), out, 'bernoulli');
      }),
      { numRuns: 100 },
    );
  });

  it('as integers below a bound', () => {
    const bound = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1));
    fc.assert(
      fc.property(place, bound, ({ count, step, first }, below) => {
        const [drawn, expected] = [new Uint32Array(count), new Uint32Array(count)];
        fused().integers(drawn, below, { key, at: { step }, first });
        integers(expected, below, step, first);
        expect(drawn).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('against a probability for each element', () => {
    fc.assert(
      fc.property(place, ({ count, step, first }) => {
        const probabilities = noise(count, step % 1000).map(Math.abs);
        const drawn = tidy(() =>
          Float32Array.from(
            fused()
              .bernoulli(tensorOf(probabilities, [count]), { key, at: { step }, first })
              .dataSync(),
          ),
        );
        const out = new Float32Array(count);
        uniform(out, step, first);
        expectSameBits(
          drawn,
          out.map((u, i) => (u < (probabilities[i] ?? 0) ? 1 : 0)),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('across tiles and threads', () => {
    const out = new Float32Array(100_001);
    normal(out, 7, 2);
    expectSameBits(
      tidy(() =>
        Float32Array.from(
          fused()
            .random('normal', { key, at: { step: 7 }, first: 2 }, [100_001])
            .dataSync(),
        ),
      ),
      out,
    );
  });
});
