// Multiplication that skips products with a factor of 0. It is faster if one of the matrices has many zeros (pixels of
// drawings, outputs of relu, sampled units), and changes no bit: sums start at +0 and are never -0, so adding 0 or -0
// to them does nothing, as long as the other factor is finite.
import { evenBlock, isWide, minI, PANELS } from './job';
import { ZEROS } from './micro';
import { packWide, transpose4 } from './pack';
import { copyFew } from './rows';

/** Most bytes of a panel of the other matrix, which stays in the L1 cache. */
const PANEL_BYTES: i32 = 25344;
/** Elements of the sparse matrix listed at a time: its rows in a block of k. */
const LISTED: i32 = 131072;
/** Most rows listed at a time. */
const MOST_ROWS: i32 = 1024;
/**
 * Columns of a panel of the other matrix: six vectors of sums. V8 loads all vectors of a step before it multiplies the
 * first, so with eight vectors some sums would live in memory.
 */
const WIDTH: i32 = 24;
/** Columns of a panel if vectors are processed in pairs. */
const WIDE_WIDTH: i32 = 48;

export function panelWidth(): i32 {
  return isWide() ? WIDE_WIDTH : WIDTH;
}

/** Cost, in 512ths of the dense kernel's, from which skipping zeros gains nothing. */
export const NO_GAIN: i32 = 358;

/** The workspace: a list of (value, offset in the panel) per row, the lists' ends, a panel, results. */
const ENDS: usize = <usize>LISTED << 3;
const PANEL: usize = ENDS + (<usize>MOST_ROWS << 2);
const RESULTS: usize = PANEL + <usize>PANEL_BYTES;

/** For each subset of four lanes, as bits, the swizzle that moves them to the front. */
// prettier-ignore
const TO_FRONT: usize = memory.data<u32>([
  /* none, 0 */ 0, 0, 0, 0, 0x03020100, 0, 0, 0,
  /* 1, 01 */ 0x07060504, 0, 0, 0, 0x03020100, 0x07060504, 0, 0,
  /* 2, 02 */ 0x0b0a0908, 0, 0, 0, 0x03020100, 0x0b0a0908, 0, 0,
  /* 12, 012 */ 0x07060504, 0x0b0a0908, 0, 0, 0x03020100, 0x07060504, 0x0b0a0908, 0,
  /* 3, 03 */ 0x0f0e0d0c, 0, 0, 0, 0x03020100, 0x0f0e0d0c, 0, 0,
  /* 13, 013 */ 0x07060504, 0x0f0e0d0c, 0, 0, 0x03020100, 0x07060504, 0x0f0e0d0c, 0,
  /* 23, 023 */ 0x0b0a0908, 0x0f0e0d0c, 0, 0, 0x03020100, 0x0b0a0908, 0x0f0e0d0c, 0,
  /* 123, 0123 */ 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
], 16);

/** Spots that are sampled to estimate a matrix's share of zeros, and adjacent elements in each. */
const SPOTS: i32 = 32;
const SPOT: i32 = 16;
/** With fewer rows than this, a sample says too little. */
const LEAST_ACROSS: i32 = 4;

/** length * s / SPOTS, for lengths of up to 31 bits. */
@inline
function part(length: i32, s: i32): usize {
  return <usize>(<i64>length * s / SPOTS);
}

/**
 * Estimated cost of multiplying a matrix of `rows` x k by one with `columns` columns while skipping the first one's
 * zeros, in 512ths of the dense kernel's cost, from a sample of its elements. Strides are in bytes.
 */
