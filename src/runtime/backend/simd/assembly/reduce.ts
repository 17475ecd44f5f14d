// Reductions of [outer, length, inner] over the middle axis.
//
// Sums are accumulated in float64 and rounded once. Along the last axis (inner = 1) eight lanes take every eighth
// element of a block of BLOCK elements; the lanes are added as a tree, the blocks in ascending order. Along any other
// axis every column is added in ascending order.
import { arg, argP, claim, minI } from './job';
import { Element, Reduction } from '../operations';

export const BLOCK: i32 = 4096;
/** Columns per tile. */
const COLUMNS: i32 = 64;

/** Sum of n float32 (at most BLOCK) at p. */
export function blockSum(p: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const end = p + (<usize>(n & ~7) << 2);
  for (; p < end; p += 32) {
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load_zero<u64>(p)));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load_zero<u64>(p, 8)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load_zero<u64>(p, 16)));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load_zero<u64>(p, 24)));
  }
  return laneSum(s0, s1, s2, s3, p, n & 7);
}

/** Sum of eight lanes, two per vector, after adding the `left` (at most 7) float32 at p to the first of them. */
@inline
export function laneSum(s0: v128, s1: v128, s2: v128, s3: v128, p: usize, left: i32): f64 {
  let l0 = f64x2.extract_lane(s0, 0), l1 = f64x2.extract_lane(s0, 1), l2 = f64x2.extract_lane(s1, 0);
  let l3 = f64x2.extract_lane(s1, 1), l4 = f64x2.extract_lane(s2, 0), l5 = f64x2.extract_lane(s2, 1);
  let l6 = f64x2.extract_lane(s3, 0);
  const l7 = f64x2.extract_lane(s3, 1);
  if (left > 0) l0 += <f64>load<f32>(p);
  if (left > 1) l1 += <f64>load<f32>(p, 4);
  if (left > 2) l2 += <f64>load<f32>(p, 8);
  if (left > 3) l3 += <f64>load<f32>(p, 12);
  if (left > 4) l4 += <f64>load<f32>(p, 16);
  if (left > 5) l5 += <f64>load<f32>(p, 20);
  if (left > 6) l6 += <f64>load<f32>(p, 24);
  return ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7));
}

/** Sum of n float32 at p, in blocks. */
export function rowSum(p: usize, n: i32): f64 {
  if (n <= BLOCK) return blockSum(p, n);
  let s: f64 = 0;
  for (let i = 0; i < n; i += BLOCK) s += blockSum(p + (<usize>i << 2), minI(BLOCK, n - i));
  return s;
}

/** Sums of `cols` adjacent columns over `length` rows, `step` bytes apart, divided by `divisor`. */
function columnSums(x: usize, step: usize, length: i32, cols: i32, y: usize, divisor: f32): void {
  let c = 0;
  for (; c + 8 <= cols; c += 8) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let p = x + (<usize>c << 2);
    for (let i = 0; i < length; ++i, p += step) {
      s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load_zero<u64>(p)));
      s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load_zero<u64>(p, 8)));
      s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load_zero<u64>(p, 16)));
      s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load_zero<u64>(p, 24)));
    }
    const d = f32x4.splat(divisor);
    const low = v128.shuffle<u64>(f32x4.demote_f64x2_zero(s0), f32x4.demote_f64x2_zero(s1), 0, 2);
    const high = v128.shuffle<u64>(f32x4.demote_f64x2_zero(s2), f32x4.demote_f64x2_zero(s3), 0, 2);
    v128.store(y + (<usize>c << 2), f32x4.div(low, d));
    v128.store(y + (<usize>c << 2), f32x4.div(high, d), 16);
  }
  for (; c < cols; ++c) {
    let s: f64 = 0;
    let p = x + (<usize>c << 2);
    for (let i = 0; i < length; ++i, p += step) s += <f64>load<f32>(p);
    store<f32>(y + (<usize>c << 2), <f32>s / divisor);
  }
}

