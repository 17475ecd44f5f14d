// Functions of two elements with broadcasting. The host merges axes until each operand's innermost stride is 0 or 1.
import { arg, argP, claim, JOB, minI } from './job';
import { rowOffset, storeLanes } from './rows';
import { pow } from './powers';
import { Binary } from '../operations';

/** Elements per tile, a multiple of 4. */
const TILE_ELEMENTS: i32 = 8192;

@final @unmanaged class Add { @inline at(a: v128, b: v128): v128 { return f32x4.add(a, b); } }
@final @unmanaged class Subtract { @inline at(a: v128, b: v128): v128 { return f32x4.sub(a, b); } }
@final @unmanaged class Multiply { @inline at(a: v128, b: v128): v128 { return f32x4.mul(a, b); } }
@final @unmanaged class Divide { @inline at(a: v128, b: v128): v128 { return f32x4.div(a, b); } }
@final @unmanaged class Maximum { @inline at(a: v128, b: v128): v128 { return f32x4.max(a, b); } }
@final @unmanaged class Minimum { @inline at(a: v128, b: v128): v128 { return f32x4.min(a, b); } }
@final @unmanaged class SquaredDifference {
  @inline at(a: v128, b: v128): v128 {
    const d = f32x4.sub(a, b);
    return f32x4.mul(d, d);
  }
}
@final @unmanaged class FloorDivide { @inline at(a: v128, b: v128): v128 { return f32x4.floor(f32x4.div(a, b)); } }
@final @unmanaged class Prelu {
  @inline at(a: v128, b: v128): v128 {
    return v128.bitselect(f32x4.mul(a, b), a, f32x4.lt(a, f32x4.splat(0)));
  }
}
/** Gradient of elu from its result y: dy where y >= 0, else dy (y + 1). */
@final @unmanaged class EluGrad {
  @inline at(dy: v128, y: v128): v128 {
    return v128.bitselect(dy, f32x4.mul(dy, f32x4.add(y, f32x4.splat(1))), f32x4.ge(y, f32x4.splat(0)));
  }
}
@final @unmanaged class Modulo { @inline at(a: v128, b: v128): v128 { return eachLane<ScalarModulo>(a, b); } }
@final @unmanaged class Power { @inline at(a: v128, b: v128): v128 { return eachLane<ScalarPower>(a, b); } }

/** Remainder with the sign of the divisor. */
@final @unmanaged class ScalarModulo {
  at(a: f32, b: f32): f32 {
    const r = a % b;
    return (a < 0 && b < 0) || (a >= 0 && b >= 0) ? r : (r + b) % b;
  }
}
@final @unmanaged class ScalarPower { at(a: f32, b: f32): f32 { return pow(a, b); } }

