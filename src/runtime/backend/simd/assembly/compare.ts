// Comparisons with broadcasting, logical functions and selection. A bool is a byte, 0 or 1.
import { arg, argP, claim, JOB, minI } from './job';
import { maskBytes, rowOffset, storeBytes, widenBytes } from './rows';
import { Class, Comparison, Logical } from '../operations';

/** Elements per tile, a multiple of 16. */
const TILE_ELEMENTS: i32 = 8192;

@final @unmanaged class EqualF { @inline at(a: v128, b: v128): v128 { return f32x4.eq(a, b); } }
@final @unmanaged class NotEqualF { @inline at(a: v128, b: v128): v128 { return f32x4.ne(a, b); } }
@final @unmanaged class LessF { @inline at(a: v128, b: v128): v128 { return f32x4.lt(a, b); } }
@final @unmanaged class LessEqualF { @inline at(a: v128, b: v128): v128 { return f32x4.le(a, b); } }
@final @unmanaged class GreaterF { @inline at(a: v128, b: v128): v128 { return f32x4.gt(a, b); } }
@final @unmanaged class GreaterEqualF { @inline at(a: v128, b: v128): v128 { return f32x4.ge(a, b); } }
@final @unmanaged class EqualI { @inline at(a: v128, b: v128): v128 { return i32x4.eq(a, b); } }
@final @unmanaged class NotEqualI { @inline at(a: v128, b: v128): v128 { return i32x4.ne(a, b); } }
@final @unmanaged class LessI { @inline at(a: v128, b: v128): v128 { return i32x4.lt_s(a, b); } }
@final @unmanaged class LessEqualI { @inline at(a: v128, b: v128): v128 { return i32x4.le_s(a, b); } }
@final @unmanaged class GreaterI { @inline at(a: v128, b: v128): v128 { return i32x4.gt_s(a, b); } }
@final @unmanaged class GreaterEqualI { @inline at(a: v128, b: v128): v128 { return i32x4.ge_s(a, b); } }

@inline
function row<T>(a: usize, aWide: bool, b: usize, bWide: bool, y: usize, n: i32): void {
  const f = changetype<T>(0);
  const end = y + <usize>(n & ~3), left = n & 3;
  const aStep: usize = aWide ? 16 : 0, bStep: usize = bWide ? 16 : 0;
  let va = v128.load_splat<u32>(a), vb = v128.load_splat<u32>(b);
  for (; y < end; a += aStep, b += bStep, y += 4) {
    if (aWide) va = v128.load(a);
    if (bWide) vb = v128.load(b);
    store<u32>(y, maskBytes(f.at(va, vb)));
  }
  if (left != 0) {
    if (aWide) va = v128.load(a);
    if (bWide) vb = v128.load(b);
    storeBytes(y, maskBytes(f.at(va, vb)), left);
  }
}

/** Arguments as in `binaryFloat`; the result has one byte per element. */
function compare<T>(): void {
  const a = argP(1), b = argP(2), y = argP(3), n = arg(4);
  const aWide = arg(5) != 0, bWide = arg(6) != 0, rows = arg(7), rank = arg(8);
  const dims = JOB + 40, aStrides = dims + (<usize>rank << 2), bStrides = aStrides + (<usize>rank << 2);
  const pieces = n >= TILE_ELEMENTS ? (n + TILE_ELEMENTS - 1) / TILE_ELEMENTS : 1;
  const perTile = n >= TILE_ELEMENTS ? 1 : TILE_ELEMENTS / n;
  const tiles = rows * pieces;
  for (let t = claim() * perTile; t < tiles; t = claim() * perTile) {
    const end = minI(tiles, t + perTile);
    for (let u = t; u < end; ++u) {
      const r = u / pieces, i = (u - r * pieces) * TILE_ELEMENTS, skip = <usize>i << 2;
      row<T>(
        a + rowOffset(r, rank, dims, aStrides) + (aWide ? skip : 0), aWide,
        b + rowOffset(r, rank, dims, bStrides) + (bWide ? skip : 0), bWide,
        y + <usize>r * n + i, minI(TILE_ELEMENTS, n - i),
      );
    }
  }
}

export function compareFloat(): void {
  switch (arg(0)) {
    case Comparison.Equal: compare<EqualF>(); break;
    case Comparison.NotEqual: compare<NotEqualF>(); break;
    case Comparison.Less: compare<LessF>(); break;
    case Comparison.LessEqual: compare<LessEqualF>(); break;
    case Comparison.Greater: compare<GreaterF>(); break;
    case Comparison.GreaterEqual: compare<GreaterEqualF>(); break;
    default: unreachable();
  }
}

export function compareInt(): void {
  switch (arg(0)) {
    case Comparison.Equal: compare<EqualI>(); break;
    case Comparison.NotEqual: compare<NotEqualI>(); break;
    case Comparison.Less: compare<LessI>(); break;
    case Comparison.LessEqual: compare<LessEqualI>(); break;
    case Comparison.Greater: compare<GreaterI>(); break;
    case Comparison.GreaterEqual: compare<GreaterEqualI>(); break;
    default: unreachable();
  }
}

/** Arguments: test, n, X, Y. Tests for NaN, infinite or finite by the bits of exponent and mantissa. */
export function classify(): void {
  const test = arg(0), n = arg(1), x = argP(2), y = argP(3);
  const infinity = i32x4.splat(0x7f800000), magnitude = i32x4.splat(0x7fffffff);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = minI(n, t + TILE_ELEMENTS);
    for (let i = t; i < end; i += 4) {
      const bits = v128.and(v128.load(x + (<usize>i << 2)), magnitude);
      const mask = test == Class.NaN
        ? i32x4.gt_s(bits, infinity)
        : test == Class.Infinite ? i32x4.eq(bits, infinity) : i32x4.lt_s(bits, infinity);
      store<u32>(y + <usize>i, maskBytes(mask));
    }
  }
}

/** Arguments: function, n, A, B, Y; all dense bools of one shape. */
export function logicalBytes(): void {
  const kind = arg(0), n = arg(1), a = argP(2), b = argP(3), y = argP(4);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = <usize>minI(n, t + TILE_ELEMENTS);
    for (let p = <usize>t; p < end; p += 16) {
      const u = v128.load(a + p), v = v128.load(b + p);
      v128.store(y + p, kind == Logical.And ? v128.and(u, v) : v128.or(u, v));
    }
  }
}

/** Arguments: element bytes (4 or 1), n, condition, T, F, Y; all dense, of one shape. */
export function select(): void {
  const size = arg(0), n = arg(1), c = argP(2), a = argP(3), b = argP(4), y = argP(5);
  const zero = i32x4.splat(0);
  for (let t = claim() * TILE_ELEMENTS; t < n; t = claim() * TILE_ELEMENTS) {
    const end = minI(n, t + TILE_ELEMENTS);
    if (size == 4) {
      for (let i = t; i < end; i += 4) {
        const p = <usize>i << 2;
        const mask = i32x4.ne(widenBytes(c + <usize>i), zero);
        v128.store(y + p, v128.bitselect(v128.load(a + p), v128.load(b + p), mask));
      }
    } else {
      for (let p = <usize>t; p < <usize>end; p += 16) {
        const mask = i8x16.ne(v128.load(c + p), zero);
        v128.store(y + p, v128.bitselect(v128.load(a + p), v128.load(b + p), mask));
      }
    }
  }
}
