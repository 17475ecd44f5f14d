// The elementary functions of src/numerics/float32.ts on four lanes, operation by operation, so that the bits agree.
// Both sides of a branch are computed, and one is selected.

// Constants are loaded from memory, which is cheaper than building a vector constant in every iteration.
// prettier-ignore
const TABLE: usize = memory.data<f32>([
  /* 0 */ -104, 89, 1.4426950408889634, 0.693359375, -2.1219444e-4, 12582912, 1, -30,
  /* 8: exp */ 0.49999994, 0.16666521, 0.041668266, 0.008368677, 0.0013820734, 0, 0, 0,
  /* 16: expm1 */ 0.5, 0.16666666, 0.041666493, 0.008333545, 0.0013932331, 0.00019762572, 2, 0,
  /* 24: log */ 0.66666776, 0.39977568, 0.2987146, 33554432, 1.1754943508222875e-38, 0, 0, 0,
  /* 32: tanh */ -0.333333, 0.13332242, -0.053853597, 0.021306526, -0.00741417, 0.0015870387, 0.8, 0,
  /* 40: erf */ 0.12837917, -0.37612626, 0.11283579, -0.026853347, 0.005187162, -0.0007997853, 7.806903e-5, 4,
  /* 48: -ln erfc */ 0.0003415231, 1.1270891, 0.63814497, 0.10310661, -0.021838, 0.002947649, -0.00018637958, 0,
  /* 56: sine */ 1.5707964, -0.64596665, 0.079712525, -0.0046859714,
  /* 60: cosine */ -1.2337005, 0.25366855, -0.020855594, 0.00089447346,
  /* 64: selu */ 1.0507009873554805, 1.7580993408473766
], 16);
const SQRT_HALF_BITS: i32 = 0x3f3504f3;

@inline
export function constant(i: usize): v128 {
  return v128.load_splat<f32>(TABLE + (i << 2));
}

/** a * b + c, rounded twice. */
@inline
export function multiplyThenAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Bits of 1.5 * 2^23. Adding that to a float rounds it to an integer, which the low bits of the sum then hold. */
const ROUNDER_BITS: i32 = 0x4b400000;

@inline
function shifted(x: v128): v128 {
  return f32x4.add(x, constant(5));
}

/** The integer in a shifted number, as a float. */
@inline
function nearestInteger(sum: v128): v128 {
  return f32x4.sub(sum, constant(5));
}

/** The integer in a shifted number, as an integer; arbitrary for NaN. */
@inline
function integerOf(sum: v128): v128 {
  return i32x4.sub(sum, i32x4.splat(ROUNDER_BITS));
}

/** Clamps x; a NaN stays. pmin and pmax are single instructions, unlike min and max. */
@inline
function limited(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, high), low);
}

@inline
function reduceByLn2(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, constant(3))), f32x4.mul(n, constant(4)));
}

/** 2^n for integer n, if that is a normal number. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

@inline
export function exp(x: v128): v128 {
  const clamped = limited(x, constant(0), constant(1));
  const sum = shifted(f32x4.mul(clamped, constant(2))), n = nearestInteger(sum);
  const r = reduceByLn2(clamped, n);
  let q = multiplyThenAdd(constant(12), r, constant(11));
  q = multiplyThenAdd(q, r, constant(10));
  q = multiplyThenAdd(q, r, constant(9));
  q = multiplyThenAdd(q, r, constant(8));
  const mantissa = f32x4.add(constant(6), multiplyThenAdd(f32x4.mul(r, r), q, r));
  const exponent = integerOf(sum), half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(mantissa, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

@inline
export function expm1(x: v128): v128 {
  const clamped = limited(x, constant(7), constant(1));
  const sum = shifted(f32x4.mul(clamped, constant(2))), n = nearestInteger(sum);
  const r = reduceByLn2(clamped, n);
  let q = multiplyThenAdd(constant(21), r, constant(20));
  q = multiplyThenAdd(q, r, constant(19));
  q = multiplyThenAdd(q, r, constant(18));
  q = multiplyThenAdd(q, r, constant(17));
  q = multiplyThenAdd(q, r, constant(16));
  const p = multiplyThenAdd(f32x4.mul(r, r), q, r);
  const h = powerOfTwo(i32x4.sub(integerOf(sum), i32x4.splat(1)));
  const scaled = f32x4.mul(constant(22), f32x4.add(f32x4.mul(h, p), f32x4.sub(h, constant(16))));
  const zero = f32x4.splat(0);
  const y = v128.bitselect(p, scaled, f32x4.eq(n, zero));
  return v128.bitselect(x, y, f32x4.eq(x, zero));
}

/** ln(u) + correction - lift ln 2 for normal u > 0. */
@inline
function logOfNormal(u: v128, lift: v128, correction: v128): v128 {
  const offset = i32x4.sub(u, i32x4.splat(SQRT_HALF_BITS));
  const k = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(offset, 23), lift));
  const m = i32x4.add(v128.and(offset, i32x4.splat(0x7fffff)), i32x4.splat(SQRT_HALF_BITS));
  const f = f32x4.sub(m, constant(6));
  const s = f32x4.div(f, f32x4.add(constant(22), f));
  const z = f32x4.mul(s, s);
  let remainder = multiplyThenAdd(constant(26), z, constant(25));
  remainder = multiplyThenAdd(remainder, z, constant(24));
  remainder = f32x4.mul(remainder, z);
  const halfSquare = f32x4.mul(f32x4.mul(constant(16), f), f);
  const low = multiplyThenAdd(k, constant(4), correction);
  const tail = multiplyThenAdd(s, f32x4.add(halfSquare, remainder), low);
  return f32x4.add(f32x4.mul(k, constant(3)), f32x4.sub(f, f32x4.sub(halfSquare, tail)));
}

