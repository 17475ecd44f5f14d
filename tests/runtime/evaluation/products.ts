import type { Products } from '../../../src/runtime/evaluation/leading-components.js';

/** Products as plain loops, of numbers in float64. */
export const plainProducts: Products = {
  forward({ values, rows, columns }, q, width) {
    const out = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < width; k++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += (values[row * columns + j] ?? 0) * (q[j * width + k] ?? 0);
        out[row * width + k] = sum;
      }
    }
    return out;
  },
  back({ values, rows, columns }, scores, width) {
    const out = new Float32Array(columns * width);
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < width; k++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += (values[row * columns + j] ?? 0) * (scores[row * width + k] ?? 0);
        out[j * width + k] = sum;
      }
    }
    return out;
  },
};
