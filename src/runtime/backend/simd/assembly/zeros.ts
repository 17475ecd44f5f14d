// Products with a factor of 0 left out of a multiplication, which is faster where one of the matrices has many zeros (the
// pixels of drawings, what relu gives, drawn units) and changes no bit: sums start at +0 and are never -0, so that adding
// 0 or -0 to them does nothing, as long as the other factor is finite.
import { evenBlock, minI, PANELS } from './job';
import { packWide, packPanels4, transpose4 } from './pack';
import { copyFew } from './rows';

/** The longest block of k. */
const KC: i32 = 256;
/** Elements of the sparse matrix that are listed at a time: its rows in a block of k. */
const LISTED: i32 = 32768;
/** The most rows that are listed at a time. */
const MOST_ROWS: i32 = 512;
/**
 * Columns of a panel of the other matrix: six vectors of sums. V8 loads all vectors of a step before it multiplies the
 * first, so that with eight some of the sums would live in memory.
 */
export const WIDTH: i32 = 24;
const WIDTH_BYTES: usize = 96;
/** From this cost on, in 512ths of the dense kernel's, there is nothing to gain. */
export const NO_GAIN: i32 = 358;

/** The workspace: packed rows, then lists of (offset in the panel, value), where they end, a panel, results. */
const LISTS: usize = <usize>LISTED << 2;
const ENDS: usize = LISTS + (<usize>LISTED << 3);
const PANEL: usize = ENDS + (<usize>MOST_ROWS << 2);
const RESULTS: usize = PANEL + <usize>KC * WIDTH_BYTES;

/** Places that are looked at to guess a matrix's share of zeros, and elements that lie side by side at each. */
const SPOTS: i32 = 32;
const SPOT: i32 = 16;
/** Fewer rows of spots than this say too little. */
const LEAST_ACROSS: i32 = 4;

/**
 * What multiplying a matrix of `rows` x k by one with `columns` columns costs without its zeros, in 512ths of what it costs
 * in the dense kernel, judged from a few places of it; strides in bytes.
 */
export function costWithoutZeros(p: usize, rows: i32, k: i32, rowBytes: usize, kBytes: usize, columns: i32): i32 {
  const along = kBytes == 4 ? k : rows, across = kBytes == 4 ? rows : k;
  if ((rowBytes != 4 && kBytes != 4) || along < SPOT || across < LEAST_ACROSS) return NO_GAIN;
  const step = kBytes == 4 ? rowBytes : kBytes, room = along - SPOT;
  let others = i32x4.splat(0);
  for (let s = 0; s < SPOTS; ++s) {
    // Spots one after the other lie far from each other, so that a pattern in the data is not taken for the whole.
    const place = p + <usize>((across * s) / SPOTS) * step + (<usize>((room * ((s * 13) % SPOTS)) / SPOTS) << 2);
    for (let e: usize = 0; e < <usize>SPOT << 2; e += 16) {
      others = i32x4.sub(others, f32x4.ne(v128.load(place + e), f32x4.splat(0)));
    }
  }
  const count = i32x4.extract_lane(others, 0) + i32x4.extract_lane(others, 1)
    + i32x4.extract_lane(others, 2) + i32x4.extract_lane(others, 3);
  return count * ((columns + WIDTH - 1) / WIDTH * WIDTH) / columns;
}

/** The elements of packed rows as lists of (offset in the panel, value), row after row, those that are 0 left out unless `all`. */
function list(work: usize, rows: i32, kc: i32, all: bool): void {
  let to = work + LISTS, ends = work + ENDS;
  for (let i = 0; i < rows; ++i) {
    let from = work + (<usize>(i >> 2) * (<usize>kc << 4)) + (<usize>(i & 3) << 2);
    const end = <usize>kc * WIDTH_BYTES;
    for (let offset: usize = 0; offset < end; offset += WIDTH_BYTES) {
      const value = load<f32>(from);
      store<u32>(to, <u32>offset);
      store<f32>(to, value, 4);
      to += value != 0 || all ? 8 : 0;
      from += 16;
    }
    store<u32>(ends, <u32>to);
    ends += 4;
  }
}

