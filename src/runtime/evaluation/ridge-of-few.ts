import { solvePositiveDefinite } from './cholesky.js';
import type { Matrix } from './matrix.js';
import { between, type Work } from './work.js';

/** Mean and inverse standard deviation for standardising examples; the factor of a constant column is 0. */
export interface Standards {
  /** `[columns]` */
  readonly mean: Float64Array;
  readonly inverseStd: Float64Array;
}

/** Columns whose standardised values are in memory together. */
const together = 512;

/** The rounding of a constant, as a share of the mean square. */
const constant = 1e-12;

/** Mean and 1 / standard deviation of each column, in two passes. */
export function standardsOf({ values, rows, columns }: Matrix): Standards {
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  for (let at = 0, row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++, at++) mean[j] = (mean[j] ?? 0) + (values[at] ?? 0) / rows;
  }
  for (let at = 0, row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++, at++) {
      const difference = (values[at] ?? 0) - (mean[j] ?? 0);
      variance[j] = (variance[j] ?? 0) + (difference * difference) / rows;
    }
  }
  const inverseStd = variance.map((value, j) => {
    const square = value + (mean[j] ?? 0) * (mean[j] ?? 0);
    return value > constant * square ? 1 / Math.sqrt(value) : 0;
  });
  return { mean, inverseStd };
}

/**
 * Coefficients of ridge regression on standardised examples that are fewer than their columns: with Z of n rows,
 * W = Zᵀ (Z Zᵀ / n + ridge)⁻¹ Y / n, which equals (Zᵀ Z / n + ridge)⁻¹ Zᵀ Y / n (the push-through identity). rows² ·
 * columns / 2 + rows³ / 6 multiplications, in float64.
 *
 * @param targets `[rows, width]`
 * @returns `[columns, width]`
 */
export function* ridgeOfFew(
  examples: Matrix,
  standards: Standards,
  targets: Float64Array,
  width: number,
  ridge: number,
): Work<Float64Array> {
  const { rows, columns } = examples;
  const products = new Float64Array(rows * rows);
  for (const { block, size, first } of standardisedBlocks(examples, standards)) {
    yield* between((0.8 * first) / columns, (0.8 * (first + size)) / columns, addProducts(products, block, rows, size));
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) products[i * rows + j] = (products[i * rows + j] ?? 0) / rows + (i === j ? ridge : 0);
  }
  const dual = yield* between(0.8, 0.95, solvePositiveDefinite(products, targets, rows, width));
  const coefficients = new Float64Array(columns * width);
  for (const { block, size, first } of standardisedBlocks(examples, standards)) {
    yield 0.95 + (0.05 * first) / columns;
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < size; j++) {
        const value = (block[row * size + j] ?? 0) / rows;
        const to = (first + j) * width;
        for (let c = 0; c < width; c++) {
          coefficients[to + c] = (coefficients[to + c] ?? 0) + value * (dual[row * width + c] ?? 0);
        }
      }
    }
  }
  return coefficients;
}

/** Standardised columns, `[rows, size]`, some after the other. */
function* standardisedBlocks({ values, rows, columns }: Matrix, { mean, inverseStd }: Standards) {
  for (let first = 0; first < columns; first += together) {
    const size = Math.min(together, columns - first);
    const block = new Float64Array(rows * size);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < size; j++) {
        const column = first + j;
        block[row * size + j] =
          ((values[row * columns + column] ?? 0) - (mean[column] ?? 0)) * (inverseStd[column] ?? 0);
      }
    }
    yield { block, size, first };
  }
}

/** Rows of a tile: two tiles stay in the cache. */
const tileRows = 32;

/** Adds the products of the rows with each other, the lower triangle alone. */
function* addProducts(sums: Float64Array, block: Float64Array, rows: number, size: number): Work<void> {
  for (let first = 0; first < rows; first += tileRows) {
    yield (first / rows) ** 2;
    for (let other = 0; other <= first; other += tileRows) {
      addTile(sums, block, { rows, size, first, other });
    }
  }
}

interface Tile {
  readonly rows: number;
  readonly size: number;
  readonly first: number;
  readonly other: number;
}

function addTile(sums: Float64Array, block: Float64Array, { rows, size, first, other }: Tile): void {
  for (let i = first; i < Math.min(rows, first + tileRows); i++) {
    for (let k = other; k <= Math.min(i, other + tileRows - 1); k++) {
      const at = i * rows + k;
      sums[at] = (sums[at] ?? 0) + dot(block, i * size, k * size, size);
    }
  }
}

/** Four sums at once, which is as many additions as a processor has on the way. */
function dot(values: Float64Array, a: number, b: number, size: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 3 < size; j += 4) {
    s0 += (values[a + j] ?? 0) * (values[b + j] ?? 0);
    s1 += (values[a + j + 1] ?? 0) * (values[b + j + 1] ?? 0);
    s2 += (values[a + j + 2] ?? 0) * (values[b + j + 2] ?? 0);
    s3 += (values[a + j + 3] ?? 0) * (values[b + j + 3] ?? 0);
  }
  for (; j < size; j++) s0 += (values[a + j] ?? 0) * (values[b + j] ?? 0);
  return s0 + s1 + (s2 + s3);
}
