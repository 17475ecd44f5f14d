import type { Labelled } from '../../../src/runtime/evaluation/labelled.js';
import type { Matrix } from '../../../src/runtime/evaluation/matrix.js';

/** A matrix of the rows. */
export function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { values: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]?.length ?? 0 };
}

/**
 * Codes of four values with four classes, by a formula that the script of the expected values has too:
 * `((i² (c + 3) + 7 i (c + 1)) mod 997) / 100`, the second column `/ 250`, with i from `first`; class
 * `[x₀ > 4] + 2 [x₁ + 0.3 x₂ > 3.5]`.
 */
export function formulaCodes(count: number, first: number): Labelled {
  const rows = Array.from({ length: count }, (_, n) => {
    const i = first + n;
    return [0, 1, 2, 3].map((c) => Math.fround(((i * i * (c + 3) + i * 7 * (c + 1)) % 997) / (c === 1 ? 250 : 100)));
  });
  const labels = rows.map(([x0 = 0, x1 = 0, x2 = 0]) => (x0 > 4 ? 1 : 0) + (x1 + 0.3 * x2 > 3.5 ? 2 : 0));
  return { examples: matrixOf(rows), labels };
}

/** Twenty waves of falling amplitude and a little that no wave explains, by a formula that the script has too. */
export function waves(rows: number, columns: number, first: number): Matrix {
  const values = new Float32Array(rows * columns);
  for (let n = 0; n < rows; n++) {
    const i = first + n;
    for (let j = 0; j < columns; j++) {
      let value = 0.5;
      for (let k = 0; k < 20; k++) {
        const amplitude = ((i * (2 * k + 3) * 37 + k * k) % 101) / 101 - 0.5;
        value += 0.8 ** k * amplitude * (((j * (k + 1)) % 64) / 32 - 1);
      }
      values[n * columns + j] = value + (((i * i * 13 + j * 29 + i * j * 7) % 97) / 97 - 0.5) * 0.05;
    }
  }
  return { values, rows, columns };
}
