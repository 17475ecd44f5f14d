import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawablePoints, nonFiniteSpans, thinnedByColumn } from '../../../src/runtime/figures/curve.js';

const places = fc
  .array(fc.record({ x: fc.double({ min: 0, max: 6, noNaN: true }), y: fc.double({ min: -9, max: 9, noNaN: true }) }))
  .map((run) => run.sort((a, b) => a.x - b.x));

test('a thinned curve has the first, highest, lowest and last point of every column of pixels, in their order', () => {
  fc.assert(
    fc.property(places, (run) => {
      const thinned = thinnedByColumn(run);
      expect(thinned).toEqual(run.filter((place) => thinned.includes(place)));
      for (const column of new Set(run.map(({ x }) => Math.floor(x)))) {
        const all = run.filter(({ x }) => Math.floor(x) === column);
        const kept = thinned.filter(({ x }) => Math.floor(x) === column);
        const heights = kept.map(({ y }) => y);
        expect(kept.length).toBeLessThanOrEqual(4);
        expect(kept[0]).toBe(all[0]);
        expect(kept.at(-1)).toBe(all.at(-1));
        expect(Math.max(...heights)).toBe(Math.max(...all.map(({ y }) => y)));
        expect(Math.min(...heights)).toBe(Math.min(...all.map(({ y }) => y)));
      }
    }),
  );
});

test('runs of values that are not finite span from their first to their last x', () => {
  const x = [1, 2, 3, 4, 5, 6];
  const y = [0, Number.NaN, Number.POSITIVE_INFINITY, 0, 0, Number.NaN];
  expect(nonFiniteSpans({ x, y })).toEqual([
    { low: 2, high: 3 },
    { low: 6, high: 6 },
  ]);
});

test('values beyond what can be drawn are infinite or zero', () => {
  const { y } = drawablePoints({ x: [], y: [1e301, -1e301, 1e-301, 0.1, Number.NaN] });
  expect(Array.from(y, Number.isFinite)).toEqual([false, false, true, true, false]);
  expect([y[2], y[3]]).toEqual([0, 0.1]);
});
