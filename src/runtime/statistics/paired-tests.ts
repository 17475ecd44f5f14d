import { exp } from '../../numerics/float64.js';
import { stream } from '../random/stream.js';
import { mean, standardDeviation } from './summary.js';

/** Result of a two-sided test on paired values, such as two settings trained with the same seeds. */
export interface TestResult {
  readonly p: number;
  /** Over all permutations, over sampled ones, or by the normal approximation. */
  readonly method: 'exact' | 'sampled' | 'normal';
  /** Number of pairs the test could use. */
  readonly pairs: number;
}

export interface PermutationOptions {
  /** Sign flips to sample if there are too many to enumerate; default 100,000. */
  readonly resamples?: number;
  /** Seed of the sampling stream; default 1. */
  readonly seed?: number;
}

/** 2²⁰ sign flips take a few milliseconds. */
const mostExactFlips = 20;
const mostExactRanks = 50;

/**
 * Fisher's paired permutation test of the mean difference: the fraction of sign flips of the differences whose mean is
 * at least as far from 0. Enumerates all 2ⁿ up to 20 pairs, else samples them, with the (b + 1) / (m + 1) of Phipson
 * and Smyth (2010).
 * @returns null without pairs
 * @throws RangeError for lists of unequal lengths, or a value that is not finite
 */
export function pairedPermutationTest(
  before: readonly number[],
  after: readonly number[],
  { resamples = 100_000, seed = 1 }: PermutationOptions = {},
): TestResult | null {
  const differences = differencesOf(before, after);
  const pairs = differences.length;
  if (pairs === 0) return null;
  const sizes = differences.map(Math.abs);
  const total = differences.reduce((sum, difference) => sum + difference, 0);
  // A sum that differs from the observed one by rounding alone is equally extreme.
  const extreme = Math.abs(total) - 1e-12 * sizes.reduce((sum, size) => sum + size, 0);
  if (pairs <= mostExactFlips) {
    return { p: shareOfFlips(sizes, extreme), method: 'exact', pairs };
  }
  const draws = stream({ seed, path: 'statistics', purpose: 'permutation' });
  const flips = new Float32Array(pairs);
  let found = 0;
  for (let resample = 0; resample < resamples; resample++) {
    draws.bernoulli(flips, 0.5, resample);
    const sum = sizes.reduce((running, size, i) => running + (flips[i] === 1 ? size : -size), 0);
    if (Math.abs(sum) >= extreme) found++;
  }
  return { p: (found + 1) / (resamples + 1), method: 'sampled', pairs };
}

/** A flip and its inverse are equally extreme, so the first sign stays fixed. Gray codes flip one sign at a time. */
function shareOfFlips(sizes: readonly number[], extreme: number): number {
  const [first = 0, ...others] = sizes;
  const count = 2 ** others.length;
  const signs = others.map(() => 1);
  let found = 0;
  for (let code = 0; code < count; code++) {
    if (code > 0) {
      const flipped = 31 - Math.clz32(code & -code);
      signs[flipped] = -(signs[flipped] ?? 1);
    }
    const sum = others.reduce((running, size, i) => running + (signs[i] ?? 1) * size, first);
    if (Math.abs(sum) >= extreme) found++;
  }
  return found / count;
}

/**
 * Wilcoxon's signed-rank test (1945): zero differences are dropped and ties share their mean rank. Exact up to 50
 * pairs, with or without ties; beyond, by the normal approximation with the tie-corrected variance.
 * @returns null without non-zero differences
 * @throws RangeError for lists of unequal lengths, or a value that is not finite
 */
export function wilcoxonSignedRank(before: readonly number[], after: readonly number[]): TestResult | null {
  const differences = differencesOf(before, after).filter((difference) => difference !== 0);
  const pairs = differences.length;
  if (pairs === 0) return null;
  const ranks = doubledRanks(differences.map(Math.abs));
  const positive = ranks.reduce((sum, rank, i) => sum + ((differences[i] ?? 0) > 0 ? rank : 0), 0);
  if (pairs <= mostExactRanks) return { p: exactRankP(ranks, positive), method: 'exact', pairs };
  const centre = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const spread = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0)) / 2;
  return { p: normalTwoSided((positive - centre) / spread), method: 'normal', pairs };
}

/** Twice the ranks, from 1, so that shared ranks are integers too. */
function doubledRanks(sizes: readonly number[]): readonly number[] {
  const sorted = [...sizes].sort((a, b) => a - b);
  return sizes.map((size) => sorted.indexOf(size) + 1 + sorted.lastIndexOf(size) + 1);
}

/** Counts the ways to reach each sum of signed ranks, in doubles: 2⁵⁰ is exact. */
function exactRankP(ranks: readonly number[], positive: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of ranks) {
    for (let sum = total; sum >= rank; sum--) ways[sum] = (ways[sum] ?? 0) + (ways[sum - rank] ?? 0);
  }
  const all = 2 ** ranks.length;
  const tail = Math.min(positive, total - positive);
  const below = ways.subarray(0, tail + 1).reduce((sum, way) => sum + way, 0);
  return Math.min(1, (2 * below) / all);
}

/**
 * Cohen's d for pairs (d_z): the mean difference in standard deviations of the differences; infinite if all differences
 * are the same non-zero number, and 0 if all are 0.
 * @returns null for fewer than two pairs
 * @throws RangeError for lists of unequal lengths, or a value that is not finite
 */
export function pairedEffectSize(before: readonly number[], after: readonly number[]): number | null {
  const differences = differencesOf(before, after);
  if (differences.length < 2) return null;
  const centre = mean(differences);
  return centre === 0 ? 0 : centre / standardDeviation(differences);
}

/** after - before, pair by pair. @throws RangeError for lists of unequal lengths, or a value that is not finite */
export function differencesOf(before: readonly number[], after: readonly number[]): readonly number[] {
  if (before.length !== after.length) {
    throw new RangeError(`pairs need equally many values on both sides, not ${before.length} and ${after.length}`);
  }
  return before.map((value, i) => {
    const difference = (after[i] ?? Number.NaN) - value;
    if (Number.isFinite(difference)) return difference;
    throw new RangeError(`values must be finite, not ${value} and ${after[i]}`);
  });
}

/**
 * P(|Z| > |z|) of the standard normal distribution, which is erfc(|z| / √2), to a relative error of 1e-13: by its
 * series (DLMF 7.6.2) up to z = 3, by its continued fraction (DLMF 7.9.3) beyond.
 */
export function normalTwoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const square = x * x;
  if (Math.abs(z) <= 3) {
    let term = 1;
    let sum = 1;
    for (let n = 1; n < 200 && term > sum * 2 ** -54; n++) {
      term *= (2 * square) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * x * exp(-square) * sum;
  }
  let fraction = 0;
  for (let n = 120; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return exp(-square) / Math.sqrt(Math.PI) / (x + fraction);
}
