import { add, matMul, type Scalar, sigmoid, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { operations } from '../../../src/runtime/lowering/operations.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { contractive } from '../../../src/words/loss/contractive.js';
import { numbers, someLayer } from './lone-layer.js';
import { lossContextOf } from './lone-loss.js';

const [batch, inputs, units] = [3, 4, 2];
const x = numbers(1, batch * inputs);
const weight = numbers(2, units * inputs, -2, 2);
const bias = numbers(3, units);

const logistic = (z: number) => 1 / (1 + Math.exp(-z));

/** Unit j of the layer for one example. */
function hidden(example: readonly number[], j: number): number {
  const row = weight.slice(j * inputs, (j + 1) * inputs);
  return logistic(row.reduce((sum, w, i) => sum + w * (example[i] ?? 0), bias[j] ?? 0));
}

/** The squared Frobenius norm of dh/dx, by central differences. */
function jacobianNorm(example: readonly number[]): number {
  const step = 1e-5;
  let total = 0;
  for (let j = 0; j < units; j++) {
    for (let i = 0; i < inputs; i++) {
      const moved = (by: number) => example.map((value, at) => (at === i ? value + by : value));
      total += ((hidden(moved(step), j) - hidden(moved(-step), j)) / (2 * step)) ** 2;
    }
  }
  return total;
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('contractive', () => {
  it('is the mean over the batch of the squared norm of the Jacobian', () => {
    const value = scoped(() => {
      const w = tensor([...weight], [units, inputs], 'float32');
      const activations = sigmoid(
        add(matMul(tensor([...x], [batch, inputs], 'float32'), w, false, true), tensor([...bias])),
      );
      const term: Scalar = contractive
        .lower(operations)
        .value({ lambda: 1, on: someLayer }, lossContextOf({ layer: () => activations, weight: () => w }));
      return term.dataSync()[0] ?? Number.NaN;
    });
    const examples = Array.from({ length: batch }, (_, n) => x.slice(n * inputs, (n + 1) * inputs));
    const expected = examples.reduce((sum, example) => sum + jacobianNorm(example), 0) / batch;
    expect(value).toBeCloseTo(expected, 6);
  });
});
