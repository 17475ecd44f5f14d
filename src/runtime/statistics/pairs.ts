import { studentQuantile } from './student-t.js';
import type { Interval } from './summary.js';

/** The value of two of some members, such as seeds. */
export interface PairValue {
  readonly members: readonly [number, number];
  readonly value: number;
}

export interface PairSummary {
  readonly mean: number;
  readonly pairs: number;
  /** 95 %; null for fewer than three members. */
  readonly interval: Interval | null;
}

/**
 * Mean over all pairs of members. Pairs that share a member aren't independent, so the interval is the jackknife's: each
 * member is left out with all its pairs, and the pseudo-values have Student's t with one degree of freedom less than members.
 */
export function summarizePairs(values: readonly PairValue[]): PairSummary {
  const mean = meanOf(values);
  const members = [...new Set(values.flatMap(({ members: both }) => both))];
  const n = members.length;
  if (n < 3) return { mean, pairs: values.length, interval: null };
  const pseudo = members.map(
    (left) => n * mean - (n - 1) * meanOf(values.filter((pair) => !pair.members.includes(left))),
  );
  const middle = pseudo.reduce((sum, value) => sum + value, 0) / n;
  const squares = pseudo.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const half = studentQuantile(0.05, n - 1) * Math.sqrt(squares / (n * (n - 1)));
  const interval: Interval = { low: mean - half, high: mean + half, confidence: 0.95, method: 'student' };
  return { mean, pairs: values.length, interval };
}

function meanOf(values: readonly PairValue[]): number {
  return values.reduce((sum, { value }) => sum + value, 0) / values.length;
}
