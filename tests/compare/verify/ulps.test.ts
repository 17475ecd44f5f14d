import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorDifference, ulpsBetween } from '../../../src/compare/verify/ulps.js';

const float = fc.float({ noNaN: true });

describe('the distance of two float32 values', () => {
  it('counts the values between them', () => {
    expect(ulpsBetween(1, 1 + 2 ** -23)).toBe(1);
    expect(ulpsBetween(1, 1 - 2 ** -24)).toBe(1);
    expect(ulpsBetween(0, 2 ** -149)).toBe(1);
    expect(ulpsBetween(-0, 0)).toBe(1);
    expect(ulpsBetween(-(2 ** -149), 2 ** -149)).toBe(3);
    expect(ulpsBetween(Number.POSITIVE_INFINITY, 3.4028234663852886e38)).toBe(1);
  });

  it('is infinite to a NaN, and 0 between two', () => {
    expect(ulpsBetween(Number.NaN, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(ulpsBetween(Number.NaN, Number.NaN)).toBe(0);
  });

  it('is a metric that agrees with the order', () => {
    fc.assert(
      fc.property(float, float, float, (a, b, c) => {
        expect(ulpsBetween(a, b)).toBe(ulpsBetween(b, a));
        expect(ulpsBetween(a, b) === 0).toBe(Object.is(a, b));
        expect(ulpsBetween(a, c)).toBeLessThanOrEqual(ulpsBetween(a, b) + ulpsBetween(b, c));
      }),
    );
  });
});

describe('the difference of two tensors', () => {
  it('has its counts, its largest distance and the first place', () => {
    const left = Float32Array.of(1, 2, 3, Number.NaN);
    const right = Float32Array.of(1, 2 + 2 ** -22, 3 + 2 ** -21, Number.NaN);
    expect(tensorDifference(left, right)).toEqual({
      elements: 4,
      differing: 2,
      mostUlps: 2,
      first: { index: 1, left: 2, right: 2 + 2 ** -22 },
    });
  });

  it('needs tensors of one size', () => {
    expect(() => tensorDifference(new Float32Array(2), new Float32Array(3))).toThrow(RangeError);
  });
});