@final @unmanaged class MaximumF {
  @inline first(): f32 { return -Infinity; }
  @inline at(a: v128, b: v128): v128 { return f32x4.max(a, b); }
  @inline one(a: f32, b: f32): f32 { return max<f32>(a, b); }
}
@final @unmanaged class MinimumF {
  @inline first(): f32 { return Infinity; }
  @inline at(a: v128, b: v128): v128 { return f32x4.min(a, b); }
  @inline one(a: f32, b: f32): f32 { return min<f32>(a, b); }
}

function rowExtreme<T>(p: usize, n: i32): f32 {
  const f = changetype<T>(0);
  let v = f32x4.splat(f.first());
  const end = p + (<usize>(n & ~3) << 2);
  for (; p < end; p += 16) v = f.at(v, v128.load(p));
  let e = f.one(
    f.one(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    f.one(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
  for (let left = n & 3; left > 0; --left, p += 4) e = f.one(e, load<f32>(p));
  return e;
}

/** Maximum of n float32 at p; NaN if any is. */
export function rowMaximum(p: usize, n: i32): f32 {
  return rowExtreme<MaximumF>(p, n);
}

function columnExtremes<T>(x: usize, step: usize, length: i32, cols: i32, y: usize): void {
  const f = changetype<T>(0);
  let c = 0;
  for (; c + 4 <= cols; c += 4) {
    let v = f32x4.splat(f.first());
    let p = x + (<usize>c << 2);
    for (let i = 0; i < length; ++i, p += step) v = f.at(v, v128.load(p));
    v128.store(y + (<usize>c << 2), v);
  }
  for (; c < cols; ++c) {
    let e = f.first();
    let p = x + (<usize>c << 2);
    for (let i = 0; i < length; ++i, p += step) e = f.one(e, load<f32>(p));
    store<f32>(y + (<usize>c << 2), e);
  }
}

function floatColumns(kind: i32, x: usize, step: usize, length: i32, cols: i32, y: usize): void {
  if (kind == Reduction.Sum) columnSums(x, step, length, cols, y, 1);
  else if (kind == Reduction.Mean) columnSums(x, step, length, cols, y, <f32>length);
  else if (kind == Reduction.Maximum) columnExtremes<MaximumF>(x, step, length, cols, y);
  else if (kind == Reduction.Minimum) columnExtremes<MinimumF>(x, step, length, cols, y);
  else {
    for (let c = 0; c < cols; ++c) {
      let product: f64 = 1;
      let p = x + (<usize>c << 2);
      for (let i = 0; i < length; ++i, p += step) product *= <f64>load<f32>(p);
      store<f32>(y + (<usize>c << 2), <f32>product);
    }
  }
}

function floatRow(kind: i32, x: usize, length: i32, y: usize): void {
  if (kind == Reduction.Sum) store<f32>(y, <f32>rowSum(x, length));
  else if (kind == Reduction.Mean) store<f32>(y, <f32>rowSum(x, length) / <f32>length);
  else if (kind == Reduction.Maximum) store<f32>(y, rowExtreme<MaximumF>(x, length));
  else if (kind == Reduction.Minimum) store<f32>(y, rowExtreme<MinimumF>(x, length));
  else floatColumns(kind, x, 4, length, 1, y);
}

function intColumns(kind: i32, x: usize, step: usize, length: i32, cols: i32, y: usize): void {
  for (let c = 0; c < cols; ++c) {
    let p = x + (<usize>c << 2);
    let r = kind == Reduction.Product ? 1
      : kind == Reduction.Maximum ? i32.MIN_VALUE : kind == Reduction.Minimum ? i32.MAX_VALUE : 0;
    for (let i = 0; i < length; ++i, p += step) {
      const v = load<i32>(p);
      if (kind == Reduction.Product) r *= v;
      else if (kind == Reduction.Maximum) r = max(r, v);
      else if (kind == Reduction.Minimum) r = min(r, v);
      else r += v;
    }
    store<i32>(y + (<usize>c << 2), r);
  }
}

function boolColumns(kind: i32, x: usize, step: usize, length: i32, cols: i32, y: usize): void {
  for (let c = 0; c < cols; ++c) {
    let p = x + <usize>c;
    let r: u8 = kind == Reduction.All ? 1 : 0;
    for (let i = 0; i < length; ++i, p += step) r = kind == Reduction.All ? r & load<u8>(p) : r | load<u8>(p);
    store<u8>(y + <usize>c, r);
  }
}

/** Arguments: reduction, element, outer, length, inner, X, Y. */
export function reduce(): void {
  const kind = arg(0), element = arg(1), outer = arg(2), length = arg(3), inner = arg(4), x = argP(5), y = argP(6);
  const size: usize = element == Element.Bool ? 1 : 4;
  if (inner == 1 && element == Element.Float32) {
    const perTile = length >= 1024 ? 1 : 1024 / (length + 1) + 1;
    for (let t = claim() * perTile; t < outer; t = claim() * perTile) {
      const end = minI(outer, t + perTile);
      for (let o = t; o < end; ++o) floatRow(kind, x + ((<usize>o * length) << 2), length, y + (<usize>o << 2));
    }
    return;
  }
  const pieces = (inner + COLUMNS - 1) / COLUMNS, tiles = outer * pieces, step = <usize>inner * size;
  for (let t = claim(); t < tiles; t = claim()) {
    const o = t / pieces, c = (t - o * pieces) * COLUMNS, cols = minI(COLUMNS, inner - c);
    const s = x + (<usize>o * length * inner + c) * size, d = y + (<usize>o * inner + c) * size;
    if (element == Element.Float32) floatColumns(kind, s, step, length, cols, d);
    else if (element == Element.Int32) intColumns(kind, s, step, length, cols, d);
    else boolColumns(kind, s, step, length, cols, d);
  }
}

/** Arguments: largest (1) or smallest (0), outer, length, X (float32), Y (int32): the first index of the extreme. */
export function argReduce(): void {
  const largest = arg(0) != 0, outer = arg(1), length = arg(2), x = argP(3), y = argP(4);
  for (let o = claim(); o < outer; o = claim()) {
    const p = x + ((<usize>o * length) << 2);
    let best = 0;
    let extreme = load<f32>(p);
    for (let i = 1; i < length; ++i) {
      const v = load<f32>(p + (<usize>i << 2));
      if (largest ? v > extreme : v < extreme) {
        extreme = v;
        best = i;
      }
    }
    store<i32>(y + (<usize>o << 2), best);
  }
}

@inline
function cumulateRow<T>(product: bool, exclusive: bool, reverse: bool, x: usize, y: usize, length: i32, step: usize): void {
  let total: T = product ? <T>1 : <T>0;
  for (let i = 0; i < length; ++i) {
    const at = <usize>(reverse ? length - 1 - i : i) * step;
    const v = load<T>(x + at);
    if (exclusive) store<T>(y + at, total);
    total = product ? total * v : total + v;
    if (!exclusive) store<T>(y + at, total);
  }
}

/** Arguments: product, exclusive, reverse, element, outer, length, inner, X, Y. Every partial result is rounded. */
export function cumulate(): void {
  const product = arg(0) != 0, exclusive = arg(1) != 0, reverse = arg(2) != 0, element = arg(3);
  const outer = arg(4), length = arg(5), inner = arg(6), step = <usize>inner << 2, tiles = outer * inner;
  for (let t = claim(); t < tiles; t = claim()) {
    const o = t / inner, skip = (<usize>o * length * inner + (t - o * inner)) << 2;
    if (element == Element.Float32) cumulateRow<f32>(product, exclusive, reverse, argP(7) + skip, argP(8) + skip, length, step);
    else cumulateRow<i32>(product, exclusive, reverse, argP(7) + skip, argP(8) + skip, length, step);
  }
}
