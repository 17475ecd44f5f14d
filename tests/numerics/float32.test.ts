import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as float32 from '../../src/numerics/float32.js';

/** The error function in float64: Taylor series with positive terms near 0, Laplace's continued fraction further out. */
function erf(x: number): number {
  const a = Math.abs(x);
  let value = 1;
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let k = 1; term > 1e-19 * sum; k++) {
      term *= (2 * a * a) / (2 * k + 1);
      sum += term;
    }
    value = (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
  } else if (a < 6) {
    let fraction = 0;
    for (let k = 200; k > 0; k--) fraction = k / 2 / (a + fraction);
    value = 1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
  }
  return Math.sign(x) * value;
}

interface Case {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly reference: (x: number) => number;
  /** Largest error in units in the last place, over all 2^32 inputs. */
  readonly bound: number;
}

const CASES: readonly Case[] = [
  { name: 'exp', f: float32.exp, reference: Math.exp, bound: 1 },
  { name: 'expm1', f: float32.expm1, reference: Math.expm1, bound: 1.5 },
  { name: 'log', f: float32.log, reference: Math.log, bound: 0.85 },
  { name: 'log1p', f: float32.log1p, reference: Math.log1p, bound: 0.9 },
  { name: 'tanh', f: float32.tanh, reference: Math.tanh, bound: 1.2 },
  {
    name: 'sigmoid',
    f: float32.sigmoid,
    reference: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    bound: 2.5,
  },
  {
    name: 'softplus',
    f: float32.softplus,
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    bound: 2,
  },
  { name: 'erf', f: float32.erf, reference: erf, bound: 1.5 },
  { name: 'rsqrt', f: float32.rsqrt, reference: (x) => 1 / Math.sqrt(x), bound: 1.5 },
];

/** The distance between floats at the magnitude of y. */
function unitInTheLastPlace(y: number): number {
  const a = Math.abs(Math.fround(y));
  if (a < 2 ** -126) return 2 ** -149;
  return 2 ** ((float32.bitsOf(a) >>> 23) - 150);
}

/** Every `stride`-th of the 2^32 floats; AEDSL_LONG_TESTS=1 takes them all, which takes an hour. */
function everyFloat(stride: number, visit: (x: number) => void): void {
  const step = process.env.AEDSL_LONG_TESTS === '1' ? 1 : stride;
  for (let bits = 0; bits < 2 ** 32; bits += step) visit(float32.fromBits(bits | 0));
}

describe.each(CASES)('float32 $name', ({ f, reference, bound }) => {
  it(`is within ${bound} units in the last place`, () => {
    let worst = 0;
    let at = 0;
    const wrong: number[] = [];
    everyFloat(20011, (x) => {
      const got = f(x);
      const exact = reference(x);
      const nearest = Math.fround(exact);
      if (!Number.isFinite(nearest) || !Number.isFinite(got)) {
        if (!Object.is(got, nearest)) wrong.push(x);
        return;
      }
      const error = Math.abs(got - exact) / unitInTheLastPlace(exact);
      if (error > worst) {
        worst = error;
        at = x;
      }
    });
    expect(wrong).toEqual([]);
    expect(worst, `at ${at}`).toBeLessThan(bound);
  });

  it('is a float32 for every float32', () => {
    everyFloat(1000003, (x) => {
      const y = f(x);
      expect(Object.is(y, Math.fround(y))).toBe(true);
    });
  });
});

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
const { exp, expm1, log, log1p, tanh, sigmoid, softplus, erf: float32Erf, rsqrt, sin, cos } = float32;
const FUNCTIONS = { exp, expm1, log, log1p, tanh, sigmoid, softplus, erf: float32Erf, rsqrt, sin, cos };
const tiny = 2 ** -149;

