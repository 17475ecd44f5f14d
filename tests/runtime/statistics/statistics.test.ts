import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalTwoSided } from '../../../src/runtime/statistics/paired-tests.js';
import { summarizePairs } from '../../../src/runtime/statistics/pairs.js';
import {
  bootstrapInterval,
  comparePaired,
  excludesZero,
  fewSeedsWarning,
  holm,
  holmLevels,
  intervalOf,
  mean,
  median,
  pairedEffectSize,
  pairedPermutationTest,
  pairedTTest,
  pairsNeeded,
  seedsForWidth,
  smallestP,
  standardDeviation,
  studentInterval,
  summarize,
  welchTTest,
  wilcoxonSignedRank,
} from '../../../src/runtime/statistics/statistics.js';
import { studentQuantile, studentTwoSided } from '../../../src/runtime/statistics/student-t.js';
import { scipy } from './scipy.js';

/** Equal to a relative 1e-11, which is what SciPy itself agrees with other libraries to. */
function expectClose(actual: number | undefined, expected: number, relative = 1e-11): void {
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(
    relative * Math.max(Math.abs(expected), 1e-300),
  );
}

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const samples = fc.array(finite, { minLength: 2, maxLength: 12 });
const pairs = fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 10 });

describe('distributions, as SciPy has them', () => {
  it("the tails of Student's t", () => {
    for (const { t, degrees, p } of scipy.studentTail) expectClose(studentTwoSided(t, degrees), p);
  });

  it("the quantiles of Student's t", () => {
    for (const { p, degrees, t } of scipy.studentQuantile) expectClose(studentQuantile(p, degrees), t);
  });

  it('the tails of the normal distribution', () => {
    for (const { z, p } of scipy.normalTail) expectClose(normalTwoSided(z), p);
  });

  it('one degree of freedom is the Cauchy distribution: half of it is within ±1', () => {
    expectClose(studentTwoSided(1, 1), 0.5, 1e-15);
    expectClose(studentQuantile(0.5, 1), 1, 1e-15);
  });
});

describe('summaries, as SciPy and NumPy have them', () => {
  it.each(scipy.summaries)('of $values.length values', ({ values, student, bootstrap, ...expected }) => {
    expectClose(mean(values), expected.mean);
    expectClose(standardDeviation(values), expected.sd);
    expectClose(median(values), expected.median);
    for (const [confidence, [low, high]] of Object.entries(student)) {
      const interval = studentInterval(values, Number(confidence));
      expectClose(interval?.low, low);
      expectClose(interval?.high, high);
    }
    // Both draw their resamples, so the ends agree to a few hundredths of the width.
    const drawn = bootstrapInterval(values);
    const width = bootstrap[1] - bootstrap[0];
    expect(Math.abs((drawn?.low ?? Number.NaN) - bootstrap[0])).toBeLessThanOrEqual(0.05 * width);
    expect(Math.abs((drawn?.high ?? Number.NaN) - bootstrap[1])).toBeLessThanOrEqual(0.05 * width);
  });

  it('one value has a mean and nothing else; none has nothing', () => {
    expect(summarize([3])).toEqual({ count: 1, mean: 3, sd: null, interval: null });
    expect(summarize([])).toEqual({ count: 0, mean: Number.NaN, sd: null, interval: null });
    expect(median([])).toBeNaN();
    expect(bootstrapInterval([1])).toBeNull();
  });

  it('equal values have an interval without width', () => {
    expect(studentInterval([2, 2, 2])).toEqual({ low: 2, high: 2, confidence: 0.95, method: 'student' });
    expect(bootstrapInterval([2, 2, 2])).toEqual({ low: 2, high: 2, confidence: 0.95, method: 'bootstrap' });
  });

  it('the bootstrap of the same values is the same bits', () => {
    const values = [0.1123, 0.4456, 0.2789, 0.3512, 0.1967, 0.3001, 0.2718, 0.3142];
    expect(bootstrapInterval(values)).toEqual(bootstrapInterval(values));
    expect(bootstrapInterval(values, { seed: 2 })).not.toEqual(bootstrapInterval(values));
  });

  it('refuses what is not finite: a diverged run has no mean', () => {
    expect(() => mean([1, Number.NaN])).toThrow(RangeError);
    expect(() => studentInterval([1, Infinity])).toThrow(RangeError);
    expect(() => bootstrapInterval([1, 2], { confidence: 1 })).toThrow(RangeError);
  });

  it('the mean and the interval move with the values, and scale with them', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: -50, max: 50 }), (values, shift) => {
        const moved = studentInterval(values.map((value) => value + shift));
        const still = studentInterval(values);
        expect(moved?.low).toBeCloseTo((still?.low ?? Number.NaN) + shift, 6);
        expect(moved?.high).toBeCloseTo((still?.high ?? Number.NaN) + shift, 6);
      }),
    );
  });
});

