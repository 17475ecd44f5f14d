/** An array of a length, at first zeros, the same one until the length changes: a new one for each batch costs time. */
export class Scratch {
  #numbers = new Uint32Array(0);

  of(count: number): Uint32Array {
    if (this.#numbers.length !== count) this.#numbers = new Uint32Array(count);
    return this.#numbers;
  }
}
