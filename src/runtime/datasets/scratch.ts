/** An array of a length, at first zeros, the same one until the length changes: a new one for each batch costs time. */
export class Scratch<T extends Uint8Array | Uint32Array | Float64Array> {
  readonly #make: (count: number) => T;
  #numbers: T;

  constructor(make: (count: number) => T) {
    this.#make = make;
    this.#numbers = make(0);
  }

  of(count: number): T {
    if (this.#numbers.length !== count) this.#numbers = this.#make(count);
    return this.#numbers;
  }
}
