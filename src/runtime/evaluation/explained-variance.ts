import { type Matrix, requireMatrix } from './matrix.js';

/** Adds up what part of the variance of examples their reconstructions explain. */
export class ExplainedVariance {
  #rows = 0;
  /** The first example: sums of differences from it lose less than those of the values. */
  #origin = new Float32Array();
  #sums = new Float64Array();
  #squares = 0;
  #error = 0;

  /** @throws RangeError for examples of different shapes */
  add(original: Matrix, rebuilt: Matrix): void {
    for (const matrix of [original, rebuilt]) requireMatrix('explained variance', matrix);
    const { rows, columns, values } = original;
    if (rebuilt.rows !== rows || rebuilt.columns !== columns)
      throw new RangeError('explained variance: the shapes differ');
    if (this.#rows === 0) {
      this.#origin = values.slice(0, columns);
      this.#sums = new Float64Array(columns);
    }
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const x = values[row * columns + column] ?? 0;
        const y = rebuilt.values[row * columns + column] ?? 0;
        const moved = x - (this.#origin[column] ?? 0);
        this.#sums[column] = (this.#sums[column] ?? 0) + moved;
        this.#squares += moved * moved;
        this.#error += (x - y) ** 2;
      }
    }
    this.#rows += rows;
  }

  /** 1 - Σ‖x - y‖² / Σ‖x - x̄‖². @throws RangeError for examples that are all alike */
  get fraction(): number {
    const variance = this.#squares - this.#sums.reduce((total, sum) => total + sum * sum, 0) / this.#rows;
    if (!(variance > 0)) throw new RangeError('the examples are all alike, so there is no variance to explain');
    return 1 - this.#error / variance;
  }
}
