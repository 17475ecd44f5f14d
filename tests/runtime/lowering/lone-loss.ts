import type { LossLoweringContext } from '../../../src/runtime/lowering/lowering.js';

/** What a loss term is computed from, without a network; whatever isn't given throws. */
export function lossContextOf(given: Partial<LossLoweringContext>): LossLoweringContext {
  const missing = (what: string) => (): never => {
    throw new RangeError(`the loss looks at ${what}, which it wasn't given`);
  };
  return {
    get prediction() {
      return given.prediction ?? missing('the prediction')();
    },
    get target() {
      return given.target ?? missing('the target')();
    },
    get input() {
      return given.input ?? missing('the input')();
    },
    layer: given.layer ?? missing('a layer'),
    below: given.below ?? missing('the layer below'),
    argumentsOf: given.argumentsOf ?? missing('arguments'),
    biases: given.biases ?? missing('biases'),
    weight: given.weight ?? missing('a weight'),
  };
}
