import { describe, expect, it } from 'vitest';
import { mostSobolDimensions } from '../../../src/runtime/random/sobol.js';
import { randomNumbers, sobolNumbers } from '../../../src/sweep/plan/unit-numbers.js';

describe("Sobol's sequence", () => {
  it('keeps one point in each of 2ᵏ equal intervals when it is shifted', () => {
    const numbers = sobolNumbers(3);
    for (let dimension = 0; dimension < mostSobolDimensions; dimension++) {
      const coordinate = numbers.of(`axis_${dimension}`, dimension);
      const cells = Array.from({ length: 64 }, (_, point) => Math.floor(coordinate(point) * 64));
      expect(new Set(cells).size).toBe(64);
    }
  });
});

describe('random numbers of an axis', () => {
  it('are uniform: mean 1/2, and a tenth of them in each tenth', () => {
    const coordinate = randomNumbers(1).of('rho', 0);
    const values = Array.from({ length: 20_000 }, (_, point) => coordinate(point));
    const counts = Array.from({ length: 10 }, (_, cell) => values.filter((v) => Math.floor(v * 10) === cell).length);
    // Ten standard deviations of a binomial count are far beyond chance.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(10 * Math.sqrt(20_000 * 0.09));
    expect(Math.abs(values.reduce((a, b) => a + b, 0) / 20_000 - 0.5)).toBeLessThan(0.02);
  });
});
