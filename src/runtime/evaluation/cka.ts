import type { Products } from './leading-components.js';
import type { Matrix } from './matrix.js';

/** The products of the centred codes of all pairs of examples, `[examples, examples]`. */
export function centredGram({ values, rows, columns }: Matrix, products: Products): Float32Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) sums[i % columns] = (sums[i % columns] ?? 0) + (values[i] ?? 0);
  const centred = values.map((value, i) => value - (sums[i % columns] ?? 0) / rows);
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = centred[row * columns + column] ?? 0;
    }
  }
  return products.forward({ values: centred, rows, columns }, turned, rows);
}

/**
 * Linear centred kernel alignment of two codes of the same examples: `‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖)` (Kornblith et al. 2019),
 * from their Gram matrices. NaN for codes that don't vary.
 * @throws RangeError for different numbers of examples
 */
export function alignmentOf(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError('codes of different numbers of examples');
  let [across, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    across += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return across / Math.sqrt(ofA * ofB);
}
