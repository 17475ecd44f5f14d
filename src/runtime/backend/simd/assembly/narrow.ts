// Multiplication by a matrix of few columns, as convolutions with few channels are: A is read where it lies, because each
// of its numbers is used too seldom for packing to pay.
import { minI } from './job';
import { micro, microOfRows } from './micro';
import { packPanel8 } from './pack';
import { copyFew } from './rows';

/** The most columns, and the longest k, whose panel of B stays in the first-level cache. */
const MOST_COLUMNS: i32 = 16;
const LONGEST: i32 = 640;

/** Returns whether `multiplyByFewColumns` takes a multiplication. */
export function takesFewColumns(n: i32, k: i32, aRow: usize, aK: usize): bool {
  return n <= MOST_COLUMNS && k > 0 && k <= LONGEST && (aRow == 4 || aK == 4);
}

/**
 * The m x n block of C at `c` from A at `a` and B at `b`; strides are in bytes, either stride of A is 4. `first`: from 0, not
 * from what C holds. The workspace holds a panel of B, where B's columns are not side by side, and a scratch tile.
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
      // Beyond the border are numbers of whatever lies there; what they give is left in the scratch tile.
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
