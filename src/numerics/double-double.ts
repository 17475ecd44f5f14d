/**
 * Numbers as unevaluated sums hi + lo of two doubles, |lo| at most half a unit in the last place of hi: about 106
 * significant bits out of IEEE 754 +, -, * and / alone (Dekker, "A floating-point technique for extending the available
 * precision", 1971). Valid for magnitudes between 1e-140 and 1e150, where neither overflow nor underflow disturbs it.
 */
export interface DoubleDouble {
  readonly hi: number;
  readonly lo: number;
}

/** a + b exactly. */
export function twoSum(a: number, b: number): DoubleDouble {
  const hi = a + b;
  const part = hi - a;
  return { hi, lo: a - (hi - part) + (b - part) };
}

/** a + b exactly, for |a| >= |b| or a = 0. */
function fastTwoSum(a: number, b: number): DoubleDouble {
  const hi = a + b;
  return { hi, lo: b - (hi - a) };
}

/** a * b exactly: each factor is split into two halves of 26 bits, whose products are exact. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const hi = a * b;
  const aHigh = upperHalf(a);
  const aLow = a - aHigh;
  const bHigh = upperHalf(b);
  const bLow = b - bHigh;
  return { hi, lo: aHigh * bHigh - hi + aHigh * bLow + aLow * bHigh + aLow * bLow };
}

function upperHalf(a: number): number {
  const shifted = 134217729 * a; // 2^27 + 1
  return shifted - (shifted - a);
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = twoSum(a.hi, b.hi);
  const low = twoSum(a.lo, b.lo);
  const first = fastTwoSum(sum.hi, sum.lo + low.hi);
  return fastTwoSum(first.hi, first.lo + low.lo);
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = twoProduct(a.hi, b.hi);
  return fastTwoSum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const quotient = a.hi / b.hi;
  const product = multiply(b, { hi: quotient, lo: 0 });
  const rest = a.hi - product.hi - product.lo + a.lo;
  return fastTwoSum(quotient, rest / b.hi);
}

/** a times a power of two. */
export function scale(a: DoubleDouble, power: number): DoubleDouble {
  return { hi: a.hi * power, lo: a.lo * power };
}
