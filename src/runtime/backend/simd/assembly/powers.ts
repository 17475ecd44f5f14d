// x^y through float64: 2^(y log2 |x|), rounded once to float32.

const LOG2_E: f64 = 1.4426950408889634;
const LN2: f64 = 0.6931471805599453;

/** log2 of a positive, finite float32: 2 atanh(s) log2(e), s = (m - 1) / (m + 1), m in [sqrt(1/2), sqrt(2)). */
function log2(a: f64): f64 {
  const offset = reinterpret<i64>(a) - 0x3fe6a09e667f3bcd;
  const k = offset >> 52;
  const m = reinterpret<f64>((offset & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd);
  const s = (m - 1) / (m + 1), z = s * s;
  let p: f64 = 0;
  for (let d = 21; d >= 1; d -= 2) p = p * z + 1 / <f64>d;
  return <f64>k + 2 * s * p * LOG2_E;
}

/** 2^t for |t| <= 1000: the Taylor series of e^r up to r^15, r = (t - n) ln 2. */
function exp2(t: f64): f64 {
  const n = nearest(t);
  const r = (t - n) * LN2;
  let p: f64 = 1;
  for (let d = 15; d >= 1; --d) p = 1 + (r * p) / <f64>d;
  return p * reinterpret<f64>((<i64>n + 1023) << 52);
}

/** Like Math.pow: 1 for y = 0; NaN for |x| = 1 with infinite y, and for x < 0 with a non-integer y. */
export function pow(x: f32, y: f32): f32 {
  if (y == 0) return 1;
  if (x != x || y != y) return NaN;
  const a = abs(x);
  const whole = floor(y) == y;
  // From 2^24 on every float32 is even.
  const odd = whole && abs(y) < 16777216 && (<i32>y & 1) != 0;
  const sign: f32 = odd && reinterpret<i32>(x) < 0 ? -1 : 1;
  if (abs(y) == Infinity) {
    if (a == 1) return NaN;
    return a > 1 == y > 0 ? Infinity : 0;
  }
  if (a == 0) return y > 0 ? sign * 0 : sign * Infinity;
  if (a == Infinity) return y > 0 ? sign * Infinity : sign * 0;
  if (x < 0 && !whole) return NaN;
  const t = <f64>y * log2(<f64>a);
  return sign * <f32>exp2(t > 1000 ? 1000 : t < -1000 ? -1000 : t);
}
