/** An item with its partner in the other list, or alone. */
export interface Aligned<T> {
  readonly old: T | null;
  readonly new: T | null;
}

/** Gap penalty: a pair that costs more than two gaps is not paired. */
const gapPenalty = 1.6;

/**
 * Aligns two lists in order, minimising the total cost (Needleman & Wunsch 1970).
 * @param cost of a pair; 0 for equal items
 */
export function align<T>(
  before: readonly T[],
  after: readonly T[],
  cost: (a: T, b: T) => number,
): readonly Aligned<T>[] {
  const width = after.length + 1;
  const least = new Float64Array((before.length + 1) * width);
  const at = (i: number, j: number) => least[i * width + j] ?? 0;
  const pair = (i: number, j: number): number => {
    const [a, b] = [before[i], after[j]];
    return a === undefined || b === undefined ? Number.POSITIVE_INFINITY : at(i, j) + cost(a, b);
  };
  for (let i = 0; i <= before.length; i++) {
    for (let j = 0; j <= after.length; j++) {
      if (i === 0 || j === 0) least[i * width + j] = (i + j) * gapPenalty;
      else least[i * width + j] = Math.min(pair(i - 1, j - 1), at(i - 1, j) + gapPenalty, at(i, j - 1) + gapPenalty);
    }
  }
  const aligned: Aligned<T>[] = [];
  for (let [i, j] = [before.length, after.length]; i > 0 || j > 0; ) {
    if (i > 0 && j > 0 && at(i, j) === pair(i - 1, j - 1)) {
      aligned.push({ old: before[--i] ?? null, new: after[--j] ?? null });
    } else if (i > 0 && at(i, j) === at(i - 1, j) + gapPenalty) aligned.push({ old: before[--i] ?? null, new: null });
    else aligned.push({ old: null, new: after[--j] ?? null });
  }
  return aligned.reverse();
}
