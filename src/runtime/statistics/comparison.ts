import {
  differencesOf,
  pairedEffectSize,
  pairedPermutationTest,
  type TestResult,
  wilcoxonSignedRank,
} from './paired-tests.js';
import { type StudentQuantile, type Summary, summarize } from './summary.js';

/** Two settings by the values that they reached with the same seeds. */
export interface PairedComparison {
  readonly pairs: number;
  readonly before: Summary;
  readonly after: Summary;
  /** after - before, pair by pair. */
  readonly difference: Summary;
  /** The mean difference in parts of the magnitude of the mean before; null where that is 0. */
  readonly relative: number | null;
  /** Of the permutation test; not corrected for other tests. */
  readonly p: number | null;
  readonly test: TestResult | null;
  readonly wilcoxon: TestResult | null;
  /** Cohen's d of pairs. */
  readonly effectSize: number | null;
  /** Why no difference could be significant, where none could. */
  readonly warning: string | null;
}

export interface ComparisonOptions {
  /** The level that p is to be held against; 0.05. */
  readonly alpha?: number;
  /** How many comparisons are corrected for together; 1. */
  readonly tests?: number;
  /** Where several are compared: one that remembers. */
  readonly quantile?: StudentQuantile;
}

/** @throws RangeError for lists of unequal lengths, or a value that is not finite */
export function comparePaired(
  before: readonly number[],
  after: readonly number[],
  { alpha = 0.05, tests = 1, quantile }: ComparisonOptions = {},
): PairedComparison {
  const [old, difference] = [summarize(before, quantile), summarize(differencesOf(before, after), quantile)];
  const test = pairedPermutationTest(before, after);
  return {
    pairs: before.length,
    before: old,
    after: summarize(after, quantile),
    difference,
    relative: before.length === 0 || old.mean === 0 ? null : difference.mean / Math.abs(old.mean),
    p: test?.p ?? null,
    test,
    wilcoxon: wilcoxonSignedRank(before, after),
    effectSize: pairedEffectSize(before, after),
    warning: fewSeedsWarning(before.length, alpha, tests),
  };
}

/** The smallest p that n pairs can give in a paired permutation test, or in Wilcoxon's: 2 / 2ⁿ. */
export function smallestP(pairs: number): number {
  return pairs === 0 ? 1 : 2 / 2 ** pairs;
}

/** Pairs from which p < alpha is possible, for the smallest p of as many tests corrected by Holm. */
export function pairsNeeded(alpha = 0.05, tests = 1): number {
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`a level is in (0, 1], not ${alpha}`);
  let pairs = 1;
  while (smallestP(pairs) * tests >= alpha) pairs++;
  return pairs;
}

/** `3 seeds: no test can reach p < 0.05; 6 seeds can`; null where there are enough. */
export function fewSeedsWarning(pairs: number, alpha = 0.05, tests = 1): string | null {
  const needed = pairsNeeded(alpha, tests);
  if (pairs >= needed) return null;
  const among = tests > 1 ? ` among ${tests} comparisons` : '';
  return `${pairs} seed${pairs === 1 ? '' : 's'}: no test can reach p < ${alpha}${among}; ${needed} seeds can`;
}
