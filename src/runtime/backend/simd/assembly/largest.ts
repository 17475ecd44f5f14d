// The largest elements of each row. Equal ones count in the order of their places; NaN is larger than any number.
//
// A heap holds the elements chosen so far with the smallest on top, so most elements cost one comparison.
import { arg, argP, claim } from './job';
import { Element } from '../operations';

/** What a NaN of either sign is ordered as. */
const NOT_A_NUMBER: i32 = i32.MAX_VALUE;

/** An integer that orders float32 numbers as their values do, with both zeros alike. */
@inline
function orderOf(x: f32): i32 {
  if (x != x) return NOT_A_NUMBER;
  // -0 + 0 is +0.
  const bits = reinterpret<i32>(x + 0);
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}

/** Whether the entry (order a, place i) leaves the chosen ones before (b, j). */
@inline
function isLess(a: i32, i: i32, b: i32, j: i32): bool {
  return a < b || (a == b && i > j);
}

/** Sinks the entry at `root` in a heap of `count` orders, and of their places where these are kept (not 0). */
function sink(orders: usize, places: usize, root: i32, count: i32): void {
  const order = load<i32>(orders + (<usize>root << 2));
  const place = places == 0 ? 0 : load<i32>(places + (<usize>root << 2));
  while (true) {
    let child = 2 * root + 1;
    if (child >= count) break;
    let least = load<i32>(orders + (<usize>child << 2));
    let at = places == 0 ? 0 : load<i32>(places + (<usize>child << 2));
    if (child + 1 < count) {
      const other = load<i32>(orders + (<usize>child << 2), 4);
      const otherAt = places == 0 ? 0 : load<i32>(places + (<usize>child << 2), 4);
      if (isLess(other, otherAt, least, at)) {
        ++child;
        least = other;
        at = otherAt;
      }
    }
    if (!isLess(least, at, order, place)) break;
    store<i32>(orders + (<usize>root << 2), least);
    if (places != 0) store<i32>(places + (<usize>root << 2), at);
    root = child;
  }
  store<i32>(orders + (<usize>root << 2), order);
  if (places != 0) store<i32>(places + (<usize>root << 2), place);
}

function heapify(orders: usize, places: usize, count: i32): void {
  for (let root = count / 2 - 1; root >= 0; --root) sink(orders, places, root, count);
}

/** Arguments: element (float32 or int32), rows, length, count, X, values [rows, count], places [rows, count]. */
export function topK(): void {
  const isFloat = arg(0) == Element.Float32, rows = arg(1), n = arg(2), count = arg(3);
  for (let r = claim(); r < rows; r = claim()) {
    const x = argP(4) + (<usize>r * n << 2), values = argP(5) + (<usize>r * count << 2), places = argP(6) + (<usize>r * count << 2);
    for (let i = 0; i < count; ++i) {
      const p = x + (<usize>i << 2);
      store<i32>(values + (<usize>i << 2), isFloat ? orderOf(load<f32>(p)) : load<i32>(p));
      store<i32>(places + (<usize>i << 2), i);
    }
    heapify(values, places, count);
    for (let i = count; i < n; ++i) {
      const p = x + (<usize>i << 2), order = isFloat ? orderOf(load<f32>(p)) : load<i32>(p);
      if (order <= load<i32>(values)) continue;
      store<i32>(values, order);
      store<i32>(places, i);
      sink(values, places, 0, count);
    }
    for (let left = count - 1; left > 0; --left) {
      const last = <usize>left << 2, order = load<i32>(values + last), place = load<i32>(places + last);
      store<i32>(values + last, load<i32>(values));
      store<i32>(places + last, load<i32>(places));
      store<i32>(values, order);
      store<i32>(places, place);
      sink(values, places, 0, left);
    }
    for (let i: usize = 0; i < <usize>count << 2; i += 4) store<i32>(values + i, load<i32>(x + (<usize>load<i32>(places + i) << 2)));
  }
}

/**
 * Arguments: rows, length, count, whether by magnitude, X, Y. Y is max(X, 0), or X by magnitude, at the `count` largest
 * elements of a row of that size, and at NaN; +0 elsewhere.
 */
export function keepLargest(): void {
  const rows = arg(0), n = arg(1), count = arg(2), byMagnitude = arg(3) != 0, full = n & ~3;
  const magnitudes = v128.splat<i32>(i32.MAX_VALUE);
  for (let r = claim(); r < rows; r = claim()) {
    const x = argP(4) + (<usize>r * n << 2), y = argP(5) + (<usize>r * n << 2);
    // Sizes are not negative, so their bits order them; the result's own memory holds the heap.
    for (let i = 0; i < count; ++i) store<i32>(y + (<usize>i << 2), sizeOf(load<f32>(x + (<usize>i << 2)), byMagnitude));
    heapify(y, 0, count);
    let i = count;
    while (i < n) {
      if ((i & 3) == 0 && i < full) {
        const v = v128.load(x + (<usize>i << 2));
        const top = v128.splat<f32>(load<f32>(y));
        const size = byMagnitude ? v128.and(v, magnitudes) : v;
        if (!v128.any_true(v128.not(f32x4.le(size, top)))) {
          i += 4;
          continue;
        }
      }
      const size = sizeOf(load<f32>(x + (<usize>i << 2)), byMagnitude);
      if (size > load<i32>(y)) {
        store<i32>(y, size);
        sink(y, 0, 0, count);
      }
      ++i;
    }
    const least = load<i32>(y);
    let ties = 0;
    for (let h = 0; h < count; ++h) if (load<i32>(y + (<usize>h << 2)) == least) ++ties;
    for (let p: usize = 0; p < <usize>n << 2; p += 4) {
      const value = load<f32>(x + p), size = sizeOf(value, byMagnitude);
      let kept = size > least || size == NOT_A_NUMBER;
      if (!kept && size == least && ties > 0) {
        kept = true;
        --ties;
      }
      store<f32>(y + p, kept ? (byMagnitude ? value : max<f32>(value, 0)) : 0);
    }
  }
}

/** Bits of max(x, 0), or of |x|. */
@inline
function sizeOf(x: f32, byMagnitude: bool): i32 {
  if (x != x) return NOT_A_NUMBER;
  const bits = reinterpret<i32>(x);
  return byMagnitude ? bits & i32.MAX_VALUE : bits < 0 ? 0 : bits;
}