@inline
export function log(x: v128): v128 {
  const zero = f32x4.splat(0), infinity = f32x4.splat(Infinity);
  const subnormal = f32x4.lt(x, constant(28));
  const u = v128.bitselect(f32x4.mul(x, constant(27)), x, subnormal);
  let y = logOfNormal(u, v128.and(subnormal, i32x4.splat(25)), zero);
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, zero));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, zero));
  return v128.bitselect(y, x, f32x4.lt(x, infinity));
}

@inline
export function log1p(x: v128): v128 {
  const zero = f32x4.splat(0), one = constant(6);
  const u = f32x4.add(one, x);
  const lost = v128.bitselect(f32x4.sub(x, f32x4.sub(u, one)), f32x4.sub(one, f32x4.sub(u, x)), f32x4.lt(x, one));
  let y = logOfNormal(u, zero, f32x4.div(lost, u));
  const minusOne = f32x4.splat(-1);
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, minusOne));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, minusOne));
  const finite = f32x4.lt(x, f32x4.splat(Infinity));
  return v128.bitselect(y, x, v128.andnot(finite, f32x4.eq(x, zero)));
}

/** A non-negative magnitude with the sign of x. */
@inline
function withSignOf(x: v128, magnitude: v128): v128 {
  return v128.or(magnitude, v128.and(x, i32x4.splat(0x80000000)));
}

@inline
export function tanh(x: v128): v128 {
  const one = constant(6), two = constant(22);
  const a = f32x4.abs(x), z = f32x4.mul(a, a);
  let p = multiplyThenAdd(constant(37), z, constant(36));
  p = multiplyThenAdd(p, z, constant(35));
  p = multiplyThenAdd(p, z, constant(34));
  p = multiplyThenAdd(p, z, constant(33));
  p = multiplyThenAdd(p, z, constant(32));
  const near = multiplyThenAdd(a, f32x4.mul(z, p), a);
  const far = f32x4.sub(one, f32x4.div(two, f32x4.add(exp(f32x4.mul(two, a)), one)));
  return withSignOf(x, v128.bitselect(near, far, f32x4.lt(a, constant(38))));
}

@inline
export function sigmoid(x: v128): v128 {
  const one = constant(6);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, e));
}

@inline
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

@inline
export function erf(x: v128): v128 {
  const one = constant(6);
  const a = f32x4.abs(x), z = f32x4.mul(a, a);
  let p = multiplyThenAdd(constant(46), z, constant(45));
  p = multiplyThenAdd(p, z, constant(44));
  p = multiplyThenAdd(p, z, constant(43));
  p = multiplyThenAdd(p, z, constant(42));
  p = multiplyThenAdd(p, z, constant(41));
  p = multiplyThenAdd(p, z, constant(40));
  const near = multiplyThenAdd(a, p, a);
  const t = f32x4.pmin(a, constant(47));
  let g = multiplyThenAdd(constant(54), t, constant(53));
  g = multiplyThenAdd(g, t, constant(52));
  g = multiplyThenAdd(g, t, constant(51));
  g = multiplyThenAdd(g, t, constant(50));
  g = multiplyThenAdd(g, t, constant(49));
  g = multiplyThenAdd(g, t, constant(48));
  const far = f32x4.sub(one, exp(f32x4.neg(g)));
  return withSignOf(x, v128.bitselect(near, far, f32x4.lt(a, one)));
}

