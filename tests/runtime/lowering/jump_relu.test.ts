import { mul, type Scalar, sum, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { operations } from '../../../src/runtime/lowering/operations.js';
import { gradientsOf } from '../../../src/runtime/training/gradients.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { l0 } from '../../../src/words/loss/l0.js';
import { loneLayer, someLayer } from './lone-layer.js';
import { lossContextOf } from './lone-loss.js';

// Thresholds of 1, 2 and 4, and windows of half a unit to either side: the second example's first and third input are
// within them, one above its threshold and one below; 2.5 is on the edge of one, and so outside.
const logs = [0, Math.LN2, 2 * Math.LN2];
const inputs = [3, 2.5, -1, 1.25, 1, 3.75];
const bandwidth = 1;

function gradients(compute: (input: Tensor, thresholds: Tensor) => Scalar) {
  return scoped(() => {
    const by = [tensor(inputs, [2, 3], 'float32'), tensor(logs, [3], 'float32')];
    const [input = tensor([]), thresholds = tensor([])] = by;
    const value = compute(input, thresholds).dataSync()[0] ?? Number.NaN;
    const [ofInput, ofThresholds] = gradientsOf(() => compute(input, thresholds), by).map((g) => [...g.dataSync()]);
    return { value, ofInput, ofThresholds };
  });
}

beforeAll(async () => {
  await chooseBackend('cpu');
});

it('gives the input above the threshold, and moves the threshold by what arrives within the window around it', () => {
  const upstream = [1, 2, 3, 4, 5, 6];
  const layer = loneLayer('jump_relu', { given: { bandwidth }, input: [3] });
  const weighted = (input: Tensor, thresholds: Tensor) => {
    const output =
      layer?.forward(
        new Map([
          ['input', input],
          ['log_threshold', thresholds],
        ]),
      ) ?? input;
    return sum<Scalar>(mul(output, tensor(upstream, [2, 3])));
  };
  const { value, ofInput, ofThresholds } = gradients(weighted);
  expect(value).toBeCloseTo(3 * 1 + 2.5 * 2 + 1.25 * 4, 5);
  expect(ofInput).toEqual([1, 2, 0, 4, 0, 0]);
  // -θ²/ε times 4 and 6: once for the jump of θ, and once since the logarithm is learned.
  expect(ofThresholds?.[0]).toBeCloseTo(-4, 5);
  expect(ofThresholds?.[1]).toBeCloseTo(0, 5);
  expect(ofThresholds?.[2]).toBeCloseTo(-16 * 6, 4);
});

it.each([
  [null, 1.5, 1],
  [3, (1.5 / 3 - 1) ** 2, (2 * (1.5 / 3 - 1)) / 3],
])('l0(target=%s) counts active units, and moves thresholds alone', (target, expected, slope) => {
  const term = (input: Tensor, thresholds: Tensor) =>
    l0.lower(operations).value(
      { on: someLayer, controller: null, target },
      lossContextOf({
        layer: () => input,
        below: (reference) => reference,
        argumentsOf: () => ({ bandwidth }),
        weight: () => thresholds,
      }),
    );
  const { value, ofInput, ofThresholds } = gradients(term);
  expect(value).toBeCloseTo(expected, 6);
  expect(ofInput).toEqual([0, 0, 0, 0, 0, 0]);
  // -1/ε for each input in the window, of two examples; θ for the logarithm.
  for (const [i, of] of [-0.5, 0, -2].entries()) expect(ofThresholds?.[i]).toBeCloseTo(of * slope, 6);
});
