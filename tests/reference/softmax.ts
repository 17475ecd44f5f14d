import { exp } from '../../src/numerics/float32.js';
import { rowSum } from './reduction.js';

/** exp(x - max) / sum along the last axis of [rows, length]. */
export function softmax(x: Float32Array, rows: number, length: number): Float32Array {
  const y = new Float32Array(x.length);
  for (let r = 0; r < rows; ++r) {
    const row = x.subarray(r * length, (r + 1) * length);
    const top = Math.max(...row);
    row.forEach((value, i) => {
      y[r * length + i] = exp(Math.fround(value - top));
    });
    const total = Math.fround(rowSum(y, r * length, length));
    for (let i = r * length; i < (r + 1) * length; ++i) y[i] = (y[i] ?? 0) / total;
  }
  return y;
}
