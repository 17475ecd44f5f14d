/**
 * Elementary functions in float32 with one result everywhere.
 *
 * Every function is a fixed sequence of IEEE 754 single-precision +, -, *, / and sqrt (each rounded once, to nearest,
 * ties to even, subnormals kept), minima, maxima, comparisons, selections and operations on the bits of a float. There
 * is no fused multiply-add, no wider intermediate and no table, so any engine that performs the same sequence, such as a
 * kernel on f32x4 vectors, returns the same bits. `Math.fround(a op b)` on float32 operands is exactly that single
 * rounding: a double holds the sum, product, quotient or root of floats so closely that rounding it again changes
 * nothing.
 *
 * Where the code branches, both sides are harmless for every input, so a vector engine may compute both and select.
 * `Math.min` and `Math.max` return NaN if an argument is NaN (as `f32x4.min` and `f32x4.max` do); `n | 0` is only
 * applied to integers of small magnitude and to NaN, which gives 0 (as `i32x4.trunc_sat_f32x4_s` does).
 * Arguments are float32 values: a caller with a double rounds it first. NaN in gives NaN out, its bits unspecified.
 *
 * The polynomials are minimax fits made for this file, their coefficients rounded to float32 from the lowest degree up,
 * the others refitted each time. The error in ULP is the largest distance from the true value in units of the last place
 * of the correctly rounded result (so a correctly rounded function has 0.5), measured over every float32 of magnitude
 * 2^-32 to 2^8 (`log`: every one) and a sample of the others.
 */

/** Memory for reading a float's bits; it is written right before every read, so nothing carries over between calls. */
const scratch = new DataView(new ArrayBuffer(4));

/** The bits of a float32 as a signed 32-bit integer. */
export function bitsOf(x: number): number {
  scratch.setFloat32(0, x, true);
  return scratch.getInt32(0, true);
}

/** The float32 that has these bits. */
export function fromBits(bits: number): number {
  scratch.setInt32(0, bits, true);
  return scratch.getFloat32(0, true);
}

/** 2^n for an integer -126 <= n <= 127. */
function powerOfTwo(n: number): number {
  return fromBits((n + 127) << 23);
}

/** `a * b + c` with two roundings: that of the product and that of the sum. */
export function multiplyThenAdd(a: number, b: number, c: number): number {
  return Math.fround(Math.fround(a * b) + c);
}

/** 1.5 * 2^23: adding and subtracting it rounds a float of magnitude below 2^22 to the nearest integer, ties to even. */
const ROUNDER = 12582912;

/** The nearest integer to x, ties to even, for |x| < 2^22; a zero result is +0. */
function nearestInteger(x: number): number {
  return Math.fround(Math.fround(x + ROUNDER) - ROUNDER);
}

const LOG2_E = Math.fround(Math.LOG2E);
/** ln 2 = LN2_HIGH + LN2_LOW; the high part has 9 significant bits, so its product with an exponent is exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.fround(-2.1219444e-4);

/** x - n ln 2, in two steps of which the first is exact near the multiple. */
function reduceByLn2(x: number, n: number): number {
  return Math.fround(Math.fround(x - Math.fround(n * LN2_HIGH)) - Math.fround(n * LN2_LOW));
}

const EXP_0 = Math.fround(0.49999994);
const EXP_1 = Math.fround(0.16666521);
const EXP_2 = Math.fround(0.041668266);
const EXP_3 = Math.fround(0.008368677);
const EXP_4 = Math.fround(0.0013820734);

/**
 * e^x.
 *
 * Reduction: x = n ln 2 + r, n the nearest integer to x log2(e), |r| <= 0.3467.
 * Polynomial: e^r = 1 + (r + r² Q(r)), Q of degree 4 (`EXP_0` … `EXP_4`), relative error 3.2e-9.
 * Scaling by 2^n: two multiplications by powers of two, of which only the last can round (subnormal results) or
 * overflow. x is first clamped to [-104, 89], at whose ends the result is 0 and infinity already.
 *
 * exp(±0) = 1, exp(-inf) = 0, exp(inf) = inf. Error: 1.00 ULP.
 */
