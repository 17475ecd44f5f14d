import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cos, exp, exp10, log, log10, pow, sin, tanh } from '../../src/numerics/float64.js';
import { fixed, fixedExp, fixedLog, fixedSin, fixedTanh, unitsInTheLastPlace } from './fixed-point.js';

/** What the functions promise: 0.5 would be the nearest double always. */
const BOUND = 0.501;
const runs = { numRuns: 150 };
const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('float64 functions against fixed-point arithmetic', () => {
  it('exp', () => {
    fc.assert(
      fc.property(within(-60, 60), (x) => {
        expect(unitsInTheLastPlace(exp(x), fixedExp(fixed(x)))).toBeLessThan(BOUND);
      }),
      runs,
    );
  });

  it('log and log10', () => {
    const ln10 = fixedLog(fixed(10));
    fc.assert(
      fc.property(fc.oneof(within(1e-30, 1e30), within(0.5, 2)), (x) => {
        fc.pre(x !== 1);
        const exact = fixedLog(fixed(x));
        expect(unitsInTheLastPlace(log(x), exact)).toBeLessThan(BOUND);
        expect(unitsInTheLastPlace(log10(x), (exact << 400n) / ln10)).toBeLessThan(BOUND);
      }),
      runs,
    );
  });

  it('pow and exp10', () => {
    const ln10 = fixedLog(fixed(10));
    fc.assert(
      fc.property(within(1e-3, 1e3), within(-8, 8), (x, y) => {
        const exact = fixedExp((fixedLog(fixed(x)) * fixed(y)) >> 400n);
        expect(unitsInTheLastPlace(pow(x, y), exact)).toBeLessThan(BOUND);
        expect(unitsInTheLastPlace(exp10(y), fixedExp((ln10 * fixed(y)) >> 400n))).toBeLessThan(BOUND);
      }),
      runs,
    );
  });

  it('tanh', () => {
    fc.assert(
      fc.property(fc.oneof(within(-21, 21), within(-0.1, 0.1)), (x) => {
        fc.pre(Math.abs(x) > 1e-60);
        expect(unitsInTheLastPlace(tanh(x), fixedTanh(fixed(x)))).toBeLessThan(BOUND);
      }),
      runs,
    );
  });

  it('sin and cos, up to the largest double', () => {
    fc.assert(
      fc.property(fc.oneof(within(-30, 30), fc.double({ noNaN: true, noDefaultInfinity: true })), (x) => {
        fc.pre(Math.abs(x) > 1e-60);
        expect(unitsInTheLastPlace(sin(x), fixedSin(x, 0n))).toBeLessThan(BOUND);
        expect(unitsInTheLastPlace(cos(x), fixedSin(x, 1n))).toBeLessThan(BOUND);
      }),
      { numRuns: 40 },
    );
  });
});

describe('float64 functions over their whole range', () => {
  it('agree with Math to two units in the last place', () => {
    const near = (got: number, reference: number): void => {
      if (Number.isFinite(reference) && Math.abs(reference) > 1e-300) {
        expect(Math.abs(got - reference)).toBeLessThanOrEqual(Math.abs(reference) * 2 ** -51);
      } else if (!Number.isFinite(reference)) {
        expect(got).toEqual(reference);
      }
    };
    fc.assert(
      fc.property(fc.double(), fc.double({ min: -20, max: 20 }), (x, y) => {
        near(exp(x), Math.exp(x));
        near(log(x), Math.log(x));
        near(log10(x), Math.log10(x));
        near(tanh(x), Math.tanh(x));
        near(pow(x, y), x ** y);
        near(pow(x, Math.round(y)), x ** Math.round(y));
      }),
      { numRuns: 2000 },
    );
  });

  it('powers of two and ten are exact', () => {
    for (let n = -1074; n <= 1023; n++) expect(pow(2, n)).toBe(n < -1022 ? Number.MIN_VALUE * 2 ** (n + 1074) : 2 ** n);
    for (let n = -323; n <= 308; n++) expect(exp10(n)).toBe(Number(`1e${n}`));
    for (let n = -307; n <= 308; n++) expect(log10(Number(`1e${n}`))).toBe(n);
  });

  it('special cases', () => {
    expect(exp(0)).toBe(1);
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exp(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(-745.2)).toBe(0);
    expect(exp(-745)).toBe(Number.MIN_VALUE);
    expect(exp(709.782712893384)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(exp(709.7827128933841)).toBe(Number.POSITIVE_INFINITY);
    expect(log(1)).toBe(0);
    expect(log(-0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-1)).toBeNaN();
    expect(log(Number.MIN_VALUE)).toBe(-744.4400719213812);
    expect(sin(-0)).toBe(-0);
    expect(cos(0)).toBe(1);
    expect(sin(Number.POSITIVE_INFINITY)).toBeNaN();
    expect(tanh(-0)).toBe(-0);
    expect(tanh(Number.NEGATIVE_INFINITY)).toBe(-1);
    expect(exp10(Number.NaN)).toBeNaN();
  });

  it('pow has the special cases of ECMAScript', () => {
    const values = [-Infinity, -3, -2.5, -2, -1, -0.5, -0, 0, 0.5, 1, 2, 2.5, 3, Infinity, Number.NaN];
    for (const x of values) {
      for (const y of values) {
        const reference = x ** y;
        const got = pow(x, y);
        const close = Math.abs(got - reference) <= Math.abs(reference) * 2 ** -51;
        expect([x, y, close || Object.is(got, reference)]).toEqual([x, y, true]);
        expect([x, y, Object.is(got, -0)]).toEqual([x, y, Object.is(reference, -0)]);
      }
    }
  });

  it('a sample has the same bits everywhere', () => {
    const results: number[] = [];
    for (let i = 1; i <= 2000; i++) {
      const x = i / 128;
      results.push(
        exp(x),
        exp(-x),
        log(x),
        log10(x),
        exp10(x - 8),
        pow(x, 0.3),
        pow(0.999, i),
        sin(x),
        cos(x),
        tanh(x / 4),
      );
    }
    const bytes = new Float64Array(results);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'd833f5dafc5a37ab333f3f887d5e73819e15adef14afe56bd8d58212f18c8d6d',
    );
  });
});
