import { describe, expect, it } from 'vitest';
import { directionNumbers, mostSobolDimensions, sobolWord } from '../../../src/runtime/random/sobol.js';
import { scipy } from '../statistics/scipy.js';

describe("Sobol's sequence", () => {
  it('is that of SciPy in all its dimensions', () => {
    expect(scipy.sobol[0]).toHaveLength(mostSobolDimensions);
    for (let dimension = 0; dimension < mostSobolDimensions; dimension++) {
      const directions = directionNumbers(dimension);
      const points = scipy.sobol.map((_, index) => sobolWord(directions, index) / 2 ** 32);
      expect(points).toEqual(scipy.sobol.map((point) => point[dimension]));
    }
  });

  it('has no more dimensions than it has numbers for', () => {
    expect(() => directionNumbers(mostSobolDimensions)).toThrow(RangeError);
  });
});
