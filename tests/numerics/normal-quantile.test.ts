import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/numerics/normal-quantile.js';

describe('normalQuantile', () => {
  // Tables of the normal distribution.
  it.each([
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.999, 3.090232306167813],
    [0.01, -2.3263478740408408],
    [1e-6, -4.753424308822899],
  ])('of %d', (p, x) => {
    expect(Math.abs(normalQuantile(p) - x)).toBeLessThanOrEqual(2e-9 * Math.abs(x));
  });

  it('is odd about one half', () => {
    for (let i = 1; i < 64; i++) expect(normalQuantile(i / 64)).toBe(-normalQuantile(1 - i / 64) || 0);
  });

  it.each([0, 1, -1, Number.NaN])('has none of %d', (p) => {
    expect(() => normalQuantile(p)).toThrow(RangeError);
  });
});
