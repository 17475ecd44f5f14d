/**
 * Elementary functions in float64 with one result everywhere, for everything that is not computed per element: schedules,
 * sweep axes, gains, bias corrections, arithmetic in the language. They use IEEE 754 +, -, *, / (no fused multiply-add),
 * integers and the bits of a double, and work on sums of two doubles inside, so results are within 0.501 units in the
 * last place (subnormal results within 1). Special cases are those of the functions of the same name in ECMAScript.
 */

import { reduceAngle } from './angle.js';
import { add, type DoubleDouble, divide, multiply, scale, twoProduct, twoSum } from './double-double.js';

/** ln 2 in three parts; the first two have at most 42 bits, so their products with an exponent are exact. */
const LN2_HIGH = 0.6931471805598903;
const LN2_MIDDLE = 5.49792301870721e-14;
const LN2_LOW = 1.1612227229362532e-26;
const LN_10: DoubleDouble = { hi: Math.LN10, lo: -2.1707562233822494e-16 };
const ONE_OVER_LN_10: DoubleDouble = { hi: Math.LOG10E, lo: 1.098319650216765e-17 };

const ONE: DoubleDouble = { hi: 1, lo: 0 };

/** For the bits of a double, one at a time: a buffer for each call would take longer than the call. */
const scratch = new DataView(new ArrayBuffer(8));

/** 2^n for an integer -1022 <= n <= 1023. */
function powerOfTwo(n: number): number {
  scratch.setFloat64(0, 0);
  scratch.setUint32(0, (n + 1023) << 20);
  return scratch.getFloat64(0);
}

/** a * 2^n for -2200 <= n <= 2200, rounded once (twice where the result is subnormal). */
function scaleByPowerOfTwo(a: number, n: number): number {
  const half = Math.trunc(n / 2);
  const quarter = Math.trunc(half / 2);
  return a * powerOfTwo(n - half) * powerOfTwo(half - quarter) * powerOfTwo(quarter);
}

/**
 * e^r - 1 for |r| <= 0.36: the Taylor series of r / 256 to the tenth power, then eight times p ← 2p + p²
 * (e^2r - 1 = (e^r - 1)(e^r + 1)).
 */
function expm1OfSmall(r: DoubleDouble): DoubleDouble {
  const q = scale(r, 1 / 256);
  let series: DoubleDouble = ONE;
  for (let k = 10; k >= 2; k--) {
    series = add(ONE, multiply(series, divide(q, { hi: k, lo: 0 })));
  }
  let p = multiply(q, series);
  for (let doubling = 0; doubling < 8; doubling++) {
    p = add(scale(p, 2), multiply(p, p));
  }
  return p;
}

interface Scaled {
  readonly fraction: DoubleDouble;
  readonly exponent: number;
}

/** e^x = fraction * 2^exponent, fraction between 0.70 and 1.42, for |x| <= 800. */
function expOf(x: DoubleDouble): Scaled {
  const n = Math.round(x.hi * Math.LOG2E);
  const r = add(add(twoSum(x.hi, -n * LN2_HIGH), { hi: -n * LN2_MIDDLE, lo: 0 }), twoSum(x.lo, -n * LN2_LOW));
  return { fraction: add(ONE, expm1OfSmall(r)), exponent: n };
}

/** The nearest double to e^x. */
function roundedExp(x: DoubleDouble): number {
  if (x.hi > 710) return Number.POSITIVE_INFINITY;
  if (x.hi < -746) return 0;
  const { fraction, exponent } = expOf(x);
  return scaleByPowerOfTwo(fraction.hi, exponent);
}

/**
 * ln x for finite x > 0: x = m 2^k with m in [√½, √2); a first value y of ln m by the series of 2 artanh((m-1)/(m+1)),
 * corrected by 2 (m - e^y) / (m + e^y), which leaves the cube of its error.
 */
function logOf(x: number): DoubleDouble {
  const { fraction: m, exponent: k } = fractionAndExponent(x);
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (let odd = 23; odd >= 1; odd -= 2) series = series * z + 2 / odd;
  const y = s * series;
  const p = expm1OfSmall({ hi: y, lo: 0 });
  const correction = (2 * (m - 1 - p.hi - p.lo)) / (m + 1 + p.hi);
  const logM = twoSum(y, correction);
  if (k === 0) return logM;
  return add(add({ hi: k * LN2_HIGH, lo: 0 }, twoSum(k * LN2_MIDDLE, k * LN2_LOW)), logM);
}

