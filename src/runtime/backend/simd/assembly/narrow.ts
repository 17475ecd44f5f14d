// Multiplication by a matrix with few columns, as in convolutions with few channels. A isn't packed: its elements are
// used too rarely for that to pay.
import { minI } from './job';
import { micro, microOfRows } from './micro';
import { packPanel8 } from './pack';
import { copyFew } from './rows';

/** Most columns and longest k for which the panel of B stays in the L1 cache. */
const MOST_COLUMNS: i32 = 16;
const LONGEST: i32 = 640;

/** Returns whether `multiplyByFewColumns` handles such a multiplication. */
export function takesFewColumns(n: i32, k: i32, aRow: usize, aK: usize): bool {
  return n <= MOST_COLUMNS && k > 0 && k <= LONGEST && (aRow == 4 || aK == 4);
}

/**
 * Computes the m x n block of C at `c` from A at `a` and B at `b`. Strides are in bytes, and one of A's is 4. With
 * `first` sums start at 0, otherwise at what C holds. The workspace holds a scratch tile, and a panel of B if its
 * columns aren't adjacent.
 */
export function multiplyByFewColumns(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aK: usize,
  b: usize, bK: usize, bCol: usize,
  c: usize, ldc: usize, first: bool, work: usize,
): void {
  const panel = work, scratch = work + (<usize>LONGEST << 5);
  for (let j = 0; j < n; j += 8) {
    const cols = minI(8, n - j);
    let from = b + <usize>j * bCol, step = bK;
    if (bCol != 4) {
      packPanel8(panel, from, cols, k, bCol, bK);
      from = panel;
      step = 32;
    }
    for (let i = 0; i < m; i += 4) {
      const rows = minI(4, m - i), q = c + <usize>i * ldc + (<usize>j << 2);
      const whole = rows == 4 && cols == 8;
      // Lanes beyond the border compute with whatever lies there; the results stay in the scratch tile.
      if (!whole && !first) for (let r = 0; r < rows; ++r) copyFew(scratch + (<usize>r << 5), q + <usize>r * ldc, cols);
      const tile = whole ? q : scratch, stride = whole ? ldc : 32;
      const a0 = a + <usize>i * aRow;
      if (aRow == 4) micro(k, a0, aK, from, step, tile, stride, first);
      else {
        const a1 = rows > 1 ? a0 + aRow : a0, a2 = rows > 2 ? a1 + aRow : a0, a3 = rows > 3 ? a2 + aRow : a0;
        microOfRows(k, a0, a1, a2, a3, from, step, tile, stride, first);
      }
      if (!whole) for (let r = 0; r < rows; ++r) copyFew(q + <usize>r * ldc, scratch + (<usize>r << 5), cols);
    }
  }
}
