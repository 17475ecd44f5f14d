import { differencesOf } from './paired-tests.js';
import { studentQuantile, studentTwoSided } from './student-t.js';
import { type Interval, mean, type StudentQuantile, standardDeviation } from './summary.js';

/** A two-sided t test of whether a mean difference is 0. Its intervals and p derive from the same three numbers. */
export interface TTest {
  readonly kind: 'paired' | 'welch';
  /** Mean of after - before. */
  readonly difference: number;
  readonly standardError: number;
  /** Degrees of freedom, an integer. */
  readonly degrees: number;
  readonly p: number;
}

/** Differences that vary by less than this fraction of the largest value vary by rounding alone. */
const rounding = 1e-12;

/**
 * Student's paired t test. It assumes normally distributed differences, and in return works with few seeds. For error
 * rates of this and other tests with few seeds, see Colas, Sigaud and Oudeyer, "A Hitchhiker's Guide to Statistical
 * Comparisons of Reinforcement Learning Algorithms" (2019). Pairing cancels the variance that both settings share
 * (Bouthillier et al., "Accounting for Variance in Machine Learning Benchmarks", 2021).
 *
 * If every difference is the same non-zero number, t is infinite and p is 0. Two such pairs are no evidence, because
 * counts, such as accuracies, tie by chance.
 * @returns null for fewer than two pairs, and for two equal non-zero differences
 * @throws RangeError for lists of unequal lengths, or a value that is not finite
 */
export function pairedTTest(before: readonly number[], after: readonly number[]): TTest | null {
  const differences = differencesOf(before, after);
  const pairs = differences.length;
  if (pairs < 2) return null;
  const sd = standardDeviation(differences);
  if (pairs === 2 && sd <= rounding * largestOf(before, after) && differences.some((difference) => difference !== 0)) {
    return null;
  }
  return tTest('paired', mean(differences), sd / Math.sqrt(pairs), pairs - 1);
}

/**
 * Welch's t test (1947), for settings that share no seeds. The Welch–Satterthwaite degrees of freedom are rounded down,
 * which makes p slightly larger.
 * @returns null for fewer than two values on a side, and for two values on a side if neither side has any spread
 * @throws RangeError if a value is not finite
 */
export function welchTTest(before: readonly number[], after: readonly number[]): TTest | null {
  if (before.length < 2 || after.length < 2) return null;
  const [a, b] = [before, after].map((values) => standardDeviation(values) ** 2 / values.length);
  if (a === undefined || b === undefined) return null;
  const difference = mean(after) - mean(before);
  const standardError = Math.sqrt(a + b);
  const few = Math.min(before.length, after.length) === 2;
  if (few && standardError <= rounding * largestOf(before, after) && difference !== 0) return null;
  const satterthwaite = (a + b) ** 2 / (a ** 2 / (before.length - 1) + b ** 2 / (after.length - 1));
  const fewest = Math.min(before.length, after.length) - 1;
  // With no spread, or one too small to square, the formula is 0 / 0.
  const degrees = Number.isFinite(satterthwaite) ? Math.max(fewest, Math.floor(satterthwaite)) : fewest;
  return tTest('welch', difference, standardError, degrees);
}

/** Confidence interval, with confidence 1 - level, that excludes 0 if the test's p is below `level`. */
export function intervalOf(
  { difference, standardError, degrees }: TTest,
  level: number,
  quantile: StudentQuantile = studentQuantile,
): Interval {
  const half = standardError === 0 ? 0 : quantile(level, degrees) * standardError;
  return { low: difference - half, high: difference + half, confidence: 1 - level, method: 'student' };
}

/** Verdicts are read off the interval shown beside them, so the two can't contradict each other. */
export function excludesZero({ low, high }: Pick<Interval, 'low' | 'high'>): boolean {
  return low > 0 || high < 0;
}

function tTest(kind: TTest['kind'], difference: number, standardError: number, degrees: number): TTest {
  const p = difference === 0 ? 1 : studentTwoSided(difference / standardError, degrees);
  return { kind, difference, standardError, degrees, p };
}

function largestOf(before: readonly number[], after: readonly number[]): number {
  return [...before, ...after].reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
