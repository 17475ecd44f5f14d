import { keep, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { recordingBackend } from '../backend/repetition.js';
import { fusedOperations } from '../lowering/fused-operations.js';
import type { NetworkWeight } from '../lowering/network.js';
import type { WeightValues } from './initial-weights.js';

/** Values from a file or a checkpoint don't fit the network's weights. */
export class WeightValuesError extends RangeError {
  override readonly name = 'WeightValuesError';
  readonly hint = 'they are of another experiment, or were altered; take the file from a backup or from its source';
}

/** @throws WeightValuesError for a weight without values, or with too many or too few */
function valuesOf({ key, shape }: NetworkWeight, values: WeightValues): Tensor {
  const elements = values.get(key);
  if (!elements) throw new WeightValuesError(`the weight '${key}' has no values`);
  const wanted = shape.reduce((product, size) => product * size, 1);
  if (elements.length !== wanted) {
    throw new WeightValuesError(`the weight '${key}' has ${elements.length} values, and not ${wanted}`);
  }
  return tensor(elements.slice(), [...shape], 'float32');
}

/** A trial's weights on the backend. Owns its tensors: whoever replaces one hands over the new one. */
export class WeightStore {
  readonly #weights: readonly NetworkWeight[];
  readonly #tensors = new Map<string, Tensor>();

  /** @throws WeightValuesError for a weight without values, or with too many or too few */
  constructor(weights: readonly NetworkWeight[], values: WeightValues) {
    this.#weights = weights;
    for (const weight of weights) this.#tensors.set(weight.key, keep(valuesOf(weight, values)));
  }

  get tensors(): ReadonlyMap<string, Tensor> {
    return this.#tensors;
  }

  /** @throws RangeError for an unknown weight */
  get(key: string): Tensor {
    const weight = this.#tensors.get(key);
    if (!weight) throw new RangeError(`there is no weight '${key}'`);
    return weight;
  }

  replace(key: string, value: Tensor): void {
    const before = this.get(key);
    if (before !== value) before.dispose();
    this.#tensors.set(key, keep(value));
  }

  /** Assigns values to a weight, in place if the backend can. The given tensor stays the caller's. */
  assign(key: string, values: Tensor): void {
    const fused = fusedOperations();
    if (fused) fused.assign(this.get(key), values);
    else this.replace(key, values.clone());
  }

  /** Copies of all values, in structural order. */
  values(): WeightValues {
    return new Map(this.#weights.map(({ key }) => [key, elementsOf(this.get(key))]));
  }

  /**
   * Replaces the values of all weights.
   * @throws WeightValuesError like the constructor
   */
  restore(values: WeightValues): void {
    for (const weight of this.#weights) this.replace(weight.key, valuesOf(weight, values));
  }

  dispose(): void {
    for (const weight of this.#tensors.values()) weight.dispose();
    this.#tensors.clear();
  }
}

/** A copy of a tensor's elements, row by row. */
export function elementsOf(values: Tensor): Float32Array {
  const elements = values.dataSync();
  if (!(elements instanceof Float32Array)) return Float32Array.from(elements);
  // Backends without memory of their own return the tensor's own array.
  return recordingBackend() === null ? elements.slice() : elements;
}

/** The only number of a weight. @throws RangeError for one with several */
export function numberIn(weights: WeightStore, key: string): number {
  const [number, ...others] = elementsOf(weights.get(key));
  if (number === undefined || others.length > 0) throw new RangeError(`'${key}' is not one number`);
  return number;
}

/** The value of a scalar. */
export function scalarValue(value: Tensor): number {
  const backend = recordingBackend();
  if (backend && value.dtype === 'float32') return backend.numberOf(value);
  const [number = Number.NaN] = value.dataSync();
  return number;
}