/** A row of a panel's results: C (or 0 when `first`) plus the products of the listed elements with the panel's rows. */
function row(item: usize, end: usize, panel: usize, c: usize, first: bool): void {
  let x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128;
  if (first) {
    x0 = x1 = x2 = x3 = x4 = x5 = f32x4.splat(0);
  } else {
    x0 = v128.load(c);
    x1 = v128.load(c, 16);
    x2 = v128.load(c, 32);
    x3 = v128.load(c, 48);
    x4 = v128.load(c, 64);
    x5 = v128.load(c, 80);
  }
  for (; item < end; item += 8) {
    const b = panel + load<u32>(item), s = v128.load_splat<f32>(item, 4);
    x0 = f32x4.add(x0, f32x4.mul(s, v128.load(b)));
    x1 = f32x4.add(x1, f32x4.mul(s, v128.load(b, 16)));
    x2 = f32x4.add(x2, f32x4.mul(s, v128.load(b, 32)));
    x3 = f32x4.add(x3, f32x4.mul(s, v128.load(b, 48)));
    x4 = f32x4.add(x4, f32x4.mul(s, v128.load(b, 64)));
    x5 = f32x4.add(x5, f32x4.mul(s, v128.load(b, 80)));
  }
  v128.store(c, x0);
  v128.store(c, x1, 16);
  v128.store(c, x2, 32);
  v128.store(c, x3, 48);
  v128.store(c, x4, 64);
  v128.store(c, x5, 80);
}

/** All listed rows with one panel. */
function rowsOf(work: usize, rows: i32, c: usize, ldc: usize, first: bool): void {
  let item = work + LISTS, ends = work + ENDS;
  const panel = work + PANEL;
  for (let i = 0; i < rows; ++i) {
    const end = <usize>load<u32>(ends);
    row(item, end, panel, c, first);
    item = end;
    ends += 4;
    c += ldc;
  }
}

/** `rows` x `cols` elements of a matrix to another place. */
function copyBlock(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; ++i, from += fromRow, to += toRow) copyFew(to, from, cols);
}

/** `rows` x `cols` elements of a matrix, transposed to another place. */
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
 * The m x n block of C at `c` from A at `a`, whose zeros are left out, and B at `b`; strides are in bytes. `mirrored`: C
 * lies there transposed.
 */
export function multiplyWithoutZeros(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aK: usize,
  b: usize, bK: usize, bCol: usize,
  c: usize, ldc: usize, mirrored: bool, work: usize,
): void {
  work += PANELS;
  const results = work + RESULTS;
  const step = evenBlock(k, KC), block = minI(MOST_ROWS, LISTED / step & ~3);
  for (let i0 = 0; i0 < m; i0 += block) {
    const rows = minI(block, m - i0);
    for (let k0 = 0; k0 < k; k0 += step) {
      const kc = minI(step, k - k0), first = k0 == 0;
      packPanels4(work, a + <usize>i0 * aRow + <usize>k0 * aK, rows, kc, aRow, aK);
      list(work, rows, kc, false);
      let all = false;
      for (let j = 0; j < n; j += WIDTH) {
        const cols = minI(WIDTH, n - j);
        const finite = packWide(work + PANEL, b + <usize>k0 * bK + <usize>j * bCol, cols, WIDTH, kc, bCol, bK);
        // 0 times infinity is not 0.
        if (!finite && !all) {
          list(work, rows, kc, true);
          all = true;
        }
        if (mirrored) {
          const q = c + <usize>j * ldc + (<usize>i0 << 2);
          if (!first) transposeBlock(q, ldc, results, WIDTH_BYTES, cols, rows);
          rowsOf(work, rows, results, WIDTH_BYTES, first);
          transposeBlock(results, WIDTH_BYTES, q, ldc, rows, cols);
        } else {
          const q = c + <usize>i0 * ldc + (<usize>j << 2);
          if (cols == WIDTH) rowsOf(work, rows, q, ldc, first);
          else {
            if (!first) copyBlock(q, ldc, results, WIDTH_BYTES, rows, cols);
            rowsOf(work, rows, results, WIDTH_BYTES, first);
            copyBlock(results, WIDTH_BYTES, q, ldc, rows, cols);
          }
        }
      }
    }
  }
}