describe('seeds for a width', () => {
  it('are the first number whose interval is narrow enough', () => {
    const values = [0.11, 0.13, 0.1, 0.12, 0.15];
    const width = 0.01;
    const seeds = seedsForWidth(values, width) ?? 0;
    const widthOf = (n: number) => (2 * studentQuantile(0.05, n - 1) * standardDeviation(values)) / Math.sqrt(n);
    expect(widthOf(seeds)).toBeLessThanOrEqual(width);
    expect(widthOf(seeds - 1)).toBeGreaterThan(width);
  });

  it('are two at least, a million at most, and unknown from one value', () => {
    expect(seedsForWidth([1, 1.001], 100)).toBe(2);
    expect(seedsForWidth([1, 2], 1e-9)).toBe(1_000_000);
    expect(seedsForWidth([1], 0.1)).toBeNull();
    expect(() => seedsForWidth([1, 2], 0)).toThrow(RangeError);
  });
});

describe('tests of pairs, as SciPy has them', () => {
  it.each(scipy.tests)('of $before.length pairs', ({ before, after, permutation, wilcoxon, cohen }) => {
    const test = pairedPermutationTest(before, after);
    expect(test?.method).toBe('exact');
    expectClose(test?.p, permutation);
    expectClose(wilcoxonSignedRank(before.map(scaled), after.map(scaled))?.p, wilcoxon);
    if (cohen !== null) expectClose(pairedEffectSize(before, after) ?? Number.NaN, cohen);
  });

  it.each(scipy.large)('of $before.length pairs by the normal distribution', ({ before, after, wilcoxon }) => {
    const test = wilcoxonSignedRank(before.map(scaled), after.map(scaled));
    expect(test?.method).toBe('normal');
    expectClose(test?.p, wilcoxon);
  });

  it.each(scipy.tTests)('of $before.length pairs by t', ({ before, after, p, intervals }) => {
    const test = pairedTTest(before, after);
    expectClose(test?.p, p);
    for (const [level, [low, high]] of Object.entries(intervals)) {
      const interval = test && intervalOf(test, Number(level));
      expectClose(interval?.low, low);
      expectClose(interval?.high, high);
    }
  });

  it.each(scipy.welch)('of $before.length and $after.length values', ({ before, after, degrees, p }) => {
    const test = welchTTest(before, after);
    expect(test?.degrees).toBe(degrees);
    expectClose(test?.p, p);
    expectClose(welchTTest(after, before)?.p, p);
  });

  it("Holm's correction", () => {
    for (const { p, adjusted } of scipy.holm) {
      holm(p).forEach((value, i) => {
        expectClose(value, adjusted[i] ?? Number.NaN);
      });
    }
  });

  it('drawn sign flips come near to all of them', () => {
    const before = Array.from({ length: 22 }, (_, i) => Math.sin(i));
    const after = before.map((value, i) => value + 0.1 + 0.4 * Math.sin(7 * i));
    const drawn = pairedPermutationTest(before, after);
    const t = studentTwoSided((pairedEffectSize(before, after) ?? 0) * Math.sqrt(22), 21);
    expect(drawn?.method).toBe('sampled');
    expect(Math.abs((drawn?.p ?? 0) - t)).toBeLessThan(0.01);
    expect(pairedPermutationTest(before, after)).toEqual(drawn);
  });

  it('do not care which setting comes first', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const [a, b] = [values.map(([x]) => x), values.map(([, y]) => y)];
        expect(pairedPermutationTest(a, b)?.p).toBe(pairedPermutationTest(b, a)?.p);
        expect(wilcoxonSignedRank(a, b)?.p).toBe(wilcoxonSignedRank(b, a)?.p);
      }),
    );
  });

  it('give nothing smaller than a few seeds can, and find nothing in equal values', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const test = pairedPermutationTest(
          values.map(([x]) => x),
          values.map(([, y]) => y),
        );
        expect(test?.p).toBeGreaterThanOrEqual(smallestP(values.length));
        expect(test?.p).toBeLessThanOrEqual(1);
      }),
    );
    expect(pairedPermutationTest([1, 2, 3], [1, 2, 3])).toEqual({ p: 1, method: 'exact', pairs: 3 });
    expect(wilcoxonSignedRank([1, 2], [1, 2])).toBeNull();
    expect(pairedPermutationTest([], [])).toBeNull();
  });

  it('refuse lists of unequal lengths', () => {
    expect(() => pairedPermutationTest([1], [1, 2])).toThrow(RangeError);
    expect(() => holm([0.1, 2])).toThrow(RangeError);
  });
});

