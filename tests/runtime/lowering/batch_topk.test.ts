import { tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { loneLayer } from './lone-layer.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

/** What comes out of two examples of three units, and the threshold afterwards. */
function pass(
  values: readonly number[],
  threshold: number,
  { training = true, frozen = false } = {},
): { readonly output: readonly number[]; readonly threshold: number } {
  return tidy(() => {
    const layer = loneLayer('batch_topk', { given: { k: 1, momentum: 0.25, frozen }, input: [3] });
    let after = threshold;
    const tensors = new Map([
      ['input', tensor([...values], [2, 3], 'float32')],
      ['threshold', tensor([threshold], [1], 'float32')],
    ]);
    const output = layer?.forward(tensors, {
      training,
      update: (_name, value) => {
        after = value.dataSync()[0] ?? Number.NaN;
      },
    });
    return { output: [...(output?.dataSync() ?? [])], threshold: after };
  });
}

it('keeps as many as there are examples, of equal ones the first, and follows the least of them', () => {
  expect(pass([1, 5, 3, 2, -4, 0], -1)).toEqual({ output: [0, 5, 3, 0, 0, 0], threshold: 3 });
  expect(pass([2, 5, 0, 2, 0, 2], 1)).toEqual({ output: [2, 5, 0, 0, 0, 0], threshold: 1.25 });
});

it('leaves the threshold where no unit is active', () => {
  expect(pass([-1, -5, 0, -2, -4, 0], 3)).toEqual({ output: [0, 0, 0, 0, 0, 0], threshold: 3 });
  expect(pass([-1, -5, 0, -2, -4, 0], -1).threshold).toBe(-1);
});

it('has what is above the threshold outside training, and while it is frozen', () => {
  const above = { output: [0, 5, 3, 0, 0, 0], threshold: 2 };
  expect(pass([1, 5, 3, 2, -4, 0], 2, { training: false })).toEqual(above);
  expect(pass([1, 5, 3, 2, -4, 0], 2, { frozen: true })).toEqual(above);
  expect(pass([1, 5, 3, 2, -4, 0], -1, { training: false }).output).toEqual([1, 5, 3, 2, 0, 0]);
});