function eachLane<T>(a: v128, b: v128): v128 {
  const f = changetype<T>(0);
  let y = f32x4.splat(f.at(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  y = f32x4.replace_lane(y, 1, f.at(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  y = f32x4.replace_lane(y, 2, f.at(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(y, 3, f.at(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

@final @unmanaged class AddInt { @inline at(a: v128, b: v128): v128 { return i32x4.add(a, b); } }
@final @unmanaged class SubtractInt { @inline at(a: v128, b: v128): v128 { return i32x4.sub(a, b); } }
@final @unmanaged class MultiplyInt { @inline at(a: v128, b: v128): v128 { return i32x4.mul(a, b); } }
@final @unmanaged class MaximumInt { @inline at(a: v128, b: v128): v128 { return i32x4.max_s(a, b); } }
@final @unmanaged class MinimumInt { @inline at(a: v128, b: v128): v128 { return i32x4.min_s(a, b); } }
@final @unmanaged class SquaredDifferenceInt {
  @inline at(a: v128, b: v128): v128 {
    const d = i32x4.sub(a, b);
    return i32x4.mul(d, d);
  }
}
@final @unmanaged class BitwiseAnd { @inline at(a: v128, b: v128): v128 { return v128.and(a, b); } }
@final @unmanaged class FloorDivideInt { @inline at(a: v128, b: v128): v128 { return eachInt<ScalarFloorDivide>(a, b); } }
@final @unmanaged class ModuloInt { @inline at(a: v128, b: v128): v128 { return eachInt<ScalarModuloInt>(a, b); } }
@final @unmanaged class PowerInt { @inline at(a: v128, b: v128): v128 { return eachInt<ScalarPowerInt>(a, b); } }
@final @unmanaged class PreluInt {
  @inline at(a: v128, b: v128): v128 {
    return v128.bitselect(i32x4.mul(a, b), a, i32x4.lt_s(a, i32x4.splat(0)));
  }
}

/** Quotient rounded down; 0 if the divisor is 0. */
@final @unmanaged class ScalarFloorDivide {
  at(a: i32, b: i32): i32 { return b == 0 ? 0 : <i32><i64>Math.floor(<f64>a / <f64>b); }
}
/** Remainder with the sign of the divisor; 0 if the divisor is 0. */
@final @unmanaged class ScalarModuloInt {
  at(a: i32, b: i32): i32 {
    if (b == 0 || b == -1) return 0;
    const r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  }
}
/** a to the power b, modulo 2^32; for negative b, the quotient 1 / a^-b rounded toward 0. */
@final @unmanaged class ScalarPowerInt {
  at(a: i32, b: i32): i32 {
    if (b < 0) return a == 1 ? 1 : a == -1 ? ((b & 1) != 0 ? -1 : 1) : 0;
    let y = 1;
    for (; b > 0; b >>= 1, a *= a) if ((b & 1) != 0) y *= a;
    return y;
  }
}

function eachInt<T>(a: v128, b: v128): v128 {
  const f = changetype<T>(0);
  let y = i32x4.splat(f.at(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)));
  y = i32x4.replace_lane(y, 1, f.at(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)));
  y = i32x4.replace_lane(y, 2, f.at(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)));
  return i32x4.replace_lane(y, 3, f.at(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)));
}

/** One row of n results. An operand that isn't `wide` is a single element, repeated. */
@inline
function row<T>(a: usize, aWide: bool, b: usize, bWide: bool, y: usize, n: i32): void {
  const f = changetype<T>(0);
  const end = y + (<usize>(n & ~3) << 2);
  const left = n & 3;
  if (aWide && bWide) {
    for (; y < end; a += 16, b += 16, y += 16) v128.store(y, f.at(v128.load(a), v128.load(b)));
    if (left != 0) storeLanes(y, f.at(v128.load(a), v128.load(b)), left);
  } else if (aWide) {
    const s = v128.load_splat<u32>(b);
    for (; y < end; a += 16, y += 16) v128.store(y, f.at(v128.load(a), s));
    if (left != 0) storeLanes(y, f.at(v128.load(a), s), left);
  } else if (bWide) {
    const s = v128.load_splat<u32>(a);
    for (; y < end; b += 16, y += 16) v128.store(y, f.at(s, v128.load(b)));
    if (left != 0) storeLanes(y, f.at(s, v128.load(b)), left);
  } else {
    const v = f.at(v128.load_splat<u32>(a), v128.load_splat<u32>(b));
    for (; y < end; y += 16) v128.store(y, v);
    if (left != 0) storeLanes(y, v, left);
  }
}

/**
 * Arguments: function; A, B, Y; elements per row; whether A and B vary along it; number of rows; number of outer axes,
 * then their sizes, A's byte strides and B's byte strides.
 */
function zip<T>(): void {
  const a = argP(1), b = argP(2), y = argP(3), n = arg(4);
  const aWide = arg(5) != 0, bWide = arg(6) != 0, rows = arg(7), rank = arg(8);
  const dims = JOB + 40, aStrides = dims + (<usize>rank << 2), bStrides = aStrides + (<usize>rank << 2);
  if (n >= TILE_ELEMENTS) {
    const pieces = (n + TILE_ELEMENTS - 1) / TILE_ELEMENTS, tiles = rows * pieces;
    for (let t = claim(); t < tiles; t = claim()) {
      const r = t / pieces, i = (t - r * pieces) * TILE_ELEMENTS;
      const skip = <usize>i << 2;
      row<T>(
        a + rowOffset(r, rank, dims, aStrides) + (aWide ? skip : 0), aWide,
        b + rowOffset(r, rank, dims, bStrides) + (bWide ? skip : 0), bWide,
        y + ((<usize>r * n) << 2) + skip, minI(TILE_ELEMENTS, n - i),
      );
    }
  } else {
    const perTile = TILE_ELEMENTS / n;
    for (let t = claim() * perTile; t < rows; t = claim() * perTile) {
      const end = minI(rows, t + perTile);
      for (let r = t; r < end; ++r) {
        row<T>(
          a + rowOffset(r, rank, dims, aStrides), aWide,
          b + rowOffset(r, rank, dims, bStrides), bWide,
          y + ((<usize>r * n) << 2), n,
        );
      }
    }
  }
}

export function binaryFloat(): void {
  switch (arg(0)) {
    case Binary.Add: zip<Add>(); break;
    case Binary.Subtract: zip<Subtract>(); break;
    case Binary.Multiply: zip<Multiply>(); break;
    case Binary.Divide: zip<Divide>(); break;
    case Binary.Maximum: zip<Maximum>(); break;
    case Binary.Minimum: zip<Minimum>(); break;
    case Binary.SquaredDifference: zip<SquaredDifference>(); break;
    case Binary.FloorDivide: zip<FloorDivide>(); break;
    case Binary.Modulo: zip<Modulo>(); break;
    case Binary.Power: zip<Power>(); break;
    case Binary.Prelu: zip<Prelu>(); break;
    case Binary.EluGrad: zip<EluGrad>(); break;
    default: unreachable();
  }
}

export function binaryInt(): void {
  switch (arg(0)) {
    case Binary.Add: zip<AddInt>(); break;
    case Binary.Subtract: zip<SubtractInt>(); break;
    case Binary.Multiply: zip<MultiplyInt>(); break;
    case Binary.Maximum: zip<MaximumInt>(); break;
    case Binary.Minimum: zip<MinimumInt>(); break;
    case Binary.SquaredDifference: zip<SquaredDifferenceInt>(); break;
    case Binary.FloorDivide: zip<FloorDivideInt>(); break;
    case Binary.Modulo: zip<ModuloInt>(); break;
    case Binary.Power: zip<PowerInt>(); break;
    case Binary.Prelu: zip<PreluInt>(); break;
    case Binary.BitwiseAnd: zip<BitwiseAnd>(); break;
    default: unreachable();
  }
}