export function exp(x: number): number {
  const clamped = Math.max(-104, Math.min(89, x));
  const n = nearestInteger(Math.fround(clamped * LOG2_E));
  const r = reduceByLn2(clamped, n);
  let q = multiplyThenAdd(EXP_4, r, EXP_3);
  q = multiplyThenAdd(q, r, EXP_2);
  q = multiplyThenAdd(q, r, EXP_1);
  q = multiplyThenAdd(q, r, EXP_0);
  const mantissa = Math.fround(1 + multiplyThenAdd(Math.fround(r * r), q, r));
  const exponent = n | 0;
  const half = exponent >> 1;
  return Math.fround(Math.fround(mantissa * powerOfTwo(half)) * powerOfTwo(exponent - half));
}

const EXPM1_0 = 0.5;
const EXPM1_1 = Math.fround(0.16666666);
const EXPM1_2 = Math.fround(0.041666493);
const EXPM1_3 = Math.fround(0.008333545);
const EXPM1_4 = Math.fround(0.0013932331);
const EXPM1_5 = Math.fround(0.00019762572);

/**
 * e^x - 1.
 *
 * Reduction: as in `exp`, x clamped to [-30, 89].
 * Polynomial: p = e^r - 1 = r + r² Q(r), Q of degree 5 (`EXPM1_0` … `EXPM1_5`), relative error 4.4e-10.
 * Scaling: 2 (h p + (h - ½)) with h = 2^(n-1), which overflows only where the result does; p itself where n = 0.
 *
 * expm1(±0) = ±0, expm1(-inf) = -1, expm1(inf) = inf. Error: 1.46 ULP.
 */
export function expm1(x: number): number {
  const clamped = Math.max(-30, Math.min(89, x));
  const n = nearestInteger(Math.fround(clamped * LOG2_E));
  const r = reduceByLn2(clamped, n);
  let q = multiplyThenAdd(EXPM1_5, r, EXPM1_4);
  q = multiplyThenAdd(q, r, EXPM1_3);
  q = multiplyThenAdd(q, r, EXPM1_2);
  q = multiplyThenAdd(q, r, EXPM1_1);
  q = multiplyThenAdd(q, r, EXPM1_0);
  const p = multiplyThenAdd(Math.fround(r * r), q, r);
  if (x === 0) return x;
  if (n === 0) return p;
  const h = powerOfTwo((n | 0) - 1);
  return Math.fround(2 * Math.fround(Math.fround(h * p) + Math.fround(h - 0.5)));
}

const LOG_1 = Math.fround(0.66666776);
const LOG_2 = Math.fround(0.39977568);
const LOG_3 = Math.fround(0.2987146);

/** The bits of the float just below √½, where reduced mantissas begin. */
const SQRT_HALF_BITS = 0x3f3504f3;

/**
 * ln(u) + correction - lift ln 2, for a finite, normal u > 0.
 *
 * Reduction: u = 2^k m, m in [√½, √2), k reduced by `lift`; f = m - 1 (exact), s = f / (2 + f), z = s².
 * Polynomial: ln(1 + f) = 2s + sR = f - (f²/2 - s (f²/2 + R)), R = z (LOG_1 + z (LOG_2 + z LOG_3)), relative error
 * 8.2e-10. The correction enters with the low part of k ln 2.
 */
