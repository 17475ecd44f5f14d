import { keep, type Tensor, tensor, zerosLike } from '@tensorflow/tfjs-core';
import type { OptimizerSlots } from '../lowering/lowering.js';
import { mapValues } from '../lowering/map-values.js';
import { elementsOf, WeightValuesError } from './weight-store.js';

/** Values of an optimizer's slots: by weight, then by slot. */
export type SlotValues = Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;

/** An optimizer's slots for each weight. Owns its tensors. */
export class OptimizerState {
  readonly #slots = new Map<string, OptimizerSlots>();

  /** All slots at zero. */
  constructor(weights: ReadonlyMap<string, Tensor>, slots: readonly string[]) {
    for (const [key, weight] of weights) {
      this.#slots.set(key, Object.fromEntries(slots.map((slot) => [slot, keep(zerosLike(weight))])));
    }
  }

  /** @throws RangeError for a weight that isn't optimized */
  of(key: string): OptimizerSlots {
    const slots = this.#slots.get(key);
    if (!slots) throw new RangeError(`the optimizer keeps nothing for '${key}'`);
    return slots;
  }

  replace(key: string, slots: OptimizerSlots): void {
    const kept = new Set(Object.values(slots));
    for (const slot of Object.values(this.of(key))) {
      if (!kept.has(slot)) slot.dispose();
    }
    for (const slot of kept) keep(slot);
    this.#slots.set(key, slots);
  }

  values(): SlotValues {
    return mapValues(Object.fromEntries(this.#slots), (slots) => mapValues(slots, elementsOf));
  }

  /**
   * Restores saved values.
   * @throws WeightValuesError for weights or slots that it doesn't have
   */
  restore(values: SlotValues): void {
    for (const [key, slots] of Object.entries(values)) {
      const shapes = this.#slots.get(key);
      if (!shapes) throw new WeightValuesError(`the optimizer keeps nothing for '${key}'`);
      this.replace(
        key,
        Object.fromEntries(
          Object.entries(shapes).map(([slot, { shape, size }]) => {
            const elements = slots[slot];
            if (elements?.length !== size)
              throw new WeightValuesError(`the optimizer's ${slot} of '${key}' doesn't fit`);
            return [slot, tensor(elements.slice(), shape, 'float32')];
          }),
        ),
      );
    }
  }

  dispose(): void {
    for (const slots of this.#slots.values()) {
      for (const slot of Object.values(slots)) slot.dispose();
    }
    this.#slots.clear();
  }
}
