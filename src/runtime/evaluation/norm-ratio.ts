import { type Matrix, requireMatrix } from './matrix.js';

/**
 * Compares how long reconstructions are with how long their examples are. The norms are added up first: a mean of quotients
 * would be that of the few examples that are almost 0.
 */
export class NormRatio {
  #original = 0;
  #rebuilt = 0;

  /** @throws RangeError for examples of different shapes */
  add(original: Matrix, rebuilt: Matrix): void {
    for (const matrix of [original, rebuilt]) requireMatrix('norms', matrix);
    const { rows, columns } = original;
    if (rebuilt.rows !== rows || rebuilt.columns !== columns) throw new RangeError('norms: the shapes differ');
    for (let row = 0; row < rows; row++) {
      let [own, made] = [0, 0];
      for (let i = row * columns; i < (row + 1) * columns; i++) {
        own += (original.values[i] ?? 0) ** 2;
        made += (rebuilt.values[i] ?? 0) ** 2;
      }
      this.#original += Math.sqrt(own);
      this.#rebuilt += Math.sqrt(made);
    }
  }

  /** `Σ‖x̂‖ / Σ‖x‖`. @throws RangeError for examples that are all 0 */
  get ratio(): number {
    if (this.#original === 0)
      throw new RangeError('all examples are 0, so their reconstructions have no relative norm');
    return this.#rebuilt / this.#original;
  }
}