export function costWithoutZeros(p: usize, rows: i32, k: i32, rowBytes: usize, kBytes: usize, columns: i32): i32 {
  const along = kBytes == 4 ? k : rows, across = kBytes == 4 ? rows : k;
  if ((rowBytes != 4 && kBytes != 4) || along < SPOT || across < LEAST_ACROSS) return NO_GAIN;
  const step = kBytes == 4 ? rowBytes : kBytes, room = along - SPOT;
  let others = i32x4.splat(0);
  for (let s = 0; s < SPOTS; ++s) {
    // Consecutive spots lie far apart, so that a local pattern in the data isn't mistaken for the whole.
    const place = p + part(across, s) * step + (part(room, (s * 13) % SPOTS) << 2);
    for (let e: usize = 0; e < <usize>SPOT << 2; e += 16) {
      others = i32x4.sub(others, f32x4.ne(v128.load(place + e), f32x4.splat(0)));
    }
  }
  const count = i32x4.extract_lane(others, 0) + i32x4.extract_lane(others, 1)
    + i32x4.extract_lane(others, 2) + i32x4.extract_lane(others, 3);
  return count * ((columns + WIDTH - 1) / WIDTH * WIDTH) / columns;
}

/**
 * Writes those of four (value, offset) pairs whose value isn't 0 or that are in `kept`. Returns the address after them.
 * Always overwrites room for four pairs.
 */
@inline
function append(to: usize, offsets: v128, values: v128, kept: i32): usize {
  const lanes = v128.bitmask<i32>(f32x4.ne(values, f32x4.splat(0))) | kept, order = v128.load(TO_FRONT + (<usize>lanes << 4));
  const o = i8x16.swizzle(offsets, order), v = i8x16.swizzle(values, order);
  v128.store(to, v128.shuffle<i32>(v, o, 0, 4, 1, 5));
  v128.store(to, v128.shuffle<i32>(v, o, 2, 6, 3, 7), 16);
  return to + (<usize>popcnt<i32>(lanes) << 3);
}

/**
 * Writes the elements of a row from `k` on, one by one. `step`: bytes per row of the panel. Returns the address after
 * them.
 */
function appendRest(to: usize, row: usize, k: i32, kc: i32, kBytes: usize, all: bool, step: i32): usize {
  row += <usize>k * kBytes;
  for (; k < kc; ++k, row += kBytes) {
    const value = load<f32>(row);
    store<f32>(to, value);
    store<i32>(to, k * step, 4);
    to += value != 0 || all ? 8 : 0;
  }
  return to;
}

/** Lists four rows, the first at `to`. Either stride is 4. `step`: bytes per row of the panel. */
function listFourRows(
  to: usize, ends: usize, room: usize, a: usize, kc: i32, rowBytes: usize, kBytes: usize, all: bool, step: i32, scratch: usize,
): void {
  let t0 = to, t1 = t0 + room, t2 = t1 + room, t3 = t2 + room, k = 0;
  const a1 = a + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes, kept = all ? 15 : 0;
  let offsets = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(step));
  const next = i32x4.splat(4 * step);
  if (kBytes == 4) {
    for (; k + 4 <= kc; k += 4, offsets = i32x4.add(offsets, next)) {
      const at = <usize>k << 2;
      t0 = append(t0, offsets, v128.load(a + at), kept);
      t1 = append(t1, offsets, v128.load(a1 + at), kept);
      t2 = append(t2, offsets, v128.load(a2 + at), kept);
      t3 = append(t3, offsets, v128.load(a3 + at), kept);
    }
  } else {
    for (let s = a; k + 4 <= kc; k += 4, offsets = i32x4.add(offsets, next), s += 4 * kBytes) {
      transpose4(s, s + kBytes, s + 2 * kBytes, s + 3 * kBytes, scratch, 16);
      t0 = append(t0, offsets, v128.load(scratch), kept);
      t1 = append(t1, offsets, v128.load(scratch, 16), kept);
      t2 = append(t2, offsets, v128.load(scratch, 32), kept);
      t3 = append(t3, offsets, v128.load(scratch, 48), kept);
    }
  }
  store<u32>(ends, <u32>appendRest(t0, a, k, kc, kBytes, all, step));
  store<u32>(ends, <u32>appendRest(t1, a1, k, kc, kBytes, all, step), 4);
  store<u32>(ends, <u32>appendRest(t2, a2, k, kc, kBytes, all, step), 8);
  store<u32>(ends, <u32>appendRest(t3, a3, k, kc, kBytes, all, step), 12);
}

/**
 * Lists the elements of rows as (value, offset in the panel), without zeros unless `all`. `step`: bytes per row of the
 * panel.
 */
