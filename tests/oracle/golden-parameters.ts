import type { StoredTensor, StoredTensors } from './stored-tensors.js';

/** The parameters of a case as they are between its stages, by stored name. */
export class GoldenParameters {
  readonly #init: StoredTensors;
  readonly #current: Map<string, StoredTensor>;

  constructor(init: StoredTensors) {
    this.#init = init;
    this.#current = new Map(init);
  }

  /** What a stage starts from: `init`, or what the stages before have left. */
  start(atInit: boolean): StoredTensors {
    return atInit ? this.#init : this.#current;
  }

  /** Takes what a stage has left. */
  leave(trained: ReadonlyMap<string, Float32Array>): void {
    for (const [name, elements] of trained) {
      const shape = this.#current.get(name)?.shape ?? [elements.length];
      this.#current.set(name, { shape, elements });
    }
  }

  get current(): StoredTensors {
    return this.#current;
  }
}
