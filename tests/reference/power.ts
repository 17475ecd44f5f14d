/** The bits of √½ in float64, the lower end of a reduced mantissa. */
const SQRT_HALF_BITS = 0x3fe6a09e667f3bcdn;

function bitsOf(x: number): bigint {
  return new BigInt64Array(new Float64Array([x]).buffer)[0] ?? 0n;
}

function fromBits(bits: bigint): number {
  return new Float64Array(new BigInt64Array([bits]).buffer)[0] ?? 0;
}

/** log2 of a positive, finite float32 in float64: 2 atanh(s) log2 e, s = (m - 1) / (m + 1), to s²¹. */
function log2(a: number): number {
  const offset = bitsOf(a) - SQRT_HALF_BITS;
  const k = Number(offset >> 52n);
  const m = fromBits((offset & 0x000fffffffffffffn) + SQRT_HALF_BITS);
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p = 0;
  for (let d = 21; d >= 1; d -= 2) p = p * z + 1 / d;
  return k + 2 * s * p * Math.LOG2E;
}

function roundToEven(t: number): number {
  const floor = Math.floor(t);
  const rest = t - floor;
  if (rest !== 0.5) return Math.round(t);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** 2^t in float64: Taylor's series of e^r to r¹⁵, r = (t - n) ln 2, n the nearest integer, ties to even. */
function exp2(t: number): number {
  const n = roundToEven(t);
  const r = (t - n) * Math.LN2;
  let p = 1;
  for (let d = 15; d >= 1; --d) p = 1 + (r * p) / d;
  return p * fromBits(BigInt(n + 1023) << 52n);
}

/** x^y of two float32 as float32: 2^(y log2 |x|) in float64, rounded once; special values as `Math.pow` has them. */
export function power(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const a = Math.abs(x);
  const whole = Number.isInteger(y);
  const negative = x < 0 || Object.is(x, -0);
  const sign = whole && negative && Math.abs(y) < 2 ** 24 && Math.abs(y % 2) === 1 ? -1 : 1;
  if (Math.abs(y) === Number.POSITIVE_INFINITY) {
    if (a === 1) return Number.NaN;
    return a > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  if (a === 0) return y > 0 ? sign * 0 : sign * Number.POSITIVE_INFINITY;
  if (a === Number.POSITIVE_INFINITY) return y > 0 ? sign * a : sign * 0;
  if (x < 0 && !whole) return Number.NaN;
  return sign * Math.fround(exp2(Math.max(-1000, Math.min(1000, y * log2(a)))));
}
