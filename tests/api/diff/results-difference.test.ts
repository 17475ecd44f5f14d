import { describe, expect, it } from 'vitest';
import { resultsDifference } from '../../../src/api/diff/results-difference.js';
import type { Measured } from '../../../src/runtime/provenance/measured.js';

function measured(seeds: readonly number[], metrics: Measured['metrics'], best: Measured['best'] = {}): Measured {
  return {
    experiment: '',
    data: { name: 'digits', sha256: '' },
    backend: 'simd',
    numerics: '1',
    kernels: null,
    package: null,
    seeds,
    weights: seeds.map((seed) => `${JSON.stringify(metrics)} ${seed}`),
    metrics,
    best,
    diverged: [],
  };
}

describe('results of two versions', () => {
  it('are paired by seed: what the seeds have in common does not count as noise', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const old = seeds.map((seed) => seed);
    const now = seeds.map((seed) => seed - 0.1 - 0.001 * seed);
    const { metrics, words } = resultsDifference(
      [],
      measured(seeds, { 'test.loss': old }),
      measured(seeds, { 'test.loss': now }),
    );
    const [loss] = metrics;
    // Differences are -0.101 … -0.108: mean -0.1045, all of one sign, so p = 2 / 2⁸.
    expect(loss?.difference).toBeCloseTo(-0.1045, 10);
    expect(loss?.p).toBeCloseTo(2 / 256, 10);
    expect(loss?.significant).toBe(true);
    expect(loss?.relative).toBeCloseTo(-0.1045 / 4.5, 10);
    // sd 0.0024495, t(7) 2.3646: ± 0.0020478
    expect(loss?.interval?.low).toBeCloseTo(-0.1045 - 0.0020478, 6);
    expect(words).toEqual([]);
  });

  it('are corrected for how many metrics are looked at', () => {
    const seeds = [1, 2, 3, 4, 5, 6];
    const old = { a: [1, 2, 3, 4, 5, 6], b: [1, 2, 3, 4, 5, 6], c: [1, 2, 3, 4, 5, 6] };
    const less = old.a.map((x) => x - 0.5);
    const { metrics, words } = resultsDifference(
      [],
      measured(seeds, old),
      measured(seeds, { a: less, b: less, c: less }),
    );
    // 2 / 2⁶ = 0.03125, thrice.
    expect(metrics.map(({ adjustedP }) => adjustedP)).toEqual([0.09375, 0.09375, 0.09375]);
    expect(metrics.some(({ significant }) => significant)).toBe(false);
    expect(words.join()).toContain('6 seeds: no test can reach p < 0.05 among 3');
  });

  it('show a metric once, the best epoch beside the last', () => {
    const values = {
      'test.loss': [1, 2],
      'test.mse_term': [1, 2],
      'test.mse': [0.1, 0.2],
      'test.sse': [10, 20],
      'validation.loss': [3, 4],
    };
    const other = {
      'test.loss': [2, 2],
      'test.mse_term': [2, 2],
      'test.mse': [0.2, 0.2],
      'test.sse': [20, 20],
      'validation.loss': [3, 5],
    };
    const best = (value: number) => ({
      'validation.loss': [
        { value, epoch: 2 },
        { value, epoch: 4 },
      ],
    });
    const { metrics } = resultsDifference([], measured([1, 2], values, best(2)), measured([1, 2], other, best(1)));
    expect(metrics.map(({ metric, of }) => `${metric} ${of}`)).toEqual([
      'test.loss last',
      'validation.loss last',
      'validation.loss best',
    ]);
    expect(metrics[2]?.old).toMatchObject({ mean: 2, epoch: 3 });
  });

  it('say which seeds are compared, and of one seed that it cannot be told from noise', () => {
    const one = resultsDifference([], measured([1], { a: [1] }), measured([1, 2], { a: [2, 3] }));
    expect(one.seeds).toEqual([1]);
    expect(one.words.join('; ')).toMatch(/left out: 2.*1 seed: this cannot be told from noise/);
    expect(one.metrics[0]?.p).toBeNull();
    const two = resultsDifference([], measured([1], { a: [1] }), measured([7], { a: [2] }));
    expect(two.words[0]).toContain('seeds 1 and 7 are compared');
  });

  it('that are the same to the last bit are no difference, and what is not finite is said', () => {
    const same = resultsDifference([], measured([1, 2], { a: [1, 2] }), measured([1, 2], { a: [1, 2] }));
    expect(same.metrics[0]).toMatchObject({ identical: true, significant: false, adjustedP: null });
    expect(same.sameWeights).toEqual([1, 2]);
    const broken = resultsDifference([], measured([1, 2], { a: [1, 2] }), measured([1, 2], { a: [1, Number.NaN] }));
    expect(broken.metrics[0]).toMatchObject({ identical: false, difference: Number.NaN, p: null });
  });
});