function fractionAndExponent(x: number): { fraction: number; exponent: number } {
  const subnormal = x < 2.2250738585072014e-308;
  scratch.setFloat64(0, subnormal ? x * 18014398509481984 : x); // 2^54
  const high = scratch.getUint32(0);
  const exponent = (high >>> 20) - 1023;
  scratch.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  const fraction = scratch.getFloat64(0);
  const above = fraction >= Math.SQRT2;
  return {
    fraction: above ? fraction / 2 : fraction,
    exponent: exponent + (above ? 1 : 0) - (subnormal ? 54 : 0),
  };
}

/** e^x. */
export function exp(x: number): number {
  return Number.isNaN(x) ? x : roundedExp({ hi: x, lo: 0 });
}

/** 10^x; exact powers of ten round to the double that the literal denotes: `exp10(-3) === 1e-3`. */
export function exp10(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 310) return Number.POSITIVE_INFINITY;
  if (x < -330) return 0;
  return roundedExp(multiply({ hi: x, lo: 0 }, LN_10));
}

/** Natural logarithm. log(±0) = -inf; NaN below 0. */
export function log(x: number): number {
  return outsideLogDomain(x) ?? logOf(x).hi;
}

/** Logarithm to the base 10; `log10(1e-3) === -3`. log10(±0) = -inf; NaN below 0. */
export function log10(x: number): number {
  return outsideLogDomain(x) ?? multiply(logOf(x), ONE_OVER_LN_10).hi;
}

/** The value of a logarithm at x where the reduction does not apply; null where it does. */
function outsideLogDomain(x: number): number | null {
  if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x;
  if (x < 0) return Number.NaN;
  return x === 0 ? Number.NEGATIVE_INFINITY : null;
}

/**
 * x^y, with ECMAScript's special cases: 1 where y is 0, NaN where y is NaN or x is ±1 and y infinite, NaN for a negative
 * finite x and a y that is not an integer.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const magnitude = Math.abs(x);
  if (!Number.isFinite(y)) {
    if (magnitude === 1) return Number.NaN;
    return magnitude > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const odd = Math.abs(y) % 2 === 1;
  const negative = odd && (x < 0 || Object.is(x, -0));
  if (x < 0 && Number.isFinite(x) && !Number.isInteger(y)) return Number.NaN;
  const result = powOfPositive(magnitude, y);
  return negative ? -result : result;
}

function powOfPositive(x: number, y: number): number {
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return y > 0 ? x : 0;
  if (x === 1) return 1;
  const logarithm = logOf(x);
  const estimate = y * logarithm.hi;
  if (estimate > 710) return Number.POSITIVE_INFINITY;
  if (estimate < -746) return 0;
  if (Math.abs(estimate) < 1e-20) return 1;
  return roundedExp(multiply(logarithm, { hi: y, lo: 0 }));
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || magnitude < 1e-9) return x;
  const value = magnitude > 20 ? 1 : tanhOfPositive(magnitude);
  return x < 0 ? -value : value;
}

/** t / (t + 2) with t = e^2a - 1. */
function tanhOfPositive(a: number): number {
  const twice = { hi: 2 * a, lo: 0 };
  let t = expm1OfSmall(twice);
  if (2 * a > 0.36) {
    const { fraction, exponent } = expOf(twice);
    t = add(scale(fraction, powerOfTwo(exponent)), { hi: -1, lo: 0 });
  }
  return divide(t, add(t, { hi: 2, lo: 0 })).hi;
}

/** Sine of an angle in radians. */
export function sin(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  if (Math.abs(x) < 1e-9) return x;
  const { quarters, rest } = reduceAngle(x);
  return quarterWave(quarters, rest);
}

/** Cosine of an angle in radians. */
export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { quarters, rest } = reduceAngle(x);
  return quarterWave(quarters + 1, rest);
}

/** sin(quarters π/2 + rest). */
function quarterWave(quarters: number, rest: DoubleDouble): number {
  const value = quarters % 2 === 0 ? taylor(rest, 1) : taylor(rest, 0);
  return quarters % 4 < 2 ? value : -value;
}

/** The Taylor series of the sine (`first` = 1) or the cosine (`first` = 0), |x| <= 0.79. */
function taylor(x: DoubleDouble, first: 0 | 1): number {
  const negatedSquare = scale(multiply(x, x), -1);
  let series: DoubleDouble = ONE;
  for (let n = 26 + first; n > first; n -= 2) {
    series = add(ONE, multiply(series, divide(negatedSquare, twoProduct(n, n - 1))));
  }
  return first === 0 ? series.hi : multiply(x, series).hi;
}
