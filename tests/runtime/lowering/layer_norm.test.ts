import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Shape } from '../../../src/compiler/ir/shape.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { toElements, toInside } from '../../../src/runtime/lowering/image-layout.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { loneLayer } from './lone-layer.js';

/** `[batch, …]` examples through layer_norm, all in the language's order. */
function normalized(
  examples: readonly (readonly number[])[],
  shape: Shape,
  { weight, bias, eps }: { weight: readonly number[]; bias: readonly number[]; eps: number },
  training = true,
): number[] {
  const layer = loneLayer('layer_norm', { given: { eps }, input: shape });
  if (!layer) throw new RangeError('layer_norm refuses its input');
  return scoped(() => {
    const parameter = (values: readonly number[]): Tensor => tensor([...values], [...shape], 'float32');
    const elements = tensor(examples.flat(), [examples.length, weight.length], 'float32');
    const input = toInside(elements, shape);
    const tensors = new Map([
      ['input', input],
      ['weight', parameter(weight)],
      ['bias', parameter(bias)],
    ]);
    return [...toElements(layer.forward(tensors, { training }), shape).dataSync()];
  });
}

const plain = (count: number) => ({
  weight: Array<number>(count).fill(1),
  bias: Array<number>(count).fill(0),
  eps: 1e-9,
});

function expectClose(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 5);
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

describe('layer_norm', () => {
  it('by hand: 1, 2, 3, 6 have the mean 3 and the biased variance 3½', () => {
    const deviation = Math.sqrt(3.5);
    const expected = [-2, -1, 0, 3].map((x) => x / deviation);
    expectClose(normalized([[1, 2, 3, 6]], [4], plain(4)), expected);
  });

  it('eps is added to the variance: with 12.5 the deviation is 4', () => {
    expectClose(normalized([[1, 2, 3, 6]], [4], { ...plain(4), eps: 12.5 }), [-0.5, -0.25, 0, 0.75]);
  });

  it('each example is by itself, and the same outside of training', () => {
    const both = normalized(
      [
        [1, 2, 3, 6],
        [10, 20, 30, 60],
      ],
      [4],
      plain(4),
    );
    expectClose(both.slice(4), both.slice(0, 4));
    expectClose(normalized([[1, 2, 3, 6]], [4], plain(4), false), both.slice(0, 4));
  });

  it('of an image: one mean over channels, rows and columns; weight and bias have its shape', () => {
    const shape = [2, 1, 2];
    const deviation = Math.sqrt(3.5);
    const weight = [1, 10, 100, 1000];
    const bias = [0, 1, 2, 3];
    const expected = [-2, -1, 0, 3].map((x, i) => ((weight[i] ?? 0) * x) / deviation + (bias[i] ?? 0));
    const values = normalized([[1, 2, 3, 6]], shape, { weight, bias, eps: 1e-9 });
    expect(values[3]).toBeCloseTo(expected[3] ?? 0, 2);
    expectClose(values.slice(0, 3), expected.slice(0, 3));
  });
});
