import { differencesOf, pairedEffectSize, type TestResult, wilcoxonSignedRank } from './paired-tests.js';
import { studentQuantile } from './student-t.js';
import { type StudentQuantile, type Summary, summarize } from './summary.js';
import { intervalOf, pairedTTest, type TTest } from './t-tests.js';

/** Comparison of two settings trained with the same seeds. */
export interface PairedComparison {
  readonly pairs: number;
  readonly before: Summary;
  readonly after: Summary;
  /** after - before, pair by pair; its interval is that of the t test, null if there is none. */
  readonly difference: Summary;
  /** Mean difference relative to the magnitude of the mean before; null if that is 0. */
  readonly relative: number | null;
  /** p value of the paired t test, uncorrected for multiple tests. */
  readonly p: number | null;
  readonly test: TTest | null;
  readonly wilcoxon: TestResult | null;
  /** Cohen's d for pairs. */
  readonly effectSize: number | null;
  /** Warning about what so few seeds can detect; null if there are enough. */
  readonly warning: string | null;
}

export interface ComparisonOptions {
  /** Significance level; default 0.05. */
  readonly alpha?: number;
  /** Pass a memoised one when comparing many settings. */
  readonly quantile?: StudentQuantile;
}

/** @throws RangeError for lists of unequal lengths, or a value that is not finite */
export function comparePaired(
  before: readonly number[],
  after: readonly number[],
  { alpha = 0.05, quantile }: ComparisonOptions = {},
): PairedComparison {
  const [old, difference] = [summarize(before, quantile), summarize(differencesOf(before, after), quantile)];
  const test = pairedTTest(before, after);
  const pairs = before.length;
  return {
    pairs,
    before: old,
    after: summarize(after, quantile),
    difference: { ...difference, interval: test && intervalOf(test, alpha, quantile) },
    relative: pairs === 0 || old.mean === 0 ? null : difference.mean / Math.abs(old.mean),
    p: test?.p ?? null,
    test,
    wilcoxon: wilcoxonSignedRank(before, after),
    effectSize: pairedEffectSize(before, after),
    warning: fewSeedsWarning(pairs, alpha),
  };
}

/** Smallest p that a paired permutation test or Wilcoxon's test can give for n pairs: 2 / 2ⁿ. */
export function smallestP(pairs: number): number {
  return pairs === 0 ? 1 : 2 / 2 ** pairs;
}

/** Fewest pairs for which a paired permutation test can reach p < alpha. */
export function pairsNeeded(alpha = 0.05): number {
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`a level must be in (0, 1], not ${alpha}`);
  let pairs = 1;
  while (smallestP(pairs) >= alpha) pairs++;
  return pairs;
}

/**
 * Fewest seeds that make a paired t test worth its training: the interval is ± 9.0 standard deviations of the
 * differences with two seeds, ± 2.5 with three, ± 1.6 with four and ± 1.2 with five. Beyond that, another seed narrows
 * it by less than a fifth.
 */
export const seedsForVerdict = 5;

/** Smallest mean difference that a paired t test can distinguish from 0, in standard deviations of the differences. */
export function smallestDifference(pairs: number, alpha = 0.05): number {
  return pairs < 2 ? Infinity : studentQuantile(alpha, pairs - 1) / Math.sqrt(pairs);
}

/**
 * `3 seeds tell only differences of 2.5 standard deviations or more from noise, 5 seeds 1.2`; null if there are enough.
 */
export function fewSeedsWarning(pairs: number, alpha = 0.05): string | null {
  if (pairs >= seedsForVerdict) return null;
  if (pairs < 2)
    return `${pairs === 1 ? '1 seed' : 'no seeds'}: this cannot be told from noise; ${seedsForVerdict} seeds can`;
  const deviations = (seeds: number) => Number(smallestDifference(seeds, alpha).toPrecision(2));
  return `${pairs} seeds tell only differences of ${deviations(pairs)} standard deviations or more from noise, ${seedsForVerdict} seeds ${deviations(seedsForVerdict)}`;
}
