// Matrix multiplication as a job: tiles over batch, rows and columns, with bias and activation applied to each.
import { arg, argF, argP, claim, isWide, minI } from './job';
import { gemmTile } from './gemm';
import { epilogue } from './epilogue';
import { costWithoutZeros, multiplyWithoutZeros, NO_GAIN, panelWidth } from './zeros';

/** The operand whose zeros are skipped. */
enum Sparse { Neither, A, B }

/**
 * Chooses an operand with enough zeros, in the batch's first matrix, for skipping them to pay. All threads choose the
 * same.
 */
function sparseOperand(m: i32, n: i32, k: i32): Sparse {
  const costOfA = costWithoutZeros(argP(4), m, k, argP(6), argP(7), n);
  const costOfB = costWithoutZeros(argP(8), n, k, argP(11), argP(10), m);
  if (costOfA <= costOfB && costOfA < NO_GAIN) return Sparse.A;
  return costOfB < NO_GAIN ? Sparse.B : Sparse.Neither;
}

/** Rows and columns of the micro-kernel's tile. */
const ROWS: i32 = 4;
const COLUMNS: i32 = 8;
/** Columns of a small tile: a cache line. */
const SMALL: i32 = 16;

/** Start of tile `t` when `length` is split into `tiles` with nearly equal numbers of units. */
@inline
function tileStart(t: i32, tiles: i32, length: i32, unit: i32): i32 {
  return minI(length, <i32>(<i64>((length + unit - 1) / unit) * t / tiles) * unit);
}

/**
 * Arguments: batch, m, n, k; A, batch stride, row stride, k stride; B, batch stride, k stride, column stride; C; bias
 * (0: none), activation, alpha; tiles down and across; prelu slopes; number of threads; columns beside these tiles,
 * which are cut into small ones. Strides are in bytes. C is dense.
 */
export function matmul(work: usize): void {
  const batch = arg(0), m = arg(1), n = arg(2), k = arg(3), threads = arg(19);
  const aBatch = argP(5), aRow = argP(6), aK = argP(7), bBatch = argP(9), bK = argP(10), bCol = argP(11);
  const bias = argP(13), activation = arg(14), alpha = argF(15), sparse = sparseOperand(m, n, k);
  let down = arg(16), across = arg(17), beside = arg(20), unitRows = ROWS, unitColumns = isWide() ? 2 * COLUMNS : COLUMNS;
  if (sparse != Sparse.Neither) {
    // A tile lists or packs its operands itself: use one tile per thread, and share the smaller matrix.
    const parts = minI(threads, down * across);
    down = m > n ? parts : 1;
    across = m > n ? 1 : parts;
    beside = 0;
    if (sparse == Sparse.A) unitColumns = panelWidth();
    else unitRows = panelWidth();
  }
  const wide = n - beside, inRow = across + (beside + SMALL - 1) / SMALL, tiles = batch * down * inRow, ldc = <usize>n << 2;
  // The row of tiles whose A is packed in the workspace, or -1.
  let packed = -1;
  for (let t = claim(); t < tiles; t = claim()) {
    const z = t / (down * inRow), r = t % (down * inRow), s = r % inRow;
    const i = tileStart(r / inRow, down, m, unitRows), rows = tileStart(r / inRow + 1, down, m, unitRows) - i;
    const j = s < across ? tileStart(s, across, wide, unitColumns) : wide + (s - across) * SMALL;
    const cols = (s < across ? tileStart(s + 1, across, wide, unitColumns) : minI(n, j + SMALL)) - j;
    if (rows == 0 || cols == 0) continue;
    const c = argP(12) + (<usize>z * m + i) * ldc + (<usize>j << 2);
    const a = argP(4) + <usize>z * aBatch + <usize>i * aRow, b = argP(8) + <usize>z * bBatch + <usize>j * bCol;
    if (sparse == Sparse.A) multiplyWithoutZeros(rows, cols, k, a, aRow, aK, b, bK, bCol, c, ldc, false, work);
    else if (sparse == Sparse.B) multiplyWithoutZeros(cols, rows, k, b, bCol, bK, a, aK, aRow, c, ldc, true, work);
    else {
      const held = t / inRow == packed;
      packed = gemmTile(rows, cols, k, a, aRow, aK, b, bK, bCol, c, ldc, false, work, held) ? t / inRow : -1;
    }
    if (bias != 0 || activation != 0) {
      epilogue(c, rows, cols, ldc, bias == 0 ? 0 : bias + (<usize>j << 2), activation, alpha, argP(18) + (<usize>j << 2));
    }
  }
}
