// C = op(A) op(B): every element is the sum, in ascending k, of the rounded products, starting from +0. A block of k
// adds to the C that the previous block stored, which keeps that order.
import { carefulMicro, takeOutTiny } from './careful';
import { evenBlock, isWide, maxI, minI, PANELS, TINY_WEIGHTS } from './job';
import { micro, microWide } from './micro';
import { multiplyByFewColumns, takesFewColumns } from './narrow';
import { packPanel8, packPanels4 } from './pack';
import { copyFew } from './rows';

/** Longest block of k: a panel of B (KC x 8 floats) stays in the L1 cache. */
const KC: i32 = 320;
/** Elements of A multiplied at a time, which stay in the L2 cache. */
const BLOCK: i32 = 40960;
/** Most elements of A that stay packed for the neighbouring tiles. */
const KEPT: i32 = 262144;
/** Bytes of a panel of B. */
const PANEL: usize = <usize>KC << 5;
/** Bytes of a scratch tile and of the columns of it that are computed separately. */
const SCRATCH: usize = 256;
/** Blocks of k shorter than this get as many rows as one of this length. */
const LEAST_BLOCK: i32 = 64;

/** The workspace: packed A, two panels of B, a scratch tile, and copies of panels that contain tiny numbers. */
const PACKED_B: usize = <usize>KEPT << 2;
const TILE: usize = PACKED_B + 2 * PANEL;
const APART: usize = TILE + SCRATCH;

/**
 * Computes a tile in scratch and copies `rows` x `cols` of it to C: one at the border of C, or with columns that are
 * computed separately. `columns`: those that `takeOutTiny` has zeroed in the panel at b; `apart` has the original
 * panel.
 */
function microEdge(
  kc: i32, a: usize, b: usize, c: usize, ldc: usize, first: bool, rows: i32, cols: i32, scratch: usize, columns: i32,
  apart: usize,
): void {
  if (!first) for (let r = 0; r < rows; ++r) copyFew(scratch + (<usize>r << 5), c + <usize>r * ldc, cols);
  if (columns != 0) carefulMicro(kc, a, b, apart, columns, scratch, first);
  else micro(kc, a, 16, b, 32, scratch, 32, first);
  for (let r = 0; r < rows; ++r) copyFew(c + <usize>r * ldc, scratch + (<usize>r << 5), cols);
}

/**
 * Computes the m x n block of C at `c` (rows `ldc` bytes apart) from A at `a` and B at `b`, whose strides are in bytes.
 * @param accumulate start from what C holds instead of 0
 * @param work the calling thread's own workspace
 * @param packed whether the workspace still holds this A
 * @returns whether the workspace now holds this A
 */
export function gemmTile(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aK: usize,
  b: usize, bK: usize, bCol: usize,
  c: usize, ldc: usize, accumulate: bool, work: usize, packed: bool,
): bool {
  work += PANELS;
  if (!packed && takesFewColumns(n, k, aRow, aK)) {
    multiplyByFewColumns(m, n, k, a, aRow, aK, b, bK, bCol, c, ldc, !accumulate, work);
    return false;
  }
  const panel = work + PACKED_B, scratch = work + TILE, apart = work + APART, watchful = load<i32>(TINY_WEIGHTS) != 0;
  const wide = isWide();
  const step = evenBlock(k, KC), most = BLOCK / maxI(step, LEAST_BLOCK) & ~3;
  const whole = (m + 3 & ~3) * k <= KEPT;
  for (let i0 = 0; i0 < m; i0 += most) {
    const mc = minI(most, m - i0);
    for (let k0 = 0; k0 < k; k0 += step) {
      const kc = minI(step, k - k0), first = k0 == 0 && !accumulate;
      const panelBytes = <usize>kc << 4;
      const rowsOfA = whole ? work + (<usize>(i0 * k + (mc + 3 & ~3) * k0) << 2) : work;
      if (!packed) packPanels4(rowsOfA, a + <usize>i0 * aRow + <usize>k0 * aK, mc, kc, aRow, aK);
      for (let j = 0, width = 8; j < n; j += width) {
        width = wide && n - j >= 16 ? 16 : 8;
        const cols = minI(8, n - j);
        let columns = 0;
        for (let h = 0, at: usize = 0; h < width; h += 8, at += PANEL) {
          packPanel8(panel + at, b + <usize>k0 * bK + <usize>(j + h) * bCol, cols, kc, bCol, bK);
          if (watchful) columns |= takeOutTiny(panel + at, kc, apart + at) << h;
        }
        let p = rowsOfA, q = c + <usize>i0 * ldc + (<usize>j << 2);
        for (let i = 0; i < mc; i += 4, p += panelBytes, q += ldc << 2) {
          const rows = minI(4, mc - i);
          if (rows == 4 && cols == 8 && columns == 0) {
            if (width == 16) microWide(kc, p, panel, panel + PANEL, q, ldc, first);
            else micro(kc, p, 16, panel, 32, q, ldc, first);
          } else {
            microEdge(kc, p, panel, q, ldc, first, rows, cols, scratch, columns & 255, apart);
            if (width == 16) microEdge(kc, p, panel + PANEL, q + 32, ldc, first, rows, 8, scratch, columns >> 8, apart + PANEL);
          }
        }
      }
    }
  }
  if (k == 0 && !accumulate) for (let i = 0; i < m; ++i) memory.fill(c + <usize>i * ldc, 0, <usize>n << 2);
  return whole;
}
