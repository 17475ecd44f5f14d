// Numbers close to 0. Processors are slow to multiply, divide or produce denormals: Adam's update takes up to fifty
// times as long. The remains of a weight that decays, or of an average whose gradients are 0, would stay denormal
// forever.

/** Bits of 2^-125. Below it, the bits of a magnitude count multiples of 2^-149, to which products are rounded. */
const TINY: i32 = 0x01000000;

/** 1.5 * 2^52. Adding it to a float64 rounds that to an integer, which the low bits of the sum then hold. */
const TO_INTEGER: f64 = 6755399441055744;

/** Lanes are negative if the magnitude is below 2^-125 and not 0, as in an average after hundreds of zero gradients. */
@inline
export function tiny(x: v128): v128 {
  const bits = f32x4.abs(x);
  return v128.and(i32x4.sub(bits, i32x4.splat(TINY)), i32x4.neg(bits));
}

@inline
export function anyTiny(x: v128): bool {
  return v128.bitmask<i32>(tiny(x)) != 0;
}

/** All-ones mask of the lanes that are tiny. */
@inline
export function whereTiny(x: v128): v128 {
  return v128.shr<i32>(tiny(x), 31);
}

@inline
export function isTiny(x: f32): bool {
  const bits = reinterpret<u32>(x) & 0x7fffffff;
  return bits - 1 < <u32>TINY - 1;
}

/** x * factor, for a factor in [0, 1]. Tiny magnitudes are multiplied as integers. */
@inline
export function carefulProduct(x: v128, factor: f32): v128 {
  const isTiny = whereTiny(x), wide = f64x2.splat(<f64>factor), shift = f64x2.splat(TO_INTEGER);
  const bits = v128.and(f32x4.abs(x), isTiny);
  const low = f64x2.convert_low_i32x4_u(bits), high = f64x2.convert_low_i32x4_u(i32x4.shuffle(bits, bits, 2, 3, 2, 3));
  const rounded = i32x4.shuffle(f64x2.add(f64x2.mul(low, wide), shift), f64x2.add(f64x2.mul(high, wide), shift), 0, 2, 4, 6);
  const usual = f32x4.mul(v128.andnot(x, isTiny), f32x4.splat(factor));
  return v128.or(v128.bitselect(rounded, usual, isTiny), v128.and(x, i32x4.splat(0x80000000)));
}

/** x * tiny, rounded once. The tiny factor counts as an integer, in units of 2^-149. */
export function productWithTiny(x: f32, tiny: f32): f32 {
  const bits = reinterpret<i32>(tiny), units = <f64>x * <f64>(bits & 0x7fffffff);
  const magnitude = abs(units);
  const product = magnitude < <f64>TINY
    ? reinterpret<f32>(<i32>(magnitude + TO_INTEGER - TO_INTEGER))
    : <f32>(magnitude * reinterpret<f64>(0x36A0000000000000));
  return (bits < 0) == (units < 0) ? product : -product;
}
