import type { Matrix } from './matrix.js';

/**
 * The squared error of each example, summed over its values in float64.
 * @param rebuilt of the shape of `original`
 * @throws RangeError for other shapes
 */
export function squaredErrors(original: Matrix, rebuilt: Matrix): Float64Array {
  const { rows, columns } = original;
  for (const { values, rows: r, columns: c } of [original, rebuilt]) {
    if (r !== rows || c !== columns || values.length !== rows * columns) {
      throw new RangeError(`${rows} examples of ${columns} values are compared with ${r} of ${c}`);
    }
  }
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const difference = (rebuilt.values[i] ?? 0) - (original.values[i] ?? 0);
      sum += difference * difference;
    }
    return sum;
  });
}
