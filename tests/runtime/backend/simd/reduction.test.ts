import { mean, softmax, sum, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as reference from '../../../reference/reduction.js';
import { softmax as referenceSoftmax } from '../../../reference/softmax.js';
import { expectSameBits, noise, tensorOf, useSimd } from './simd.js';

beforeAll(() => useSimd(2));

const shapes = [
  [1, 1, 1],
  [1, 7, 1],
  [3, 8, 1],
  [2, 4099, 1],
  [1, 100352, 1],
  [1, 128, 100],
  [3, 5, 2],
  [2, 33, 67],
] as const;

describe('sums are formed in float64 in the stated order and rounded once', () => {
  for (const [outer, length, inner] of shapes) {
    it(`${outer} x ${length} x ${inner}`, () => {
      const x = noise(outer * length * inner, length);
      const y = tidy(() => Float32Array.from(sum(tensorOf(x, [outer, length, inner]), 1).dataSync()));
      expectSameBits(y, reference.sum(x, outer, length, inner));
      const m = tidy(() => Float32Array.from(mean(tensorOf(x, [outer, length, inner]), 1).dataSync()));
      expectSameBits(m, reference.mean(x, outer, length, inner));
    });
  }

  it('axes that are no neighbours are summed as one last axis', () => {
    const x = noise(3 * 5 * 7, 9);
    const y = tidy(() => Float32Array.from(sum(tensorOf(x, [3, 5, 7]), [0, 2]).dataSync()));
    const moved = Float32Array.from({ length: 105 }, (_, i) => {
      const [b, rest] = [Math.floor(i / 21), i % 21];
      return x[(Math.floor(rest / 7) * 5 + b) * 7 + (rest % 7)] ?? 0;
    });
    expectSameBits(y, reference.sum(moved, 5, 21, 1));
  });

  it('a sum of 10^6 equal numbers has no error beyond its own rounding', () => {
    const x = tensor(new Float32Array(1_000_000).fill(Math.fround(0.1)));
    expect(sum(x).dataSync()[0]).toBe(Math.fround(1_000_000 * Math.fround(0.1)));
  });

  it('softmax', () => {
    for (const [rows, length] of [
      [1, 1],
      [3, 10],
      [2, 4100],
    ] as const) {
      const x = noise(rows * length, 3).map((v) => v * 20);
      const y = tidy(() => Float32Array.from(softmax(tensorOf(x, [rows, length])).dataSync()));
      expectSameBits(y, referenceSoftmax(x, rows, length));
    }
  });
});
