import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdict } from '../../../src/cli/diff/numbers.js';
import { resultsDifference } from '../../../src/compare/diff/results-difference.js';
import type { Measured } from '../../../src/runtime/provenance/measured.js';
import { stream } from '../../../src/runtime/random/stream.js';

function measured(
  seeds: readonly number[],
  metrics: Measured['metrics'],
  best: Measured['best'] = {},
  diverged: readonly number[] = [],
): Measured {
  return {
    experiment: '',
    data: { name: 'digits', sha256: '' },
    initial: null,
    backend: 'simd',
    numerics: '1',
    kernels: null,
    package: null,
    seeds,
    weights: seeds.map((seed) => `${JSON.stringify(metrics)} ${seed}`),
    metrics,
    best,
    diverged,
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
    // Differences are -0.101 … -0.108: mean -0.1045; all of one sign, so the permutation test has 2 / 2⁸.
    expect(loss?.difference).toBeCloseTo(-0.1045, 10);
    expect(loss?.permutationP).toBeCloseTo(2 / 256, 10);
    // SciPy: ttest_rel has 7.0798845e-13.
    expect(loss?.p).toBeCloseTo(7.0798845e-13, 18);
    expect(loss?.adjustedP).toBe(loss?.p);
    expect(loss?.significant).toBe(true);
    expect(loss?.relative).toBeCloseTo(-0.1045 / 4.5, 10);
    // sd 0.0024495, t(7) 2.3646: ± 0.0020478
    expect(loss?.interval?.low).toBeCloseTo(-0.1045 - 0.0020478, 6);
    expect(words).toEqual(['paired t test over 8 seeds; permutation test of test.loss: p=0.0078']);
  });

  it('are judged by the objective alone, and the other metrics as a family', () => {
    const seeds = [1, 2, 3];
    const old = [51, 52, 53];
    // Differences of -6.8, -7 and -7.2: t(2) = -60.6, p = 0.000272.
    const fell = [44.2, 45, 45.8];
    // Of 0.1, 0.5 and 0.6: t(2) = 2.62, p = 0.12.
    const rose = [51.1, 52.5, 53.6];
    const { metrics, words } = resultsDifference(
      [],
      measured(seeds, { 'test.loss.kl': [1, 1, 2], 'test.loss': old, 'train.loss': old, 'train.loss.kl': old }),
      measured(seeds, { 'test.loss.kl': [1, 1, 3], 'test.loss': fell, 'train.loss': fell, 'train.loss.kl': rose }),
    );
    expect(words[0]).toBe('paired t test over 3 seeds; other metrics Holm-adjusted');
    expect(words).toHaveLength(1);
    expect(metrics.map(({ metric, objective }) => [metric, objective])).toEqual([
      ['test.loss', true],
      ['test.loss.kl', false],
      ['train.loss', false],
      ['train.loss.kl', false],
    ]);
    const [loss, , train, kl] = metrics;
    expect(loss?.p).toBeCloseTo(0.000272, 6);
    expect(loss).toMatchObject({ adjustedP: loss?.p, significant: true, permutationP: null });
    expect(train?.adjustedP).toBeCloseTo(3 * (loss?.p ?? 1), 12);
    expect(kl).toMatchObject({ significant: false });
    // As wide as the correction demands: the verdict is the one that the interval shows.
    expect(loss?.interval?.confidence).toBe(0.95);
    expect(train?.interval?.confidence).toBeCloseTo(1 - 0.05 / 3, 12);
    expect(train?.interval?.low).toBeLessThan(loss?.interval?.low ?? 0);
  });

  it('never have a verdict that contradicts the interval beside it, however many metrics there are', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    const shifts = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    const seeds = fc.integer({ min: 2, max: 8 });
    fc.assert(
      fc.property(seeds, shifts, fc.infiniteStream(value), fc.boolean(), (count, moved, noise, apart) => {
        const next = () => noise.next().value ?? 0;
        const list = (shift: number) => Array.from({ length: count }, () => 5 + shift + next() / 4);
        const names = ['test.loss', 'test.sse', 'test.loss.kl', 'train.loss', 'train.sse', 'train.loss.kl'];
        const side = (by: (shift: number) => number) =>
          Object.fromEntries(moved.map((shift, i) => [names[i] ?? '', list(by(shift))]));
        const numbers = Array.from({ length: count }, (_, i) => i + 1);
        const others = apart ? numbers.map((seed) => seed + count) : numbers;
        const before = measured(
          numbers,
          side(() => 0),
        );
        const { metrics } = resultsDifference(
          [],
          before,
          measured(
            others,
            side((shift) => shift),
          ),
        );
        for (const { interval, significant, adjustedP } of metrics) {
          if (interval === null) {
            expect(significant).toBe(false);
            continue;
          }
          expect(significant).toBe(interval.low > 0 || interval.high < 0);
          expect((adjustedP ?? 1) < 0.05).toBe(significant);
        }
        for (const each of metrics) {
          const said = verdict(each);
          expect(said.startsWith('p')).toBe(each.significant);
          expect(said.startsWith('~')).toBe(!each.significant && !each.identical);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('find nothing where nothing changed in 95 of 100 comparisons, and what a t test can where something did', () => {
    const draws = stream({ seed: 11, path: 'verdict-test', purpose: 'noise' });
    const runs = 1000;
    // SciPy: a difference of two standard deviations, by the non-central t distribution.
    const power = { 3: 0.4707, 5: 0.9089, 10: 0.9998 } as const;
    for (const [n, expected] of Object.entries(power)) {
      const count = Number(n);
      const seeds = Array.from({ length: count }, (_, i) => i + 1);
      const found = [0, 2].map((effect, round) => {
        const noise = new Float32Array(count * runs);
        draws.normal(noise, 100 * count + round);
        let verdicts = 0;
        for (let run = 0; run < runs; run++) {
          const old = seeds.map((seed) => 20 + seed);
          const now = old.map((value, i) => value + effect + (noise[run * count + i] ?? 0));
          const { metrics } = resultsDifference(
            [],
            measured(seeds, { 'test.loss': old }),
            measured(seeds, { 'test.loss': now }),
          );
          if (metrics[0]?.significant) verdicts++;
        }
        return verdicts / runs;
      });
      // Three standard errors of a share of 1000.
      expect(Math.abs((found[0] ?? 1) - 0.05)).toBeLessThan(0.021);
      expect(Math.abs((found[1] ?? 0) - expected)).toBeLessThan(
        3 * Math.sqrt((expected * (1 - expected)) / runs) + 1e-3,
      );
    }
  });

  it('show a metric once, the best epoch beside the last', () => {
    const values = {
      'test.loss': [1, 2],
      'test.loss.mse': [1, 2],
      'test.mse': [0.1, 0.2],
      'test.sse': [10, 20],
      'validation.loss': [3, 4],
    };
    const other = {
      'test.loss': [2, 2],
      'test.loss.mse': [2, 2],
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
      'validation.loss last',
      'validation.loss best',
      'test.loss last',
    ]);
    expect(metrics[1]?.old).toMatchObject({ mean: 2, epoch: 3 });
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
    expect(broken.metrics[0]).toMatchObject({ identical: false, difference: Number.NaN, p: null, significant: false });
    expect(broken.words).toEqual(['new: not finite with seed 2; not tested']);
    // Not `~`: a seed that diverged is no noise.
    expect(broken.metrics.map(verdict)).toEqual(['']);
  });

  it('of a seed that diverged are not those of the epoch before', () => {
    const before = measured([1, 2, 3], { 'test.loss': [1, 2, 3] });
    const after = measured([1, 2, 3], { 'test.loss': [0.9, 1.9, 2.8] }, {}, [3]);
    const { metrics, words } = resultsDifference([], before, after);
    expect(metrics[0]).toMatchObject({ significant: false, difference: Number.NaN });
    expect(words.join()).toContain('new: not finite with seed 3');
  });

  it('that share no seeds are compared without pairing', () => {
    const before = measured([1, 2, 3], { 'test.loss': [5, 5.1, 5.2] });
    const after = measured([4, 5, 6, 7], { 'test.loss': [4, 4.1, 4.2, 4.1] });
    const { metrics, words, seeds } = resultsDifference([], before, after);
    expect(seeds).toEqual([]);
    expect(words[0]).toBe("Welch's t test of 3 and 4 seeds");
    expect(metrics[0]).toMatchObject({ significant: true, permutationP: null });
    expect(metrics[0]?.difference).toBeCloseTo(-1, 12);
    // One seed in common makes no pairs either.
    const overlapping = measured([3, 4, 5, 6], { 'test.loss': [4, 4.1, 4.2, 4.1] });
    expect(resultsDifference([], before, overlapping).words[0]).toContain("Welch's t test of 3 and 4 seeds");
  });

  it('of a term whose own argument changed are in other units, in every part', () => {
    const values = { 'test.sse': [9, 9.1, 9.2], 'test.loss.huber': [5, 5.1, 5.3], 'validation.loss.huber': [5, 6, 7] };
    const after = { ...values, 'test.loss.huber': [7, 7.1, 7.4], 'test.loss.l1': [1, 2, 4] };
    const { metrics } = resultsDifference(
      [],
      measured([1, 2, 3], { ...values, 'test.loss.l1': [1, 2, 3] }),
      measured([1, 2, 3], after),
      {
        comparable: 'sse',
        otherTerms: ['loss.huber'],
      },
    );
    expect(new Map(metrics.map(({ metric, otherUnits }) => [metric, otherUnits]))).toEqual(
      new Map([
        ['test.sse', false],
        ['validation.loss.huber', true],
        ['test.loss.huber', true],
        ['test.loss.l1', false],
      ]),
    );
  });

  it('of a loss that itself changed are judged by the error', () => {
    const before = measured([1, 2, 3], { 'test.loss': [5, 5.1, 5.3], 'test.sse': [9, 9.1, 9.2] });
    const after = measured([1, 2, 3], { 'test.loss': [7, 7.1, 7.4], 'test.sse': [8, 8.2, 8.2] });
    const { metrics, words } = resultsDifference([], before, after, { comparable: 'sse' });
    expect(metrics.map(({ metric, objective }) => [metric, objective])).toEqual([
      ['test.sse', true],
      ['test.loss', false],
    ]);
    expect(
      metrics.map(({ otherUnits, relative, p, significant }) => [
        otherUnits,
        relative === null,
        p === null,
        significant,
      ]),
    ).toEqual([
      [false, false, false, true],
      [true, true, true, false],
    ]);
    // Where the loss is the only thing that is measured, it is the error.
    const alone = (loss: readonly number[]) => measured([1, 2, 3], { 'test.loss': loss });
    const [only] = resultsDifference([], alone([5, 5.1, 5.3]), alone([7, 7.1, 7.4]), { comparable: 'sse' }).metrics;
    expect(only).toMatchObject({ otherUnits: false, objective: true });
    expect(words.join('; ')).toContain('the loss itself changed, so its values are in other units; test.sse is the');
    // In a network that now has another number of inputs, sums and means are not the same thing.
    const wider = measured([1, 2, 3], { 'test.mse': [0.9, 0.8, 0.7], 'test.sse': [9, 8, 7] });
    const narrower = measured([1, 2, 3], { 'test.mse': [0.9, 0.8, 0.8], 'test.sse': [4.5, 4, 4] });
    expect(resultsDifference([], wider, narrower, { comparable: 'mse' }).metrics.map(({ metric }) => metric)).toEqual([
      'test.mse',
      'test.sse',
    ]);
  });

  it('of experiments without a loss are judged by the error', () => {
    const before = measured([1, 2, 3], { 'test.sse': [9, 9.1, 9.2], 'pretrain.encoder.0.reconstruction': [1, 2, 3] });
    const after = measured([1, 2, 3], { 'test.sse': [8, 8.1, 8.3], 'pretrain.encoder.0.reconstruction': [1, 2, 4] });
    const [first] = resultsDifference([], before, after).metrics;
    expect(first).toMatchObject({ metric: 'test.sse', objective: true });
  });

  it('of seeds too few for a verdict say what would do, and the same shift in all is no noise', () => {
    const before = measured([1, 2, 3], { 'test.loss': [1, 2, 3] });
    const noisy = resultsDifference([], before, measured([1, 2, 3], { 'test.loss': [1.1, 1.8, 3.3] }));
    expect(noisy.words).toEqual([
      'paired t test over 3 seeds',
      '3 seeds tell only differences of 2.5 standard deviations or more from noise, 5 seeds 1.2',
    ]);
    const shifted = resultsDifference([], before, measured([1, 2, 3], { 'test.loss': [1.5, 2.5, 3.5] }));
    expect(shifted.metrics[0]).toMatchObject({ significant: true, p: 0 });
    expect(shifted.metrics.map(verdict)).toEqual(['p<0.0001']);
    const two = resultsDifference(
      [],
      measured([1, 2], { 'test.loss': [1, 2] }),
      measured([1, 2], { 'test.loss': [1.5, 2.5] }),
    );
    expect(two.metrics[0]).toMatchObject({ significant: false, interval: null, difference: 0.5 });
    expect(two.metrics.map(verdict)).toEqual(['~']);
  });

  it('are of the seeds that both have, wherever these stand', () => {
    const before = measured([9, 1, 2, 3], { 'test.loss': [100, -1, -2, -3] });
    const after = measured([3, 1, 2], { 'test.loss': [-2.5, -0.5, -1.5] });
    const [loss] = resultsDifference([], before, after).metrics;
    expect(loss).toMatchObject({ difference: 0.5, significant: true, old: { values: [-1, -2, -3] } });
    expect(loss?.new.values).toEqual([-0.5, -1.5, -2.5]);
    // In parts of the magnitude: it rose.
    expect(loss?.relative).toBe(0.25);
  });

  it('tell every metric once, and two that only look alike both', () => {
    const told = (old: Measured['metrics'], now: Measured['metrics']) =>
      resultsDifference([], measured([1, 2], old), measured([1, 2], now)).metrics.map(({ metric }) => metric);
    const loss = { 'test.loss': [1, 2] };
    // The same in other units.
    expect(told({ ...loss, 'test.other': [3, 6] }, { 'test.loss': [2, 4], 'test.other': [6, 12] })).toEqual([
      'test.loss',
    ]);
    // Constants, opposites, and what is alike to a hundredth only.
    expect(
      told({ 'test.a': [0.5, 0.5], 'test.b': [10, 10] }, { 'test.a': [0.5, 0.5], 'test.b': [10, 10] }),
    ).toHaveLength(2);
    expect(told({ ...loss, 'test.score': [-1, -2] }, { 'test.loss': [2, 4], 'test.score': [-2, -4] })).toHaveLength(2);
    expect(told({ ...loss, 'test.near': [1.001, 2] }, { 'test.loss': [2, 4], 'test.near': [2, 4.002] })).toHaveLength(
      2,
    );
  });

  it('count the best epoch of the objective among the other metrics', () => {
    const best = (values: readonly number[]) => ({ 'validation.loss': values.map((value) => ({ epoch: 3, value })) });
    const seeds = [1, 2, 3];
    const before = measured(seeds, { 'validation.loss': [5, 6, 7], 'train.loss': [1, 2, 3] }, best([4, 5, 6]));
    const after = measured(
      seeds,
      { 'validation.loss': [4.9, 5.8, 6.7], 'train.loss': [1.2, 2.1, 3] },
      best([3.9, 4.8, 5.9]),
    );
    const { metrics } = resultsDifference([], before, after);
    const [last, bestRow] = metrics;
    expect([last?.of, last?.objective, bestRow?.of, bestRow?.objective]).toEqual(['last', true, 'best', false]);
    expect(last?.adjustedP).toBe(last?.p);
    // ttest_rel of -0.1, -0.2, -0.1: t = -4, p = 0.0572; Holm takes it twice, beside train.loss.
    expect(bestRow?.p).toBeCloseTo(0.05719, 4);
    expect(bestRow?.adjustedP).toBeCloseTo(2 * (bestRow?.p ?? 0), 12);
  });
});