function logOfNormal(u: number, lift: number, correction: number): number {
  const offset = (bitsOf(u) - SQRT_HALF_BITS) | 0;
  const k = (offset >> 23) - lift;
  const f = Math.fround(fromBits((offset & 0x7fffff) + SQRT_HALF_BITS) - 1);
  const s = Math.fround(f / Math.fround(2 + f));
  const z = Math.fround(s * s);
  let remainder = multiplyThenAdd(LOG_3, z, LOG_2);
  remainder = multiplyThenAdd(remainder, z, LOG_1);
  remainder = Math.fround(remainder * z);
  const halfSquare = Math.fround(Math.fround(0.5 * f) * f);
  const low = multiplyThenAdd(k, LN2_LOW, correction);
  const tail = multiplyThenAdd(s, Math.fround(halfSquare + remainder), low);
  const high = Math.fround(k * LN2_HIGH);
  return Math.fround(high + Math.fround(f - Math.fround(halfSquare - tail)));
}

const SMALLEST_NORMAL = 2 ** -126;
const TWO_TO_25 = 33554432;

/**
 * Natural logarithm: `logOfNormal` of x, or of 2^25 x with a lift of 25 where x is subnormal; then the special cases.
 *
 * log(±0) = -inf, log(x < 0) = NaN, log(1) = +0, log(inf) = inf. Error: 0.84 ULP.
 */
export function log(x: number): number {
  if (!(x < Number.POSITIVE_INFINITY)) return x;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x < 0) return Number.NaN;
  const subnormal = x < SMALLEST_NORMAL;
  return logOfNormal(subnormal ? Math.fround(x * TWO_TO_25) : x, subnormal ? 25 : 0, 0);
}

/**
 * ln(1 + x).
 *
 * u = 1 + x (rounded), and the part of x that rounding lost, e = x - (u - 1) where x < 1, else 1 - (u - x) (both
 * exact), is given back as ln(1 + x) = ln(u) + e / u.
 *
 * log1p(±0) = ±0, log1p(-1) = -inf, log1p(x < -1) = NaN, log1p(inf) = inf. Error: 0.87 ULP.
 */
export function log1p(x: number): number {
  if (!(x < Number.POSITIVE_INFINITY) || x === 0) return x;
  if (x === -1) return Number.NEGATIVE_INFINITY;
  if (x < -1) return Number.NaN;
  const u = Math.fround(1 + x);
  const lost = x < 1 ? Math.fround(x - Math.fround(u - 1)) : Math.fround(1 - Math.fround(u - x));
  return logOfNormal(u, 0, Math.fround(lost / u));
}

const TANH_0 = Math.fround(-0.333333);
const TANH_1 = Math.fround(0.13332242);
const TANH_2 = Math.fround(-0.053853597);
const TANH_3 = Math.fround(0.021306526);
const TANH_4 = Math.fround(-0.00741417);
const TANH_5 = Math.fround(0.0015870387);
const TANH_LIMIT = Math.fround(0.8);

/**
 * Hyperbolic tangent, with a = |x| and the sign of x restored at the end.
 *
 * a < 0.8: a + a (z P(z)), z = a², P of degree 5 (`TANH_0` … `TANH_5`), relative error 3.8e-9.
 * Otherwise: 1 - 2 / (exp(2a) + 1), which is 1 from 9.02 on.
 *
 * tanh(±0) = ±0, tanh(±inf) = ±1. Error: 1.06 ULP.
 */
export function tanh(x: number): number {
  const a = Math.abs(x);
  const z = Math.fround(a * a);
  let p = multiplyThenAdd(TANH_5, z, TANH_4);
  p = multiplyThenAdd(p, z, TANH_3);
  p = multiplyThenAdd(p, z, TANH_2);
  p = multiplyThenAdd(p, z, TANH_1);
  p = multiplyThenAdd(p, z, TANH_0);
  const near = multiplyThenAdd(a, Math.fround(z * p), a);
  const far = Math.fround(1 - Math.fround(2 / Math.fround(exp(Math.fround(2 * a)) + 1)));
  return withSignOf(x, a < TANH_LIMIT ? near : far);
}

/** `magnitude` (>= 0) with the sign of x, zeros included; NaN for a NaN x. */
function withSignOf(x: number, magnitude: number): number {
  if (x > 0) return magnitude;
  if (x < 0) return -magnitude;
  return x;
}

