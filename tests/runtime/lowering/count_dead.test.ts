import { tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { loneLayer } from './lone-layer.js';

beforeAll(async () => {
  await chooseBackend('cpu');
});

/** The counters after two examples of three units, and what comes out. */
function pass(values: readonly number[], { training = true, frozen = false } = {}) {
  return tidy(() => {
    const layer = loneLayer('count_dead', { given: { steps: 1, frozen }, input: [3] });
    let idle = [4, 5, 6];
    const tensors = new Map([
      ['input', tensor([...values], [2, 3], 'float32')],
      ['idle', tensor([...idle], [3], 'float32')],
    ]);
    const output = layer?.forward(tensors, {
      training,
      update: (_name, value) => {
        idle = [...value.dataSync()];
      },
    });
    return { output: [...(output?.dataSync() ?? [])], idle };
  });
}

it('counts the steps since any example of a batch had a unit, of whatever sign, and passes on what it is given', () => {
  const values = [0, 2, 0, 0, 0, -1];
  expect(pass(values)).toEqual({ output: values, idle: [5, 0, 0] });
});

it('counts nothing outside training, nor while it is frozen', () => {
  const values = [0, 2, 0, 0, 0, -1];
  expect(pass(values, { training: false })).toEqual({ output: values, idle: [4, 5, 6] });
  expect(pass(values, { frozen: true })).toEqual({ output: values, idle: [4, 5, 6] });
});