function list(
  work: usize, a: usize, rows: i32, kc: i32, rowBytes: usize, kBytes: usize, all: bool, step: i32,
): void {
  const room = <usize>kc << 3;
  let to = work, ends = work + ENDS, i = 0;
  for (; i + 4 <= rows; i += 4, to += 4 * room, ends += 16, a += 4 * rowBytes) {
    listFourRows(to, ends, room, a, kc, rowBytes, kBytes, all, step, work + RESULTS);
  }
  for (; i < rows; ++i, to += room, ends += 4, a += rowBytes) {
    store<u32>(ends, <u32>appendRest(to, a, 0, kc, kBytes, all, step));
  }
}

/**
 * Computes a row of a panel's results: C (or 0 if `first`) plus the products of the listed elements with the panel's
 * rows.
 */
function row(item: usize, end: usize, panel: usize, c: usize, first: bool): void {
  const from = first ? ZEROS : c;
  let x0 = v128.load(from), x1 = v128.load(from, 16);
  let x2 = v128.load(from, 32), x3 = v128.load(from, 48);
  let x4 = v128.load(from, 64), x5 = v128.load(from, 80);
  for (; item < end; item += 8) {
    const b = panel + load<u32>(item, 4), s = v128.load_splat<f32>(item);
    x0 = f32x4.add(x0, f32x4.mul(s, v128.load(b)));
    x1 = f32x4.add(x1, f32x4.mul(s, v128.load(b, 16)));
    x2 = f32x4.add(x2, f32x4.mul(s, v128.load(b, 32)));
    x3 = f32x4.add(x3, f32x4.mul(s, v128.load(b, 48)));
    x4 = f32x4.add(x4, f32x4.mul(s, v128.load(b, 64)));
    x5 = f32x4.add(x5, f32x4.mul(s, v128.load(b, 80)));
  }
  v128.store(c, x0); v128.store(c, x1, 16);
  v128.store(c, x2, 32); v128.store(c, x3, 48);
  v128.store(c, x4, 64); v128.store(c, x5, 80);
}

/** Like `row`, for a panel of `WIDE_WIDTH` columns. */
function wideRow(item: usize, end: usize, panel: usize, c: usize, first: bool): void {
  const from = first ? ZEROS : c;
  let x0 = v128.load(from), x1 = v128.load(from, 16);
  let x2 = v128.load(from, 32), x3 = v128.load(from, 48);
  let x4 = v128.load(from, 64), x5 = v128.load(from, 80);
  let x6 = v128.load(from, 96), x7 = v128.load(from, 112);
  let x8 = v128.load(from, 128), x9 = v128.load(from, 144);
  let x10 = v128.load(from, 160), x11 = v128.load(from, 176);
  for (; item < end; item += 8) {
    const b = panel + load<u32>(item, 4), s = v128.load_splat<f32>(item);
    x0 = f32x4.add(x0, f32x4.mul(s, v128.load(b)));
    x1 = f32x4.add(x1, f32x4.mul(s, v128.load(b, 16)));
    x2 = f32x4.add(x2, f32x4.mul(s, v128.load(b, 32)));
    x3 = f32x4.add(x3, f32x4.mul(s, v128.load(b, 48)));
    x4 = f32x4.add(x4, f32x4.mul(s, v128.load(b, 64)));
    x5 = f32x4.add(x5, f32x4.mul(s, v128.load(b, 80)));
    x6 = f32x4.add(x6, f32x4.mul(s, v128.load(b, 96)));
    x7 = f32x4.add(x7, f32x4.mul(s, v128.load(b, 112)));
    x8 = f32x4.add(x8, f32x4.mul(s, v128.load(b, 128)));
    x9 = f32x4.add(x9, f32x4.mul(s, v128.load(b, 144)));
    x10 = f32x4.add(x10, f32x4.mul(s, v128.load(b, 160)));
    x11 = f32x4.add(x11, f32x4.mul(s, v128.load(b, 176)));
  }
  v128.store(c, x0); v128.store(c, x1, 16);
  v128.store(c, x2, 32); v128.store(c, x3, 48);
  v128.store(c, x4, 64); v128.store(c, x5, 80);
  v128.store(c, x6, 96); v128.store(c, x7, 112);
  v128.store(c, x8, 128); v128.store(c, x9, 144);
  v128.store(c, x10, 160); v128.store(c, x11, 176);
}