/**
 * Logistic function 1 / (1 + e^-x), as e / (1 + e) with e = exp(-|x|) where x < 0 and as 1 / (1 + e) otherwise, so that
 * nothing overflows and small results keep their relative precision.
 *
 * sigmoid(±0) = 0.5, sigmoid(-inf) = 0, sigmoid(inf) = 1. Error: 2.41 ULP.
 */
export function sigmoid(x: number): number {
  const e = exp(-Math.abs(x));
  return Math.fround((x < 0 ? e : 1) / Math.fround(1 + e));
}

/** ln(1 + e^x) = max(x, 0) + log1p(exp(-|x|)). softplus(-inf) = 0, softplus(inf) = inf. Error: 1.71 ULP. */
export function softplus(x: number): number {
  return Math.fround(Math.max(x, 0) + log1p(exp(-Math.abs(x))));
}

const ERF_0 = Math.fround(0.12837917);
const ERF_1 = Math.fround(-0.37612626);
const ERF_2 = Math.fround(0.11283579);
const ERF_3 = Math.fround(-0.026853347);
const ERF_4 = Math.fround(0.005187162);
const ERF_5 = Math.fround(-0.0007997853);
const ERF_6 = Math.fround(7.806903e-5);

const ERFC_0 = Math.fround(0.0003415231);
const ERFC_1 = Math.fround(1.1270891);
const ERFC_2 = Math.fround(0.63814497);
const ERFC_3 = Math.fround(0.10310661);
const ERFC_4 = Math.fround(-0.021838);
const ERFC_5 = Math.fround(0.002947649);
const ERFC_6 = Math.fround(-0.00018637958);

/**
 * Error function, with a = |x| and the sign of x restored at the end.
 *
 * a < 1: a + a P(a²), P of degree 6 (`ERF_0` … `ERF_6`), relative error 1.5e-9.
 * Otherwise: 1 - exp(-G(t)), t = min(a, 4), where G of degree 6 (`ERFC_0` … `ERFC_6`) approximates -ln erfc(t) with an
 * error in the result of 1.1e-9; the result is 1 from 3.84 on.
 *
 * erf(±0) = ±0, erf(±inf) = ±1. Error: 1.40 ULP.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  const z = Math.fround(a * a);
  let p = multiplyThenAdd(ERF_6, z, ERF_5);
  p = multiplyThenAdd(p, z, ERF_4);
  p = multiplyThenAdd(p, z, ERF_3);
  p = multiplyThenAdd(p, z, ERF_2);
  p = multiplyThenAdd(p, z, ERF_1);
  p = multiplyThenAdd(p, z, ERF_0);
  const near = multiplyThenAdd(a, p, a);
  const t = Math.min(a, 4);
  let g = multiplyThenAdd(ERFC_6, t, ERFC_5);
  g = multiplyThenAdd(g, t, ERFC_4);
  g = multiplyThenAdd(g, t, ERFC_3);
  g = multiplyThenAdd(g, t, ERFC_2);
  g = multiplyThenAdd(g, t, ERFC_1);
  g = multiplyThenAdd(g, t, ERFC_0);
  const far = Math.fround(1 - exp(-g));
  return withSignOf(x, a < 1 ? near : far);
}

/** 1 / sqrt(x), each of the two rounded. rsqrt(±0) = ±inf, rsqrt(inf) = 0, rsqrt(x < 0) = NaN. Error: 1.50 ULP. */
export function rsqrt(x: number): number {
  return Math.fround(1 / Math.fround(Math.sqrt(x)));
}

/** 2^52 + 2^51: adding it to a double and taking it away rounds to an integer, ties to even. */
const DOUBLE_ROUNDER = 6755399441055744;

/**
 * sin(x + turned π/2) of a float32, in double precision: q = nearest integer to 2x/π, r = x - q π/2 with π/2 in two
 * parts, then Taylor's series of the sine or the cosine of r to r⁹ and r¹⁰, and one rounding to float32. NaN from 2^30 on.
 * Error: 0.51 ULP for |x| below 2^20.
 */