describe('a t test and its interval', () => {
  /** Spread over many sizes, so that there are clear differences and none. */
  const noisyPairs = fc
    .tuple(pairs, fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(1e-6, 1, 1e6))
    .map(([values, shift, scale]) => ({
      before: values.map(([x]) => x * scale),
      after: values.map(([x, y]) => (x + y / 1e3 + shift) * scale),
    }));

  it('never contradict each other, at any level', () => {
    fc.assert(
      fc.property(noisyPairs, fc.constantFrom(0.05, 0.01, 0.005), ({ before, after }, level) => {
        for (const test of [pairedTTest(before, after), welchTTest(before, after)]) {
          if (test === null) continue;
          expect(excludesZero(intervalOf(test, level))).toBe(test.p < level);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never contradict each other after Holm's correction", () => {
    const ps = fc.array(fc.double({ min: 1e-5, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
    const family = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(ps, family, (values, more) => {
        const count = values.length + more;
        const adjusted = holm(values, count);
        holmLevels(values, 0.05, count).forEach((level, i) => {
          expect((values[i] ?? 1) < level).toBe((adjusted[i] ?? 1) < 0.05);
        });
      }),
      { numRuns: 500 },
    );
    expect(holmLevels([0.001, 0.9, 0.02], 0.06)).toEqual([0.02, 0.06, 0.03]);
    expect(holmLevels([0.001, 0.9, 0.04], 0.06)).toEqual([0.02, 0.03, 0.03]);
    expect(holm([0.01], 5)).toEqual([0.05]);
    expect(() => holm([0.01, 0.02], 1)).toThrow(RangeError);
  });

  it('of the same shift in every seed are certain, but not of two', () => {
    const three = pairedTTest([1, 2, 4], [1.5, 2.5, 4.5]);
    expect(three).toMatchObject({ difference: 0.5, standardError: 0, p: 0 });
    expect(three && intervalOf(three, 0.05)).toMatchObject({ low: 0.5, high: 0.5 });
    expect(pairedTTest([1, 2], [1.5, 2.5])).toBeNull();
    // Accuracies of 0.9 and 0.91 and of 0.92 and 0.93 differ by the same count.
    expect(pairedTTest([0.9, 0.92], [0.91, 0.93])).toBeNull();
    expect(pairedTTest([0.9, 0.92], [0.91, 0.94])?.p).toBeGreaterThan(0.05);
    expect(welchTTest([1, 1], [2, 2])).toBeNull();
    expect(welchTTest([1, 1, 1], [2, 2, 2])).toMatchObject({ difference: 1, p: 0, degrees: 2 });
  });

  it('of no difference find none', () => {
    expect(pairedTTest([1, 2, 3], [1, 2, 3])).toMatchObject({ difference: 0, p: 1 });
    expect(pairedTTest([1, 2], [1, 2])).toMatchObject({ p: 1 });
    // One seed of five moved.
    expect(pairedTTest([1, 2, 3, 4, 5], [1, 2, 3, 4, 4])?.p).toBeCloseTo(0.373901, 6);
  });

  it('need two values on each side, finite ones', () => {
    expect(pairedTTest([1], [2])).toBeNull();
    expect(pairedTTest([], [])).toBeNull();
    expect(welchTTest([1], [2, 3])).toBeNull();
    expect(() => pairedTTest([1, 2], [1, Number.NaN])).toThrow(RangeError);
    expect(() => welchTTest([1, 2], [1, Number.NaN])).toThrow(RangeError);
  });
});

describe('few seeds', () => {
  it('are said to be few', () => {
    const five = '5 seeds 1.2';
    expect(fewSeedsWarning(3)).toBe(
      `3 seeds tell only differences of 2.5 standard deviations or more from noise, ${five}`,
    );
    expect(fewSeedsWarning(2)).toContain('2 seeds tell only differences of 9 standard deviations');
    expect(fewSeedsWarning(1)).toBe('1 seed: this cannot be told from noise; 5 seeds can');
    expect(fewSeedsWarning(5)).toBeNull();
  });

  it('let a permutation test speak exactly where the clearest difference can reach the level', () => {
    for (let n = 2; n <= 12; n++) {
      const before = Array.from({ length: n }, (_, i) => i / 7);
      const after = before.map((value, i) => value + 1 + i / 100);
      const test = pairedPermutationTest(before, after);
      expectClose(test?.p, smallestP(n));
      expect((test?.p ?? 1) < 0.05).toBe(n >= pairsNeeded(0.05));
    }
  });

  it('show in a comparison', () => {
    const compared = comparePaired([1, 2, 3], [1.5, 2.5, 3.7]);
    expect(compared).toMatchObject({ pairs: 3, warning: fewSeedsWarning(3) });
    expectClose(compared.p ?? Number.NaN, 0.013559949584378938);
    expect(compared.relative).toBeCloseTo((0.5 + 0.5 + 0.7) / 6, 12);
    expect(comparePaired([0], [1])).toMatchObject({ relative: null, effectSize: null, p: null });
    expect(comparePaired([0, 1], [1, 2]).difference.interval).toBeNull();
  });
});

describe('at their edges', () => {
  it('Holm does not reject what comes to the level itself, and holds the others to the same one', () => {
    expect(holm([0.025, 0.04])).toEqual([0.05, 0.05]);
    expect(holmLevels([0.025, 0.04], 0.05)).toEqual([0.025, 0.025]);
    expect(holmLevels([0.0249, 0.04], 0.05)).toEqual([0.025, 0.05]);
  });

  it('pairs are enough when the least p is below the level, not when it is the level', () => {
    expect(smallestP(5)).toBe(0.0625);
    expect(pairsNeeded(0.0625)).toBe(6);
    expect(pairsNeeded(0.0626)).toBe(5);
  });

  it('a permutation test that draws never says that p is 0', () => {
    const before = Array.from({ length: 30 }, (_, i) => i);
    const after = before.map((value) => value + 1);
    expect(pairedPermutationTest(before, after, { resamples: 99 })).toEqual({
      p: 1 / 100,
      method: 'sampled',
      pairs: 30,
    });
  });

  it('a change is in parts of the magnitude of what it was, so that its sign is that of the difference', () => {
    expect(comparePaired([-2, -4], [-1, -2]).relative).toBe(0.5);
    expect(comparePaired([-1, -2], [-2, -4]).relative).toBe(-1);
  });
});

/** Whole numbers, so that differences that are equal on paper are equal. */
function scaled(value: number): number {
  return Math.round(value * 1e6);
}

describe('pairs of seeds', () => {
  const pairsOf = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([key, value]) => {
      const [a = 0, b = 0] = key.split(' ').map(Number);
      return { members: [a, b] as const, value };
    });

  // The jackknife over members in NumPy, with SciPy's quantile of Student's t.
  it('have the mean over all of them, and an interval that leaves out a seed at a time', () => {
    const {
      mean: middle,
      pairs: count,
      interval,
    } = summarizePairs(pairsOf({ '1 2': 0.8, '1 3': 0.7, '1 5': 0.75, '2 3': 0.62, '2 5': 0.9, '3 5': 0.55 }));
    expectClose(middle, 0.72);
    expect(count).toBe(6);
    expectClose(interval?.low, 0.40255197805650367);
    expectClose(interval?.high, 1.0374480219434965);
  });

  it('have no interval where there are only two seeds', () => {
    expect(summarizePairs(pairsOf({ '1 2': 0.5 }))).toEqual({ mean: 0.5, pairs: 1, interval: null });
  });
});
