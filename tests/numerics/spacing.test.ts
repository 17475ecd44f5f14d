import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linspace, logspace } from '../../src/numerics/spacing.js';

describe('spacing', () => {
  it('linspace has equal steps and exact ends', () => {
    expect(linspace(0.1, 0.5, 5)).toEqual([0.1, 0.2, 0.30000000000000004, 0.4, 0.5]);
    expect(linspace(2, 7, 1)).toEqual([2]);
    expect(linspace(2, 7, 2)).toEqual([2, 7]);
    expect(linspace(2, 7, 0)).toEqual([]);
  });

  it('logspace gives decades as one would write them', () => {
    expect(logspace(1e-6, 1, 7)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(logspace(1e-4, 1e-2, 5)).toEqual([1e-4, 0.00031622776601683794, 1e-3, 0.0031622776601683794, 1e-2]);
  });

  it('logspace has equal ratios', () => {
    const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 3, max: 20 }), (from, to, count) => {
        const points = logspace(from, to, count);
        expect(points[0]).toBe(from);
        expect(points[count - 1]).toBe(to);
        const ratio = (to / from) ** (1 / (count - 1));
        for (let i = 1; i < count; i++) {
          expect((points[i] ?? 0) / (points[i - 1] ?? 0) / ratio).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  it('logspace needs positive ends', () => {
    expect(() => logspace(0, 1, 3)).toThrow(RangeError);
    expect(() => logspace(1, -1, 3)).toThrow(RangeError);
  });
});
