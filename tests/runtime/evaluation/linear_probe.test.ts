import { describe, expect, it } from 'vitest';
import { linearProbe } from '../../../src/runtime/evaluation/linear_probe.js';
import { completed } from '../../../src/runtime/evaluation/work.js';
import { formulaCodes, matrixOf } from './codes.js';

describe('linear_probe', () => {
  // scikit-learn's Ridge on standardised codes: expected.py.
  it.each([
    [0.001, 52],
    [1, 55],
  ])('classifies as ridge regression does, with ridge = %d', (ridge, right) => {
    const probe = { train: formulaCodes(120, 0), test: formulaCodes(60, 600), ridge };
    expect(completed(linearProbe(probe))).toBe(right / 60);
  });

  it('finds classes that a line divides, and not those of exclusive or', () => {
    const examples = matrixOf([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const accuracy = (labels: readonly number[]) => {
      const part = { examples, labels };
      return completed(linearProbe({ train: part, test: part, ridge: 0.001 }));
    };
    expect(accuracy([0, 1, 0, 1])).toBe(1);
    expect(accuracy([0, 1, 1, 0])).toBeLessThan(1);
  });

  it('does not depend on the scale of a unit, nor on one that is constant', () => {
    const rows = [-3, -2, -1, 1, 2, 3].map((x) => [x, 7, 1000 * x + 1e6]);
    const part = { examples: matrixOf(rows), labels: [0, 0, 0, 1, 1, 1] };
    expect(completed(linearProbe({ train: part, test: part, ridge: 0.001 }))).toBe(1);
  });

  it('gives the most frequent class where the code says nothing', () => {
    const train = { examples: matrixOf([[1], [1], [1], [1], [1]]), labels: [0, 2, 1, 2, 2] };
    const test = { examples: matrixOf([[1], [1], [1], [1]]), labels: [2, 2, 2, 0] };
    expect(completed(linearProbe({ train, test, ridge: 0.001 }))).toBe(0.75);
  });

  it('needs a label for each example', () => {
    const train = { examples: matrixOf([[1], [2]]), labels: [0] };
    expect(() => completed(linearProbe({ train, test: train, ridge: 0.001 }))).toThrow(RangeError);
  });
});
