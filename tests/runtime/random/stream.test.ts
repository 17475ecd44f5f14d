import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RandomStream, stream } from '../../../src/runtime/random/stream.js';

const source = stream({ seed: 1, path: 'encoder/1', purpose: 'eps' });

type Fill = (from: RandomStream, out: Float32Array, step: number, first?: number) => void;
const FILLS: readonly [string, Fill][] = [
  ['uniform', (from, out, step, first) => from.uniform(out, step, first)],
  ['normal', (from, out, step, first) => from.normal(out, step, first)],
  ['truncatedNormal', (from, out, step, first) => from.truncatedNormal(out, step, first)],
  ['bernoulli', (from, out, step, first) => from.bernoulli(out, 0.3, step, first)],
  [
    'integers',
    (from, out, step, first) => {
      const integers = new Uint32Array(out.length);
      from.integers(integers, 1000, step, first);
      out.set(integers);
    },
  ],
];

const drawn = (fill: Fill, length: number, step = 0, first = 0, from = source): Float32Array => {
  const out = new Float32Array(length);
  fill(from, out, step, first);
  return out;
};

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly fourth: number;
}

function moments(values: Float32Array): Moments {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let variance = 0;
  let fourth = 0;
  for (const value of values) {
    variance += (value - mean) ** 2 / values.length;
    fourth += (value - mean) ** 4 / values.length;
  }
  return { mean, variance, fourth };
}

/** The largest distance between the empirical distribution and `cdf` (Kolmogorov and Smirnov), times sqrt(n). */
function kolmogorovSmirnov(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = values.slice().sort();
  let distance = 0;
  sorted.forEach((x, i) => {
    distance = Math.max(distance, Math.abs(cdf(x) - i / sorted.length), Math.abs(cdf(x) - (i + 1) / sorted.length));
  });
  return distance * Math.sqrt(sorted.length);
}

