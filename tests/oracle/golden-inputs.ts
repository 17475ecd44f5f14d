import { reshape, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../src/compiler/ir/shape.js';
import { toInside } from '../../src/runtime/lowering/image-layout.js';
import type { Noise } from '../../src/runtime/lowering/lowering.js';
import { conditionOf } from '../../src/runtime/training/examples.js';
import { GoldenFormatError } from './fields.js';
import type { GoldenInput, PlacedLayer } from './golden-case.js';
import { type StoredTensor, type StoredTensors, storedTensor } from './stored-tensors.js';

/** One step's part of a tensor `[steps, batch, …]`, in the layout of the network's layers. */
function atStep({ shape, elements }: StoredTensor, step: number, change: (x: number) => number): Tensor {
  const [steps = 0, batch = 0, ...example] = shape;
  if (step >= steps) throw new GoldenFormatError(`a stored input has ${steps} steps, and step ${step} is needed`);
  const size = elements.length / steps;
  const chunk = Float32Array.from(elements.subarray(step * size, (step + 1) * size), change);
  return toInside(tensor(chunk, [batch, size / batch], 'float32'), example);
}

/** A stored batch as the network sees it: `(x / divide_by - mean) / std`. */
export function goldenBatch(
  inputs: StoredTensors,
  name: string,
  step: number,
  input: Omit<GoldenInput, 'shape'>,
): Tensor {
  const { divideBy, mean, std } = input;
  return atStep(storedTensor(inputs, name), step, (x) => (x / divideBy - mean) / std);
}

/** Examples that are not divided into steps: `[examples, …]`. */
export function goldenExamples(inputs: StoredTensors, name: string, input: GoldenInput): Tensor {
  const { shape, elements } = storedTensor(inputs, name);
  return goldenBatch(new Map([[name, { shape: [1, ...shape], elements }]]), name, 0, input);
}

/** The stored random numbers of a step, for the layers that name them. */
export function goldenNoise(
  inputs: StoredTensors,
  layers: readonly PlacedLayer[],
  prefix: string,
  step: number,
): (address: string) => Noise {
  const names = new Map(layers.map(({ name, layer }) => [name, layer.noise]));
  return (address) => {
    const stored = (_purpose: string, shape: Shape): Tensor => {
      const numbers = atStep(storedTensor(inputs, `${prefix}${names.get(address)}`), step, (x) => x);
      return reshape(numbers, [...shape]);
    };
    return { uniform: stored, normal: stored };
  };
}

/** The classes of a step's batch, one-hot; null for a case without a condition. */
export function goldenCondition(
  inputs: StoredTensors,
  layers: readonly PlacedLayer[],
  prefix: string,
  step: number,
): Tensor | null {
  const condition = layers.find(({ layer }) => layer.condition !== null)?.layer.condition;
  if (!condition) return null;
  const { shape, elements } = storedTensor(inputs, `${prefix}${condition.labels}`);
  const [, batch = 0] = shape;
  const classes = Int32Array.from(elements.subarray(step * batch, (step + 1) * batch));
  return conditionOf({ classes, columns: null }, { classes: condition.classes, columns: 0 }, batch);
}

/** One draw of a chain, `[batch, units]`, out of `[steps, k, batch, units]`. */
export function storedDraw(inputs: StoredTensors, name: string, step: number, iteration: number): Tensor {
  const { shape, elements } = storedTensor(inputs, name);
  const [steps = 0, k = 0, batch = 0, units = 0] = shape;
  if (step >= steps || iteration >= k) throw new GoldenFormatError(`'${name}' has ${steps} steps of ${k} draws`);
  const from = (step * k + iteration) * batch * units;
  return tensor(Float32Array.from(elements.subarray(from, from + batch * units)), [batch, units], 'float32');
}
