import type { DoubleDouble } from './double-double.js';

/** An angle as a multiple of a quarter turn and a rest: x = quarters * π/2 + rest, |rest| <= π/4. */
export interface ReducedAngle {
  /** Modulo 4. */
  readonly quarters: 0 | 1 | 2 | 3;
  readonly rest: DoubleDouble;
}

/** Bits kept of the rest beyond those that the integer part takes; no double is closer than 2^-62 to a multiple of π/2. */
const GUARD_BITS = 180;

/**
 * Exact reduction of any finite double (radians) by quarter turns, in integer arithmetic: x is an integer times a power
 * of two, and π is computed to as many bits as the size of x asks for.
 */
export function reduceAngle(x: number): ReducedAngle {
  if (Math.abs(x) < 0.7853981633974483) return { quarters: 0, rest: { hi: x, lo: 0 } };
  const { mantissa, exponent } = integerParts(x);
  const bits = Math.max(0, exponent) + 53 + GUARD_BITS;
  const angle = mantissa << BigInt(bits + exponent);
  const half = piTimesPowerOfTwo(bits - 1);
  const quarters = floorDivide(2n * angle + half, 2n * half);
  return { quarters: quarterTurns(quarters), rest: toDoubleDouble(angle - quarters * half, bits) };
}

function quarterTurns(quarters: bigint): 0 | 1 | 2 | 3 {
  const low = BigInt.asUintN(2, quarters);
  if (low === 0n) return 0;
  if (low === 1n) return 1;
  return low === 2n ? 2 : 3;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** x = mantissa * 2^exponent, for finite normal x. */
function integerParts(x: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const magnitude = (bits & 0xfffffffffffffn) | 0x10000000000000n;
  const exponent = Number((bits >> 52n) & 0x7ffn) - 1075;
  return { mantissa: x < 0 ? -magnitude : magnitude, exponent };
}

/** The nearest double-double to integer * 2^-bits. */
function toDoubleDouble(integer: bigint, bits: number): DoubleDouble {
  const magnitude = integer < 0n ? -integer : integer;
  const surplus = Math.max(0, magnitude.toString(2).length - 120);
  const kept = integer >> BigInt(surplus);
  const unit = powerOfHalf(bits - surplus);
  const hi = Number(kept);
  return { hi: hi * unit, lo: Number(kept - BigInt(hi)) * unit };
}

/** 2^-n for 0 <= n <= 1022. */
function powerOfHalf(n: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(1023 - n) << 52n);
  return view.getFloat64(0);
}

/** π 2^bits, rounded to an integer: π = 16 arctan(1/5) - 4 arctan(1/239) (Machin), with guard bits for the roundings. */
function piTimesPowerOfTwo(bits: number): bigint {
  const one = 1n << BigInt(bits + 16);
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  return (pi + (1n << 15n)) >> 16n;
}

/** arctan(1 / n) in units of 1 / one. */
function arctanOfInverse(n: bigint, one: bigint): bigint {
  let power = one / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= -(n * n);
    sum += power / k;
  }
  return sum;
}