function sineTurned(x: number, turned: 0 | 1): number {
  if (!(Math.abs(x) < 1073741824)) return Number.NaN;
  const q = x * 0.6366197723675814 + DOUBLE_ROUNDER - DOUBLE_ROUNDER;
  const r = x - q * 1.5707963267341256 - q * 6.077100506506192e-11;
  const z = r * r;
  const s = ((2.755731922398589e-6 * z - 1.984126984126984e-4) * z + 8.333333333333333e-3) * z - 0.16666666666666666;
  const c =
    (((-2.755731922398589e-7 * z + 2.48015873015873e-5) * z - 1.388888888888889e-3) * z + 0.041666666666666664) * z -
    0.5;
  const n = q + turned;
  const value = Number.isInteger(n * 0.5) ? r + r * z * s : 1 + z * c;
  return Math.fround(n - 4 * Math.floor(n * 0.25) >= 2 ? -value : value);
}

export function sin(x: number): number {
  return sineTurned(x, 0);
}

export function cos(x: number): number {
  return sineTurned(x, 1);
}

const SIN_0 = Math.fround(1.5707964);
const SIN_1 = Math.fround(-0.64596665);
const SIN_2 = Math.fround(0.079712525);
const SIN_3 = Math.fround(-0.0046859714);

const COS_0 = Math.fround(-1.2337005);
const COS_1 = Math.fround(0.25366855);
const COS_2 = Math.fround(-0.020855594);
const COS_3 = Math.fround(0.00089447346);

/** sin(f π/2) for |f| <= ½: f (SIN_0 + z (SIN_1 + z (SIN_2 + z SIN_3))), z = f², relative error 2.8e-8. */
export function sinOfQuarterTurns(f: number): number {
  const z = Math.fround(f * f);
  let p = multiplyThenAdd(SIN_3, z, SIN_2);
  p = multiplyThenAdd(p, z, SIN_1);
  p = multiplyThenAdd(p, z, SIN_0);
  return Math.fround(f * p);
}

/** cos(f π/2) for |f| <= ½: 1 + z (COS_0 + z (COS_1 + z (COS_2 + z COS_3))), z = f², relative error 4.4e-10. */
export function cosOfQuarterTurns(f: number): number {
  const z = Math.fround(f * f);
  let p = multiplyThenAdd(COS_3, z, COS_2);
  p = multiplyThenAdd(p, z, COS_1);
  p = multiplyThenAdd(p, z, COS_0);
  return multiplyThenAdd(z, p, 1);
}

/**
 * sin(2πu) for u in [0, 1].
 *
 * Reduction, exact: q = nearest integer to 4u (ties to even), f = 4u - q in [-½, ½]; then by q mod 4 the sine, cosine,
 * negated sine or negated cosine of f quarter turns. Error: 1.57 ULP over the multiples of 2^-24.
 */
export function sinOfTurns(u: number): number {
  const quarters = Math.fround(4 * u);
  const q = nearestInteger(quarters);
  const f = Math.fround(quarters - q);
  const turned = q | 0;
  const value = (turned & 1) === 0 ? sinOfQuarterTurns(f) : cosOfQuarterTurns(f);
  return (turned & 2) === 0 ? value : -value;
}

/** cos(2πu) for u in [0, 1]; reduction as for `sinOfTurns`: cosine, negated sine, negated cosine, sine. Error: 1.57 ULP. */
export function cosOfTurns(u: number): number {
  const quarters = Math.fround(4 * u);
  const q = nearestInteger(quarters);
  const f = Math.fround(quarters - q);
  const turned = q | 0;
  const value = (turned & 1) === 0 ? cosOfQuarterTurns(f) : sinOfQuarterTurns(f);
  return ((turned + 1) & 2) === 0 ? value : -value;
}
