import { expect, test } from 'vitest';
import { decideAlone, decideTogether, type Standing } from '../../src/sweep/pruning.js';

const standings = (...costs: number[]): readonly Standing[] => costs.map((cost, trial) => ({ trial, cost }));

test('halving keeps the best third of nine, and one of two', () => {
  expect(decideTogether({ kind: 'halving', reduction: 3 }, standings(9, 1, 8, 2, 7, 3, 6, 4, 5))).toEqual({
    kept: [1, 3, 5],
    pruned: [0, 2, 4, 6, 7, 8],
  });
  expect(decideTogether({ kind: 'halving', reduction: 3 }, standings(2, 1)).kept).toEqual([1]);
});

test('ties go to the trial with the lower number, and a trial without a value comes last', () => {
  const infinite = Number.POSITIVE_INFINITY;
  expect(decideTogether({ kind: 'halving', reduction: 2 }, standings(infinite, 1, 1, 1)).kept).toEqual([1, 2]);
});

test('the median rule keeps what is no worse than the median', () => {
  expect(decideTogether({ kind: 'median' }, standings(4, 1, 3, 2, 5)).kept).toEqual([1, 2, 3]);
  expect(decideTogether({ kind: 'median' }, standings(1, 2, 3, 4)).kept).toEqual([0, 1]);
  expect(decideTogether({ kind: 'median' }, standings(7, 7, 7)).pruned).toEqual([]);
});

test('asha compares with those that are there: the first goes on, a worse one does not', () => {
  expect(decideAlone(3, [], { trial: 4, cost: 9 })).toBe(true);
  expect(decideAlone(3, standings(5), { trial: 4, cost: 9 })).toBe(false);
  expect(decideAlone(3, standings(5, 6, 7), { trial: 4, cost: 5.5 })).toBe(true);
});
