import { type Matrix, requireMatrix } from './matrix.js';

/** Averages how long reconstructions are, compared with their examples. */
export class NormRatio {
  #sum = 0;
  #counted = 0;

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
      if (own === 0) continue;
      this.#sum += Math.sqrt(made / own);
      this.#counted++;
    }
  }

  /** Mean over the examples that are not 0. @throws RangeError if all are */
  get mean(): number {
    if (this.#counted === 0) throw new RangeError('all examples are 0, so their reconstructions have no relative norm');
    return this.#sum / this.#counted;
  }
}