describe('float32 special cases', () => {
  it.each<[keyof typeof FUNCTIONS, number, number]>([
    ['exp', 0, 1],
    ['exp', -0, 1],
    ['exp', tiny, 1],
    ['exp', inf, inf],
    ['exp', -inf, 0],
    ['exp', 88.5, Math.fround(Math.exp(88.5))],
    ['exp', Math.fround(88.72284), inf],
    ['exp', -103, tiny],
    ['exp', -104, 0],
    ['expm1', 0, 0],
    ['expm1', -0, -0],
    ['expm1', tiny, tiny],
    ['expm1', -tiny, -tiny],
    ['expm1', -inf, -1],
    ['expm1', inf, inf],
    ['log', 0, -inf],
    ['log', -0, -inf],
    ['log', 1, 0],
    ['log', -tiny, nan],
    ['log', inf, inf],
    ['log', -inf, nan],
    ['log', tiny, Math.fround(-149 * Math.LN2)],
    ['log1p', -0, -0],
    ['log1p', tiny, tiny],
    ['log1p', -tiny, -tiny],
    ['log1p', -1, -inf],
    ['log1p', -2, nan],
    ['log1p', inf, inf],
    ['tanh', -0, -0],
    ['tanh', tiny, tiny],
    ['tanh', 9.5, 1],
    ['tanh', -inf, -1],
    ['sigmoid', 0, 0.5],
    ['sigmoid', -0, 0.5],
    ['sigmoid', inf, 1],
    ['sigmoid', -inf, 0],
    ['sigmoid', -103, tiny],
    ['softplus', -inf, 0],
    ['softplus', inf, inf],
    ['softplus', 0, Math.fround(Math.LN2)],
    ['erf', -0, -0],
    ['erf', 4, 1],
    ['erf', -inf, -1],
    ['sin', 0, 0],
    ['sin', tiny, tiny],
    ['sin', inf, nan],
    ['sin', 2 ** 30, nan],
    ['cos', 0, 1],
    ['cos', -0, 1],
    ['cos', -inf, nan],
    ['rsqrt', 0, inf],
    ['rsqrt', -0, -inf],
    ['rsqrt', 4, 0.5],
    ['rsqrt', inf, 0],
    ['rsqrt', -1, nan],
  ])('%s(%d) is %d', (name, x, expected) => {
    expect(FUNCTIONS[name](x)).toBe(expected);
  });

  it.each(CASES)('$name of NaN is NaN', ({ f }) => {
    expect(f(nan)).toBeNaN();
  });
});

describe('float32 sine and cosine of radians', () => {
  it('are within 0.6 units in the last place up to 2^20, and near beyond', () => {
    let [worst, furthest] = [0, 0];
    everyFloat(20011, (x) => {
      const size = Math.abs(x);
      if (!(size < 2 ** 30)) return;
      for (const [got, exact] of [
        [float32.sin(x), Math.sin(x)],
        [float32.cos(x), Math.cos(x)],
      ] as const) {
        if (size < 2 ** 20) worst = Math.max(worst, Math.abs(got - exact) / unitInTheLastPlace(exact));
        else furthest = Math.max(furthest, Math.abs(got - exact));
      }
    });
    expect(worst).toBeLessThan(0.6);
    expect(furthest).toBeLessThan(2e-7);
  });
});

describe('float32 sine and cosine of turns', () => {
  it('are within 1.6 units in the last place for multiples of 2^-24', () => {
    let worst = 0;
    for (let k = 0; k < 2 ** 24; k += 61) {
      const u = k * 2 ** -24;
      const quarters = Math.round(4 * u);
      const rest = (4 * u - quarters) * (Math.PI / 2);
      const sine = [Math.sin(rest), Math.cos(rest), -Math.sin(rest), -Math.cos(rest)];
      const exactSine = sine[quarters % 4] ?? nan;
      const exactCosine = sine[(quarters + 1) % 4] ?? nan;
      worst = Math.max(
        worst,
        Math.abs(float32.sinOfTurns(u) - exactSine) / unitInTheLastPlace(exactSine),
        Math.abs(float32.cosOfTurns(u) - exactCosine) / unitInTheLastPlace(exactCosine),
      );
    }
    expect(worst).toBeLessThan(1.6);
  });

  it('are exact at the quarter turns', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((u) => float32.cosOfTurns(u) + 0)).toEqual([1, 0, -1, 0, 1]);
    expect([0, 0.25, 0.5, 0.75, 1].map((u) => float32.sinOfTurns(u) + 0)).toEqual([0, 1, 0, -1, 0]);
  });
});

describe('float32 bits', () => {
  it('a sample of all functions has the same bits everywhere', () => {
    const results = new Float32Array(CASES.length * 32768 + 2 * 4096);
    let at = 0;
    for (const { f } of CASES) {
      for (let i = 0; i < 32768; i++) {
        const y = f(float32.fromBits((i * 131071 + 7) | 0));
        results[at++] = Number.isNaN(y) ? nan : y;
      }
    }
    for (let i = 0; i < 4096; i++) {
      results[at++] = float32.sinOfTurns((i * 4095) / 2 ** 24);
      results[at++] = float32.cosOfTurns((i * 4095) / 2 ** 24);
    }
    const words = new Uint32Array(results.buffer).map((bits) => ((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits));
    expect(createHash('sha256').update(words).digest('hex')).toBe(
      'fada5b98ca48abe96c4673cb4ba9649d995a08f4a9611b9c6b773565dc1a2f54',
    );
  });
});