/** Φ by numerical integration of the density from 0 (Simpson's rule). */
function normalCdf(x: number): number {
  const slices = 200;
  const width = x / slices;
  const density = (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = 0;
  for (let i = 0; i < slices; i++) {
    sum += (density(i * width) + 4 * density((i + 0.5) * width) + density((i + 1) * width)) * (width / 6);
  }
  return 0.5 + sum;
}

describe.each(FILLS)('%s', (_, fill) => {
  it('does not depend on where a fill starts or ends', () => {
    const whole = drawn(fill, 64, 5);
    fc.assert(
      fc.property(fc.nat(63), fc.nat(64), (first, length) => {
        const part = drawn(fill, Math.min(length, 64 - first), 5, first);
        expect(part).toEqual(whole.slice(first, first + part.length));
      }),
    );
  });

  it('differs between steps, seeds, paths and purposes', () => {
    const { address } = source;
    const texts = [
      drawn(fill, 256),
      drawn(fill, 256, 1),
      drawn(fill, 256, 2 ** 32),
      drawn(fill, 256, 0, 2 ** 34),
      drawn(fill, 256, 0, 0, stream({ ...address, seed: 2 })),
      drawn(fill, 256, 0, 0, stream({ ...address, seed: 'evaluation' })),
      drawn(fill, 256, 0, 0, stream({ ...address, path: 'encoder/2' })),
      drawn(fill, 256, 0, 0, stream({ ...address, purpose: 'mask' })),
    ].map((values) => values.join());
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('has uncorrelated neighbours, elements four apart and steps', () => {
    const n = 200000;
    const now = drawn(fill, n + 4);
    const next = drawn(fill, n, 1);
    const { mean, variance } = moments(now);
    const correlation = (other: (i: number) => number): number => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += ((now[i] ?? 0) - mean) * (other(i) - mean);
      return sum / n / variance;
    };
    for (const lag of [1, 2, 3, 4]) expect(Math.abs(correlation((i) => now[i + lag] ?? 0))).toBeLessThan(0.01);
    expect(Math.abs(correlation((i) => next[i] ?? 0))).toBeLessThan(0.01);
  });

  it('refuses steps and elements that are no indices', () => {
    expect(() => drawn(fill, 4, -1)).toThrow(RangeError);
    expect(() => drawn(fill, 4, 0.5)).toThrow(RangeError);
    expect(() => drawn(fill, 4, 0, -4)).toThrow(RangeError);
    expect(() => drawn(fill, 4, 2 ** 53)).toThrow(RangeError);
  });
});

describe('distributions', () => {
  const n = 400000;
  // Kolmogorov's distribution: beyond 1.95 with a probability of 0.001.
  const critical = 1.95;

  it('uniform: multiples of 2^-24 in [0, 1)', () => {
    const values = drawn((from, out) => from.uniform(out, 0), n);
    expect(values.every((u) => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 24))).toBe(true);
    expect(kolmogorovSmirnov(values, (u) => u)).toBeLessThan(critical);
  });

  it('normal: the standard normal distribution', () => {
    const values = drawn((from, out) => from.normal(out, 0), n);
    const { mean, variance, fourth } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.006);
    expect(Math.abs(variance - 1)).toBeLessThan(0.01);
    expect(Math.abs(fourth - 3)).toBeLessThan(0.06);
    expect(kolmogorovSmirnov(values.slice(0, 20000), normalCdf)).toBeLessThan(critical);
    expect(values.some((x) => x > 4)).toBe(true);
    expect(values.some((x) => x < -4)).toBe(true);
  });

  it('truncatedNormal: the normal distribution restricted to (-2, 2)', () => {
    const values = drawn((from, out) => from.truncatedNormal(out, 0), n);
    const { mean, variance } = moments(values);
    expect(values.every((x) => x > -2 && x < 2)).toBe(true);
    expect(Math.abs(mean)).toBeLessThan(0.006);
    // 1 - 4 φ(2) / (Φ(2) - Φ(-2))
    expect(Math.abs(variance - 0.7737413)).toBeLessThan(0.006);
    const mass = normalCdf(2) - normalCdf(-2);
    const restricted = (x: number): number => (normalCdf(x) - normalCdf(-2)) / mass;
    expect(kolmogorovSmirnov(values.slice(0, 20000), restricted)).toBeLessThan(critical);
  });

  it('bernoulli: ones where the uniform of the same element is below p', () => {
    const uniforms = drawn((from, out) => from.uniform(out, 0), 4096);
    for (const p of [0, 0.1, 0.3, 0.5, 1]) {
      const values = drawn((from, out) => from.bernoulli(out, p, 0), 4096);
      expect(values).toEqual(uniforms.map((u) => (u < Math.fround(p) ? 1 : 0)));
    }
    expect(() => source.bernoulli(new Float32Array(4), 1.5, 0)).toThrow(RangeError);
    expect(() => source.bernoulli(new Float32Array(4), Number.NaN, 0)).toThrow(RangeError);
  });

  it('integers: the 64-bit fraction scaled, every value equally likely', () => {
    const integers = new Uint32Array(190000);
    source.integers(integers, 19, 0);
    const counts = new Array<number>(19).fill(0);
    for (const value of integers) counts[value] = (counts[value] ?? 0) + 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10000) ** 2 / 10000, 0);
    expect(counts).toHaveLength(19);
    expect(chiSquared).toBeLessThan(42.3); // 0.001 at 18 degrees of freedom
    for (const below of [1, 2, 0xffffffff]) {
      source.integers(integers, below, 1);
      expect(integers.every((value) => value < below)).toBe(true);
    }
    for (const below of [0, 1.5, 2 ** 32]) {
      expect(() => source.integers(integers, below, 0)).toThrow(RangeError);
    }
  });

  it('permutation: each element once, each order equally likely, another at every step', () => {
    expect([...source.permutation(0, 0)]).toEqual([]);
    expect([...source.permutation(1, 0)]).toEqual([0]);
    const large = source.permutation(60000, 3);
    expect(new Set(large).size).toBe(60000);
    expect(Math.max(...large.slice(0, 1000))).toBeLessThan(60000);
    const counts = new Map<string, number>();
    for (let step = 0; step < 24000; step++) {
      const order = source.permutation(4, step).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(49.7); // 0.001 at 23 degrees of freedom
  });
});

describe('bits', () => {
  const sha256 = (words: Float32Array | Uint32Array): string =>
    createHash('sha256').update(new Uint8Array(words.buffer)).digest('hex');
  const longTests = process.env.AEDSL_LONG_TESTS === '1';

  it('10^6 numbers of each kind', () => {
    const integers = new Uint32Array(1e6);
    source.integers(integers, 60000, 0);
    expect({
      uniform: sha256(drawn((from, out) => from.uniform(out, 0), 1e6)),
      normal: sha256(drawn((from, out) => from.normal(out, 0), 1e6)),
      truncatedNormal: sha256(drawn((from, out) => from.truncatedNormal(out, 0), 1e6)),
      integers: sha256(integers),
      permutation: sha256(source.permutation(60000, 0)),
    }).toEqual({
      uniform: 'ea71f5092f2ed9a605733949aef04094fc63bc53b7218c7a4e88b1d065ac1e68',
      normal: '3d1da5791bafc27a880f26aff2d6003b64321ede676e5194a34a0176f28f9178',
      truncatedNormal: 'af6bbe865a6aa5a841bd70d2edcbef88906f73dc5b69ce295b6ea7e8dc60d83b',
      integers: '10838bd046519183cf841a70909a161f21a543f8c0c48313f4db7aa3866c3ad2',
      permutation: '88dfaadd299c9c8f49f352b7949e01d9f8205940b061c342203b0e31ac5dcf20',
    });
  });

  it.runIf(longTests)('10^7 normal numbers', () => {
    expect(sha256(drawn((from, out) => from.normal(out, 0), 1e7))).toBe(
      '1488afedc3a6dd18a698967a9a63a682504bb727975109bb21bf8939729f2a07',
    );
  });
});
