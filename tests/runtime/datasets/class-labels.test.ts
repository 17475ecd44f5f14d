import { describe, expect, it } from 'vitest';
import {
  classLabels,
  countClasses,
  type LabelNumbers,
  labelNumbers,
  labelsAt,
  numberOf,
  placesOfClasses,
} from '../../../src/runtime/datasets/class-labels.js';
import { reasonOf } from './thrown.js';

const fileOf = (data: LabelNumbers, dims: readonly number[] = [data.length]) => ({ path: 'y', array: { dims, data } });

describe('the labels of a file', () => {
  it('are whole numbers of any type, in a row or a column', () => {
    for (const data of [
      Uint8Array.of(1, 0),
      Int32Array.of(-1, 1),
      Float32Array.of(2, 3),
      Float64Array.of(2 ** 40, 1),
    ]) {
      expect(labelNumbers(fileOf(data))).toBe(data);
      expect(labelNumbers(fileOf(data, [2, 1]))).toBe(data);
    }
  });

  it.each([
    ['wrong_type', fileOf(Float32Array.of(0, 0.5))],
    ['wrong_value', fileOf(Float64Array.of(0, 2 ** 53))],
    ['wrong_shape', fileOf(Int32Array.of(0, 1, 1, 0), [2, 2])],
  ])('%s', async (reason, file) => {
    expect(await reasonOf(() => labelNumbers(file))).toBe(reason);
  });
});

it('an example that there is not has no label, and a class that was not counted no number', () => {
  expect(labelsAt(Uint8Array.of(4, 7), Uint32Array.of(1, 0))).toEqual(Int32Array.of(7, 4));
  expect(() => labelsAt(Uint8Array.of(4, 7), Uint32Array.of(2))).toThrow('there is no example 2 of 2');
  expect(() => numberOf('cat', new Map([['dog', 0]]))).toThrow("the class 'cat' has no number");
});

describe('classes', () => {
  it('that count from 0 stay what they are, in both parts', () => {
    expect(classLabels(Int32Array.of(7, 0), Int32Array.of(300))).toEqual({
      train: Uint8Array.of(7, 0),
      test: Int32Array.of(300),
      names: null,
    });
    expect(countClasses(Int32Array.of(7, 0))).toBe(8);
  });

  it.each([
    ['-1 and 1', Int32Array.of(1, -1, 1), Int32Array.of(-1), [1, 0, 1], [0], ['-1', '1']],
    ['large ones', Int32Array.of(200_000_000, 5), Int32Array.of(5, 9), [2, 0], [0, 1], ['5', '9', '200000000']],
    [
      'large ones of the test part alone',
      Uint8Array.of(3, 4),
      Float64Array.of(2 ** 40),
      [0, 1],
      [2],
      ['3', '4', '1099511627776'],
    ],
    ['a negative zero', Float64Array.of(-0, 0, -5), null, [1, 1, 0], null, ['-5', '0']],
  ])('%s are numbered in their order', (_, train, test, first, second, names) => {
    expect(classLabels(train, test)).toEqual({
      train: Uint8Array.from(first),
      test: second && Uint8Array.from(second),
      names,
    });
  });

  it('are counted by what is there where they are numbered', () => {
    expect(countClasses(Int32Array.of(-1, 200_000_000, -1))).toBe(2);
  });

  it('lie from their first to their last example; of very many nothing is told', () => {
    expect(placesOfClasses(Int32Array.of(3, 1, 3, 1, 2), null, Uint32Array.of(0, 1, 2, 3, 4))).toEqual({
      names: ['1', '2', '3'],
      first: [1, 4, 0],
      last: [3, 4, 2],
    });
    expect(placesOfClasses(Int32Array.of(3, 1, 3, 1, 2), null, Uint32Array.of(4, 1, 0))?.first).toEqual([1, 0, 2]);
    expect(placesOfClasses(Uint8Array.of(1, 0), ['cat', 'dog'], Uint32Array.of(0, 1))?.names).toEqual(['cat', 'dog']);
    expect(
      placesOfClasses(
        Int32Array.from({ length: 70_000 }, (_, i) => i),
        null,
        Uint32Array.from({ length: 70_000 }, (_, i) => i),
      ),
    ).toBeUndefined();
  });
});
