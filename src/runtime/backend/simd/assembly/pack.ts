// Packs matrix panels, so that the micro-kernel reads both operands with unit stride, whatever their layout.
import { minI } from './job';
import { storeLanes } from './rows';

/** Transposes four rows of four floats, at s0 to s3, to `d`, `d + step`, … */
@inline
export function transpose4(s0: usize, s1: usize, s2: usize, s3: usize, d: usize, step: usize): void {
  const r0 = v128.load(s0), r1 = v128.load(s1), r2 = v128.load(s2), r3 = v128.load(s3);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(d, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
  v128.store(d + step, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
  v128.store(d + 2 * step, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
  v128.store(d + 3 * step, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
}

/** Packs four rows, dense along k, into columns of a panel with rows of `step` bytes. */
function packFourRows(d: usize, s: usize, kc: i32, rowBytes: usize, step: usize): void {
  let s0 = s, s1 = s + rowBytes, s2 = s1 + rowBytes, s3 = s2 + rowBytes;
  let k = 0;
  for (; k + 4 <= kc; k += 4) {
    transpose4(s0, s1, s2, s3, d, step);
    d += 4 * step;
    s0 += 16; s1 += 16; s2 += 16; s3 += 16;
  }
  for (; k < kc; ++k) {
    store<f32>(d, load<f32>(s0));
    store<f32>(d, load<f32>(s1), 4);
    store<f32>(d, load<f32>(s2), 8);
    store<f32>(d, load<f32>(s3), 12);
    d += step;
    s0 += 4; s1 += 4; s2 += 4; s3 += 4;
  }
}

/** Packs rows element by element into a panel with rows of `step` bytes; of the `width` columns, missing ones are 0. */
function packEdge(
  d: usize, s: usize, rows: i32, width: i32, kc: i32, rowBytes: usize, kBytes: usize, step: usize,
): void {
  for (let k = 0; k < kc; ++k) {
    let e = s;
    for (let r = 0; r < width; ++r) {
      store<f32>(d + (<usize>r << 2), r < rows ? load<f32>(e) : 0);
      e += rowBytes;
    }
    d += step;
    s += kBytes;
  }
}

/** Packs `rows` (at most 4) rows from `s` into a panel [kc][4]. Strides are in bytes. */
export function packPanel4(d: usize, s: usize, rows: i32, kc: i32, rowBytes: usize, kBytes: usize): void {
  if (rows == 4 && rowBytes == 4) {
    for (let k = 0; k < kc; ++k) {
      v128.store(d, v128.load(s));
      d += 16;
      s += kBytes;
    }
  } else if (rows == 4 && kBytes == 4) packFourRows(d, s, kc, rowBytes, 16);
  else packEdge(d, s, rows, 4, kc, rowBytes, kBytes, 16);
}

/** Packs `rows` (at most 8) rows from `s` into a panel [kc][8]. Strides are in bytes. */
export function packPanel8(d: usize, s: usize, rows: i32, kc: i32, rowBytes: usize, kBytes: usize): void {
  if (rows == 8 && rowBytes == 4) {
    for (let k = 0; k < kc; ++k) {
      v128.store(d, v128.load(s));
      v128.store(d, v128.load(s, 16), 16);
      d += 32;
      s += kBytes;
    }
  } else if (rows == 8 && kBytes == 4) {
    packFourRows(d, s, kc, rowBytes, 32);
    packFourRows(d + 16, s + 4 * rowBytes, kc, rowBytes, 32);
  } else packEdge(d, s, rows, 8, kc, rowBytes, kBytes, 32);
}

/** Returns whether the largest magnitudes, given as bits, are finite. */
@inline
function areFinite(largest: v128): bool {
  return !v128.any_true(i32x4.ge_s(largest, i32x4.splat(0x7f800000)));
}

@inline
function larger(largest: v128, x: v128): v128 {
  return i32x4.max_s(largest, v128.and(x, i32x4.splat(0x7fffffff)));
}

/**
 * Packs `rows` (at most `width`, a multiple of 4) rows from `s` into a panel [kc][width]; missing ones are 0. Strides
 * are in bytes. Returns false if an element is infinite or NaN.
 */
export function packWide(d: usize, s: usize, rows: i32, width: i32, kc: i32, rowBytes: usize, kBytes: usize): bool {
  const step = <usize>width << 2;
  let largest = i32x4.splat(0);
  if (rowBytes == 4) {
    const full = <usize>(rows & ~3) << 2, left = rows & 3;
    for (let k = 0, to = d; k < kc; ++k, to += step, s += kBytes) {
      for (let e: usize = 0; e < full; e += 16) {
        const x = v128.load(s + e);
        largest = larger(largest, x);
        v128.store(to + e, x);
      }
      for (let e = full; e < step; e += 16) v128.store(to + e, f32x4.splat(0));
      if (left > 0) {
        storeLanes(to + full, v128.load(s + full), left);
        largest = larger(largest, v128.load(to + full));
      }
    }
    return areFinite(largest);
  }
  let r = 0;
  if (kBytes == 4) {
    for (; r + 4 <= rows; r += 4) packFourRows(d + (<usize>r << 2), s + <usize>r * rowBytes, kc, rowBytes, step);
  }
  if (r < width) {
    packEdge(d + (<usize>r << 2), s + <usize>r * rowBytes, rows - r, width - r, kc, rowBytes, kBytes, step);
  }
  for (const end = d + <usize>kc * step; d < end; d += 16) largest = larger(largest, v128.load(d));
  return areFinite(largest);
}

/** Packs `m` rows into consecutive panels [kc][4]. */
export function packPanels4(d: usize, s: usize, m: i32, kc: i32, rowBytes: usize, kBytes: usize): void {
  const panelBytes = <usize>kc << 4;
  for (let i = 0; i < m; i += 4) {
    packPanel4(d, s, minI(4, m - i), kc, rowBytes, kBytes);
    d += panelBytes;
    s += rowBytes << 2;
  }
}
