import { type Scalar, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { knownWord } from '../../../src/compiler/library/library.js';
import { chooseBackend } from '../../../src/runtime/backend/choose.js';
import { operations } from '../../../src/runtime/lowering/operations.js';
import { gradientsOf } from '../../../src/runtime/training/gradients.js';
import { scoped } from '../../../src/runtime/training/scope.js';
import { builtinWords } from '../../../src/words/words.js';
import { argumentsOf, wordValue } from '../../compiler/library/word-value.js';
import { someLayer } from './lone-layer.js';
import { lossContextOf } from './lone-loss.js';

/** Two examples of three units. */
const activations = [1, -2, 0, 0.5, 3, -4];

function penalty(word: string, reduction: string): { readonly value: number; readonly gradient: readonly number[] } {
  const lowering = knownWord(builtinWords, 'loss', { word }).lower(operations);
  const args = argumentsOf(wordValue('loss', word, { reduction, on: someLayer }));
  return scoped(() => {
    const hidden = tensor(activations, [2, 3], 'float32');
    const value = (): Scalar => lowering.value(args, lossContextOf({ layer: () => hidden }));
    const [gradient = hidden] = gradientsOf(value, [hidden]);
    return { value: value().dataSync()[0] ?? Number.NaN, gradient: [...gradient.dataSync()] };
  });
}

/** What the sum over all elements is divided by. */
const divisors = { sum: 1, batchmean: 2, mean: 6 };

beforeAll(async () => {
  await chooseBackend('cpu');
});

/** A penalty on the activations, with the norms of a decoder of four outputs, and its weight of 2. */
function weighed(word: string, { controlled = false, by = true } = {}) {
  const lowering = knownWord(builtinWords, 'loss', { word }).lower(operations);
  const given = { on: someLayer, decoder: by ? someLayer : null, controller: controlled ? someLayer : null };
  const args = argumentsOf(wordValue('loss', word, given));
  return scoped(() => {
    const hidden = tensor(activations, [2, 3], 'float32');
    const columns = tensor(matrix, [4, 3], 'float32');
    const weight = (_layer: unknown, name: string) =>
      name === 'weight' ? columns : tensor([Math.log(2)], [1], 'float32');
    const value = (): Scalar => lowering.value(args, lossContextOf({ layer: () => hidden, weight }));
    const gradients = gradientsOf(value, [hidden, columns]);
    return { value: value().dataSync()[0] ?? Number.NaN, gradients: gradients.map((each) => [...each.dataSync()]) };
  });
}

/** The columns have the norms 3, 0 and 5. */
const matrix = [1, 0, 3, 2, 0, 0, 2, 0, 4, 0, 0, 0];

/** The value in float64, and its differences. */
function byHand(count: (value: number) => number) {
  const value = (h: readonly number[], w: readonly number[]) =>
    h.reduce((sum, each, i) => {
      const norm = Math.sqrt(w.reduce((squares, element, at) => squares + (at % 3 === i % 3 ? element ** 2 : 0), 0));
      return sum + count(Math.abs(each) * norm) / 2;
    }, 0);
  const slopes = (values: readonly number[], at: (moved: readonly number[]) => number) =>
    values.map((_, i) => {
      const moved = (by: number) => at(values.map((each, j) => (i === j ? each + by : each)));
      return (moved(1e-6) - moved(-1e-6)) / 2e-6;
    });
  return {
    value: value(activations, matrix),
    gradients: [slopes(activations, (h) => value(h, matrix)), slopes(matrix, (w) => value(activations, w))],
  };
}

describe.each([
  ['l1', (value: number) => value],
  ['tanh_penalty', (value: number) => Math.tanh(4 * value)],
] as const)('%s', (word, count) => {
  it('is weighed by the norms of the decoder’s columns, with a gradient to both', () => {
    const [found, wanted] = [weighed(word), byHand(count)];
    expect(found.value).toBeCloseTo(wanted.value, 5);
    for (const [i, gradient] of wanted.gradients.entries()) {
      for (const [at, slope] of gradient.entries()) {
        // A column of zeros, and a unit that is off, have a kink: no gradient there.
        const isKink = i === 0 ? activations[at] === 0 : at % 3 === 1;
        expect(found.gradients[i]?.[at]).toBeCloseTo(isKink ? 0 : slope, 4);
      }
    }
  });

  it('is multiplied by the weight of its controller', () => {
    expect(weighed(word, { controlled: true }).value).toBeCloseTo(2 * weighed(word).value, 4);
    expect(weighed(word, { controlled: true, by: false }).value).toBeCloseTo(2 * weighed(word, { by: false }).value, 4);
  });
});

it('tanh_penalty counts what is large as one unit', () => {
  const { value } = weighed('tanh_penalty', { by: false });
  expect(value).toBeCloseTo(activations.reduce((sum, h) => sum + Math.tanh(4 * Math.abs(h)), 0) / 2, 5);
});

describe.each(Object.entries(divisors))('with reduction=%s', (reduction, divisor) => {
  it('l1 is the sum of absolute values, 1 + 2 + 0 + ½ + 3 + 4, with the slope of each sign, 0 at 0', () => {
    const { value, gradient } = penalty('l1', reduction);
    expect(value).toBeCloseTo(10.5 / divisor, 6);
    const signs = [1, -1, 0, 1, 1, -1];
    for (const [i, sign] of signs.entries()) expect(gradient[i]).toBeCloseTo(sign / divisor, 6);
  });

  it('l2 is the sum of squares, 1 + 4 + 0 + ¼ + 9 + 16, with the slope 2h', () => {
    const { value, gradient } = penalty('l2', reduction);
    expect(value).toBeCloseTo(30.25 / divisor, 5);
    for (const [i, h] of activations.entries()) expect(gradient[i]).toBeCloseTo((2 * h) / divisor, 6);
  });
});
