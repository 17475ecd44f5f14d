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