/** Multiplies all listed rows by a panel of which `cols` columns are wanted. `room`: bytes per list. */
function rowsOf(work: usize, rows: i32, room: usize, c: usize, ldc: usize, first: bool, cols: i32): void {
  let list = work, ends = work + ENDS;
  const panel = work + PANEL;
  for (let i = 0; i < rows; ++i, list += room, ends += 4, c += ldc) {
    if (cols > WIDTH) wideRow(list, <usize>load<u32>(ends), panel, c, first);
    else row(list, <usize>load<u32>(ends), panel, c, first);
  }
}

/** Copies `rows` x `cols` elements of a matrix. */
function copyBlock(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; ++i, from += fromRow, to += toRow) copyFew(to, from, cols);
}

/** Copies `rows` x `cols` elements of a matrix, transposed. */
function transposeBlock(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, cols: i32): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const s = from + <usize>i * fromRow, d = to + (<usize>i << 2);
    let j = 0;
    for (; j + 4 <= cols; j += 4) {
      const q = s + (<usize>j << 2);
      transpose4(q, q + fromRow, q + 2 * fromRow, q + 3 * fromRow, d + <usize>j * toRow, toRow);
    }
    for (; j < cols; ++j) {
      for (let r = 0; r < 4; ++r) {
        store<f32>(d + <usize>j * toRow + (<usize>r << 2), load<f32>(s + <usize>r * fromRow + (<usize>j << 2)));
      }
    }
  }
  for (; i < rows; ++i) {
    for (let j = 0; j < cols; ++j) {
      store<f32>(to + <usize>j * toRow + (<usize>i << 2), load<f32>(from + <usize>i * fromRow + (<usize>j << 2)));
    }
  }
}

/**
 * Computes the m x n block of C at `c` from A at `a`, skipping its zeros, and B at `b`. Strides are in bytes. If
 * `mirrored`, C is stored transposed.
 */
export function multiplyWithoutZeros(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aK: usize,
  b: usize, bK: usize, bCol: usize,
  c: usize, ldc: usize, mirrored: bool, work: usize,
): void {
  work += PANELS;
  const results = work + RESULTS, width = panelWidth(), rowBytes = <usize>width << 2;
  const step = evenBlock(k, PANEL_BYTES / <i32>rowBytes), block = minI(MOST_ROWS, LISTED / step & ~3);
  for (let i0 = 0; i0 < m; i0 += block) {
    const rows = minI(block, m - i0);
    for (let k0 = 0; k0 < k; k0 += step) {
      const kc = minI(step, k - k0), first = k0 == 0;
      const place = a + <usize>i0 * aRow + <usize>k0 * aK, room = <usize>kc << 3;
      list(work, place, rows, kc, aRow, aK, false, <i32>rowBytes);
      let all = false;
      for (let j = 0; j < n; j += width) {
        const cols = minI(width, n - j);
        const finite = packWide(work + PANEL, b + <usize>k0 * bK + <usize>j * bCol, cols, width, kc, bCol, bK);
        // 0 times infinity is not 0.
        if (!finite && !all) {
          list(work, place, rows, kc, aRow, aK, true, <i32>rowBytes);
          all = true;
        }
        if (mirrored) {
          const q = c + <usize>j * ldc + (<usize>i0 << 2);
          if (!first) transposeBlock(q, ldc, results, rowBytes, cols, rows);
          rowsOf(work, rows, room, results, rowBytes, first, cols);
          transposeBlock(results, rowBytes, q, ldc, rows, cols);
        } else {
          const q = c + <usize>i0 * ldc + (<usize>j << 2);
          if (cols == width) rowsOf(work, rows, room, q, ldc, first, cols);
          else {
            if (!first) copyBlock(q, ldc, results, rowBytes, rows, cols);
            rowsOf(work, rows, room, results, rowBytes, first, cols);
            copyBlock(results, rowBytes, q, ldc, rows, cols);
          }
        }
      }
    }
  }
}