/** sin(x + turned π/2) of two doubles. */
function sineOfPair(x: v128, turned: f64): v128 {
  const q = f64x2.nearest(f64x2.mul(x, f64x2.splat(0.6366197723675814)));
  const near = f64x2.sub(x, f64x2.mul(q, f64x2.splat(1.5707963267341256)));
  const r = f64x2.sub(near, f64x2.mul(q, f64x2.splat(6.077100506506192e-11)));
  const z = f64x2.mul(r, r);
  let s = f64x2.add(f64x2.mul(f64x2.splat(2.755731922398589e-6), z), f64x2.splat(-1.984126984126984e-4));
  s = f64x2.add(f64x2.mul(s, z), f64x2.splat(8.333333333333333e-3));
  s = f64x2.add(f64x2.mul(s, z), f64x2.splat(-0.16666666666666666));
  const sine = f64x2.add(r, f64x2.mul(f64x2.mul(r, z), s));
  let c = f64x2.add(f64x2.mul(f64x2.splat(-2.755731922398589e-7), z), f64x2.splat(2.48015873015873e-5));
  c = f64x2.add(f64x2.mul(c, z), f64x2.splat(-1.388888888888889e-3));
  c = f64x2.add(f64x2.mul(c, z), f64x2.splat(0.041666666666666664));
  c = f64x2.add(f64x2.mul(c, z), f64x2.splat(-0.5));
  const cosine = f64x2.add(f64x2.splat(1), f64x2.mul(z, c));
  const n = f64x2.add(q, f64x2.splat(turned));
  const half = f64x2.mul(n, f64x2.splat(0.5));
  const value = v128.bitselect(cosine, sine, f64x2.ne(half, f64x2.floor(half)));
  const quarter = f64x2.floor(f64x2.mul(n, f64x2.splat(0.25)));
  const isNegative = f64x2.ge(f64x2.sub(n, f64x2.mul(quarter, f64x2.splat(4))), f64x2.splat(2));
  return v128.xor(value, v128.and(isNegative, f64x2.splat(-0.0)));
}

@inline
function sineTurned(x: v128, turned: f64): v128 {
  const isNear = f32x4.lt(f32x4.abs(x), f32x4.splat(1073741824));
  const angle = v128.bitselect(x, f32x4.splat(NaN), isNear);
  const low = f32x4.demote_f64x2_zero(sineOfPair(f64x2.promote_low_f32x4(angle), turned));
  const rest = v128.shuffle<i32>(angle, angle, 2, 3, 2, 3);
  const high = f32x4.demote_f64x2_zero(sineOfPair(f64x2.promote_low_f32x4(rest), turned));
  return v128.shuffle<i32>(low, high, 0, 1, 4, 5);
}

@inline
export function sin(x: v128): v128 {
  return sineTurned(x, 0);
}

@inline
export function cos(x: v128): v128 {
  return sineTurned(x, 1);
}

@inline
export function rsqrt(x: v128): v128 {
  return f32x4.div(constant(6), f32x4.sqrt(x));
}

@inline
function sinOfQuarterTurns(f: v128): v128 {
  const z = f32x4.mul(f, f);
  let p = multiplyThenAdd(constant(59), z, constant(58));
  p = multiplyThenAdd(p, z, constant(57));
  p = multiplyThenAdd(p, z, constant(56));
  return f32x4.mul(f, p);
}

@inline
function cosOfQuarterTurns(f: v128): v128 {
  const z = f32x4.mul(f, f);
  let p = multiplyThenAdd(constant(63), z, constant(62));
  p = multiplyThenAdd(p, z, constant(61));
  p = multiplyThenAdd(p, z, constant(60));
  return multiplyThenAdd(z, p, constant(6));
}

/** sin(2 pi u), or cos(2 pi u) with `cosine`, for u in [0, 1]. */
@inline
export function turn(u: v128, cosine: bool): v128 {
  const quarters = f32x4.mul(constant(47), u), sum = shifted(quarters), f = f32x4.sub(quarters, nearestInteger(sum));
  const turned = integerOf(sum);
  const odd = i32x4.ne(v128.and(turned, i32x4.splat(1)), i32x4.splat(0));
  const s = sinOfQuarterTurns(f), c = cosOfQuarterTurns(f);
  const value = cosine ? v128.bitselect(s, c, odd) : v128.bitselect(c, s, odd);
  const lifted = cosine ? i32x4.add(turned, i32x4.splat(1)) : turned;
  return v128.xor(value, i32x4.shl(v128.and(lifted, i32x4.splat(2)), 30));
}
