/**
 * Holm's correction (1979) for multiple tests: adjusted p values, in the given order, to be compared with a single
 * level.
 * @param family number of tests to correct for, if larger than the list; the missing ones count as p = 1
 * @throws RangeError for a p outside of [0, 1], or a family smaller than the list
 */
export function holm(ps: readonly number[], family: number = ps.length): readonly number[] {
  for (const p of ps) if (!(p >= 0 && p <= 1)) throw new RangeError(`a p value must be in [0, 1], not ${p}`);
  if (!(family >= ps.length)) throw new RangeError(`a family of ${ps.length} tests or more, not ${family}`);
  const adjusted = [...ps];
  let least = 0;
  for (const [rank, i] of ascending(ps).entries()) {
    least = Math.max(least, Math.min(1, (family - rank) * (ps[i] ?? 1)));
    adjusted[i] = least;
  }
  return adjusted;
}

/**
 * Level that Holm's procedure compares each p with: alpha / m for the smallest, alpha / (m - 1) for the next, and so
 * on, until one is not below it; all the others use that one's level. An interval of confidence 1 - level excludes 0
 * exactly when the procedure rejects. For tests that it does not reject, these are the compatible intervals
 * (Strassburger and Bretz 2008; Guilbaud 2008).
 * @throws RangeError as {@link holm}
 */
export function holmLevels(ps: readonly number[], alpha: number, family: number = ps.length): readonly number[] {
  const adjusted = holm(ps, family);
  const rejected = adjusted.filter((p) => p < alpha).length;
  const levels = ps.map(() => 0);
  for (const [rank, i] of ascending(ps).entries()) levels[i] = alpha / (family - Math.min(rank, rejected));
  return levels;
}

/** Indices, sorted by p. */
function ascending(ps: readonly number[]): readonly number[] {
  return ps.map((_, i) => i).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0) || a - b);
}
