import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appended, emptySeries, type Series, thinned } from '../../../src/cli/dashboard/state/series.js';

const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }), {
  minLength: 1,
  maxLength: 400,
});

function extremes(series: Series) {
  const finite = (part: Float32Array) => [...part].filter((value) => !Number.isNaN(value));
  return { least: Math.min(...finite(series.least)), greatest: Math.max(...finite(series.greatest)) };
}

describe('a series in buckets', () => {
  it('keeps the least and the greatest value whatever its length and however it came in', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 20 }), (chunks) => {
        let [series, step] = [emptySeries(0), 0];
        for (const chunk of chunks) {
          series = appended(series, step, Float32Array.from(chunk));
          step += chunk.length;
        }
        const all = chunks.flat().map(Math.fround);
        expect(extremes(series)).toEqual({ least: Math.min(...all), greatest: Math.max(...all) });
        expect(series.end).toBe(all.length);
        expect(extremes(thinned(series, 16))).toEqual(extremes(series));
      }),
      { numRuns: 50 },
    );
  });

  it('shows one spike among a million steps', () => {
    const steps = new Float32Array(1_000_000).fill(1);
    steps[654_321] = 50;
    const series = appended(emptySeries(0), 0, steps);
    expect(series.mean.length).toBeLessThanOrEqual(2048);
    expect(series.greatest[Math.floor(654_321 / series.stride)]).toBe(50);
  });

  it('has the mean of the values of a bucket', () => {
    const steps = Float32Array.from({ length: 4096 }, (_, i) => i);
    const series = appended(emptySeries(0), 0, steps);
    expect(series.stride).toBe(2);
    expect([...series.mean.slice(0, 3)]).toEqual([0.5, 2.5, 4.5]);
  });

  it('goes back to a checkpoint when steps come again', () => {
    const once = appended(emptySeries(0), 0, Float32Array.of(5, 4, 3, 2));
    const again = appended(once, 2, Float32Array.of(30, 20, 10));
    expect([...again.mean]).toEqual([5, 4, 30, 20, 10]);
    expect([...once.mean]).toEqual([5, 4, 3, 2]);
  });

  it('knows the first value that is not finite, and leaves a gap where steps are missing', () => {
    const series = appended(appended(emptySeries(0), 0, Float32Array.of(1, Number.NaN)), 4, Float32Array.of(2));
    expect(series.firstNonFinite).toBe(1);
    expect([...series.mean]).toEqual([1, Number.NaN, Number.NaN, Number.NaN, 2]);
  });
});
