/** Known outcomes of commits, by index; null for a commit that cannot be tried. */
export type Outcomes = Map<number, boolean | null>;

export interface Boundary {
  /** Last index with the outcome of the first commit. */
  readonly last: number;
  /** First index after it with the outcome of the last commit; those between cannot be tried. */
  readonly first: number;
}

/**
 * Finds a change of outcome by binary search: the one nearest to the end among those known.
 * @param outcomes known so far, including both ends; attempts are added
 * @param attempt returns the outcome at an index, null if it cannot be told
 * @returns null if `attempt` was interrupted
 */
export async function findBoundary(
  outcomes: Outcomes,
  last: number,
  attempt: (index: number) => Promise<boolean | null | 'interrupted'>,
): Promise<Boundary | null> {
  const end = outcomes.get(last);
  const isEnd = (index: number) => outcomes.get(index) === end;
  const isStart = (index: number) => outcomes.get(index) === !end;
  let low = 0;
  for (let i = 0; i < last; i++) if (isStart(i)) low = i;
  let high = last;
  for (let i = last; i > low; i--) if (isEnd(i)) high = i;
  for (;;) {
    const untried = range(low + 1, high).filter((index) => !outcomes.has(index));
    const middle = nearest(untried, (low + high) / 2);
    if (middle === null) return { last: low, first: high };
    const outcome = await attempt(middle);
    if (outcome === 'interrupted') return null;
    outcomes.set(middle, outcome);
    if (isStart(middle)) low = middle;
    if (isEnd(middle)) high = middle;
  }
}

/** How often the outcome changes among known commits; once if a single commit did it. */
export function changesAmong(outcomes: Outcomes): number {
  const known = [...outcomes].filter(([, outcome]) => outcome !== null).sort(([a], [b]) => a - b);
  return known.filter(([, outcome], i) => i > 0 && outcome !== known[i - 1]?.[1]).length;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

function nearest(indices: readonly number[], to: number): number | null {
  return indices.reduce<number | null>(
    (best, index) => (best === null || Math.abs(index - to) < Math.abs(best - to) ? index : best),
    null,
  );
}
