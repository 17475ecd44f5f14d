import { type Matrix, requireMatrix } from './matrix.js';

/** Adds up which units are active, which is to say not 0, for which examples. */
export class Sparsity {
  #rows = 0;
  #active = 0;
  #isAlive = new Uint8Array();

  add(codes: Matrix): void {
    requireMatrix('active units', codes);
    if (this.#rows === 0) this.#isAlive = new Uint8Array(codes.columns);
    for (const [i, value] of codes.values.entries()) {
      if (value === 0) continue;
      this.#active++;
      this.#isAlive[i % codes.columns] = 1;
    }
    this.#rows += codes.rows;
  }

  /** Active units of an example, on average. @throws RangeError before the first example */
  get l0(): number {
    if (this.#rows === 0) throw new RangeError('no examples have no mean');
    return this.#active / this.#rows;
  }

  /** Share of units that are active for no example. */
  get dead(): number {
    return this.#isAlive.filter((isAlive) => isAlive === 0).length / this.#isAlive.length;
  }
}
