// Multiplication by a panel of B that contains tiny numbers. Computes their columns separately, with the same bits as a
// multiplication that doesn't look for them.
import { micro } from './micro';
import { isTiny, productWithTiny, tiny } from './tiny';

/** A sum of at least this, 2^-78, stays the same when a product with a tiny number is added … */
const LARGE_SUM: f32 = 3.308722450212111e-24;
/** … if the other factor is below this, 2^20: the product is less than a quarter of the sum's last bit. */
const SMALL_FACTOR: f32 = 1048576;

/**
 * Zeroes the columns of a panel of B ([kc][8]) that contain tiny numbers, after copying the whole panel to `apart`.
 * @returns a bit for each such column; if none is set, nothing was written
 */
export function takeOutTiny(panel: usize, kc: i32, apart: usize): i32 {
  let t0 = i32x4.splat(0), t1 = t0;
  const end = panel + (<usize>kc << 5);
  for (let p = panel; p < end; p += 32) {
    t0 = v128.or(t0, tiny(v128.load(p)));
    t1 = v128.or(t1, tiny(v128.load(p, 16)));
  }
  const columns = v128.bitmask<i32>(t0) | (v128.bitmask<i32>(t1) << 4);
  if (columns == 0) return 0;
  memory.copy(apart, panel, end - panel);
  t0 = i32x4.shr_s(t0, 31);
  t1 = i32x4.shr_s(t1, 31);
  for (let p = panel; p < end; p += 32) {
    v128.store(p, v128.andnot(v128.load(p), t0));
    v128.store(p, v128.andnot(v128.load(p, 16), t1), 16);
  }
  return columns;
}

/** sum + x * y for a tiny y. */
function addTiny(sum: v128, x: v128, y: f32): v128 {
  const lost = v128.and(
    f32x4.lt(f32x4.abs(x), f32x4.splat(SMALL_FACTOR)), f32x4.ge(f32x4.abs(sum), f32x4.splat(LARGE_SUM)),
  );
  if (!v128.any_true(v128.andnot(f32x4.ne(x, f32x4.splat(0)), lost))) return sum;
  let products = f32x4.splat(productWithTiny(f32x4.extract_lane(x, 0), y));
  products = f32x4.replace_lane(products, 1, productWithTiny(f32x4.extract_lane(x, 1), y));
  products = f32x4.replace_lane(products, 2, productWithTiny(f32x4.extract_lane(x, 2), y));
  products = f32x4.replace_lane(products, 3, productWithTiny(f32x4.extract_lane(x, 3), y));
  return f32x4.add(sum, products);
}

/** Four rows of a column of C: `sum` plus kc steps of packed A times the column of B at b. */
function column(kc: i32, a: usize, b: usize, sum: v128): v128 {
  for (; kc > 0; --kc, a += 16, b += 32) {
    const x = v128.load(a), y = load<f32>(b);
    sum = isTiny(y) ? addTiny(sum, x, y) : f32x4.add(sum, f32x4.mul(x, f32x4.splat(y)));
  }
  return sum;
}

/**
 * Like `micro`, for packed A and a panel some of whose columns `takeOutTiny` has zeroed. The tile has rows of 32 bytes;
 * the 128 bytes after it are scratch.
 */
export function carefulMicro(kc: i32, a: usize, b: usize, apart: usize, columns: i32, tile: usize, first: bool): void {
  const results = tile + 128;
  for (let j: usize = 0; j < 8; ++j) {
    if (((columns >> <i32>j) & 1) == 0) continue;
    const c = tile + (j << 2);
    let sum = f32x4.splat(0);
    if (!first) sum = f32x4(load<f32>(c), load<f32>(c, 32), load<f32>(c, 64), load<f32>(c, 96));
    v128.store(results + (j << 4), column(kc, a, apart + (j << 2), sum));
  }
  micro(kc, a, 16, b, 32, tile, 32, first);
  for (let j: usize = 0; j < 8; ++j) {
    if (((columns >> <i32>j) & 1) == 0) continue;
    const c = tile + (j << 2), from = results + (j << 4);
    store<f32>(c, load<f32>(from));
    store<f32>(c, load<f32>(from, 4), 32);
    store<f32>(c, load<f32>(from, 8), 64);
    store<f32>(c, load<f32>(from, 12), 96);
  }
}
