// Matrix multiplication as a job: batch x row blocks x column blocks of tiles, then bias and activation on each tile.
import { arg, argF, argP, claim, minI } from './job';
import { gemmTile } from './gemm';
import { epilogue } from './epilogue';
import { costWithoutZeros, multiplyWithoutZeros, NO_GAIN, WIDTH as PANEL_WIDTH } from './zeros';

/** Whose zeros are left out. */
enum Sparse { Neither, A, B }

/** Which of the first matrices of the batch has so many zeros that leaving out products with them pays. All threads agree. */
function sparseOperand(m: i32, n: i32, k: i32): Sparse {
  const costOfA = costWithoutZeros(argP(4), m, k, argP(6), argP(7), n);
  const costOfB = costWithoutZeros(argP(8), n, k, argP(11), argP(10), m);
  if (costOfA <= costOfB && costOfA < NO_GAIN) return Sparse.A;
  return costOfB < NO_GAIN ? Sparse.B : Sparse.Neither;
}

/** One tile for each thread, in whole panels. */
function wideTile(length: i32, threads: i32): i32 {
  return ((length + threads - 1) / threads + PANEL_WIDTH - 1) / PANEL_WIDTH * PANEL_WIDTH;
}

/**
 * Arguments: batch, m, n, k; A, batch stride, row stride, k stride; B, batch stride, k stride, column stride; C;
 * bias (0: none), activation, alpha; rows and columns of a tile; prelu weights; number of threads. Strides in bytes. C is
 * dense.
 */
export function matmul(work: usize): void {
  const batch = arg(0), m = arg(1), n = arg(2), k = arg(3), threads = arg(19);
  const aBatch = argP(5), aRow = argP(6), aK = argP(7), bBatch = argP(9), bK = argP(10), bCol = argP(11);
  const bias = argP(13), activation = arg(14), alpha = argF(15), sparse = sparseOperand(m, n, k);
  let tileRows = arg(16), tileCols = arg(17);
  // The sparse matrix is listed anew for each tile across it.
  if (sparse == Sparse.A && tileCols < n) tileCols = wideTile(n, threads);
  if (sparse == Sparse.B && tileRows < m) tileRows = wideTile(m, threads);
  const rowTiles = (m + tileRows - 1) / tileRows, colTiles = (n + tileCols - 1) / tileCols;
  const tiles = batch * rowTiles * colTiles, ldc = <usize>n << 2;
  for (let t = claim(); t < tiles; t = claim()) {
    const z = t / (rowTiles * colTiles), r = t % (rowTiles * colTiles);
    const i = (r / colTiles) * tileRows, j = (r % colTiles) * tileCols;
    const rows = minI(tileRows, m - i), cols = minI(tileCols, n - j);
    const c = argP(12) + (<usize>z * m + i) * ldc + (<usize>j << 2);
    const a = argP(4) + <usize>z * aBatch + <usize>i * aRow, b = argP(8) + <usize>z * bBatch + <usize>j * bCol;
    if (sparse == Sparse.A) multiplyWithoutZeros(rows, cols, k, a, aRow, aK, b, bK, bCol, c, ldc, false, work);
    else if (sparse == Sparse.B) multiplyWithoutZeros(cols, rows, k, b, bCol, bK, a, aK, aRow, c, ldc, true, work);
    else gemmTile(rows, cols, k, a, aRow, aK, b, bK, bCol, c, ldc, false, work);
    if (bias != 0 || activation != 0) {
      epilogue(c, rows, cols, ldc, bias == 0 ? 0 : bias + (<usize>j << 2), activation, alpha, argP(18) + (<usize>j << 2));
    }
  }
}
