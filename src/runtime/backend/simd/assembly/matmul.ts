// Matrix multiplication as a job: batch x row blocks x column blocks of tiles, then bias and activation on each tile.
import { arg, argF, argP, claim, minI } from './job';
import { gemmTile } from './gemm';
import { epilogue } from './epilogue';
import { costWithoutZeros, multiplyWithoutZeros, NO_GAIN } from './zeros';

/** A tile of C, without the products with the zeros of A or B where there are many. */
function tile(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, aK: usize, b: usize, bK: usize, bCol: usize, c: usize, ldc: usize, work: usize,
): void {
  const costOfA = costWithoutZeros(a, m, k, aRow, aK, n), costOfB = costWithoutZeros(b, n, k, bCol, bK, m);
  if (costOfA <= costOfB && costOfA < NO_GAIN) {
    multiplyWithoutZeros(m, n, k, a, aRow, aK, b, bK, bCol, c, ldc, false, work);
  } else if (costOfB < NO_GAIN) {
    multiplyWithoutZeros(n, m, k, b, bCol, bK, a, aK, aRow, c, ldc, true, work);
  } else gemmTile(m, n, k, a, aRow, aK, b, bK, bCol, c, ldc, false, work);
}

/**
 * Arguments: batch, m, n, k; A, batch stride, row stride, k stride; B, batch stride, k stride, column stride; C;
 * bias (0: none), activation, alpha; rows and columns of a tile; prelu weights. Strides in bytes. C is dense.
 */
export function matmul(work: usize): void {
  const batch = arg(0), m = arg(1), n = arg(2), k = arg(3);
  const aBatch = argP(5), aRow = argP(6), aK = argP(7), bBatch = argP(9), bK = argP(10), bCol = argP(11);
  const bias = argP(13), activation = arg(14), alpha = argF(15), tileRows = arg(16), tileCols = arg(17);
  const rowTiles = (m + tileRows - 1) / tileRows, colTiles = (n + tileCols - 1) / tileCols;
  const tiles = batch * rowTiles * colTiles, ldc = <usize>n << 2;
  for (let t = claim(); t < tiles; t = claim()) {
    const z = t / (rowTiles * colTiles), r = t % (rowTiles * colTiles);
    const i = (r / colTiles) * tileRows, j = (r % colTiles) * tileCols;
    const rows = minI(tileRows, m - i), cols = minI(tileCols, n - j);
    const c = argP(12) + (<usize>z * m + i) * ldc + (<usize>j << 2);
    const a = argP(4) + <usize>z * aBatch + <usize>i * aRow, b = argP(8) + <usize>z * bBatch + <usize>j * bCol;
    tile(rows, cols, k, a, aRow, aK, b, bK, bCol, c, ldc, work);
    if (bias != 0 || activation != 0) {
      epilogue(c, rows, cols, ldc, bias == 0 ? 0 : bias + (<usize>j << 2), activation, alpha, argP(18) + (<usize>j << 2));
    }
  }
}
