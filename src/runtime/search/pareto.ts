/** Whether `a` is at least as good as `b` in every cost, and better in one. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((cost, i) => cost <= (b[i] ?? cost)) && a.some((cost, i) => cost < (b[i] ?? cost));
}

/** Indices of what nothing dominates: the Pareto front. Costs with a NaN are never on it. */
export function paretoFront(costs: readonly (readonly number[])[]): readonly number[] {
  const of = (i: number) => costs[i] ?? [];
  const known = costs.map((_, i) => i).filter((i) => of(i).every((cost) => !Number.isNaN(cost)));
  // What dominates a point comes before it, and so does something on the front.
  const front: number[] = [];
  for (const i of known.sort((a, b) => lexicographic(of(a), of(b)))) {
    if (!front.some((j) => dominates(of(j), of(i)))) front.push(i);
  }
  return front.sort((a, b) => a - b);
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  for (const [i, cost] of a.entries()) {
    const other = b[i] ?? cost;
    if (cost !== other) return cost < other ? -1 : 1;
  }
  return 0;
}

/** Rank of each: 0 on the front, 1 on the front of what is left without it, and so on (Deb et al. 2002). */
export function paretoRanks(costs: readonly (readonly number[])[]): readonly number[] {
  const ranks = new Array<number>(costs.length).fill(0);
  let left = costs.map((_, i) => i);
  for (let rank = 0; left.length > 0; rank++) {
    const front = paretoFront(left.map((i) => costs[i] ?? []));
    if (front.length === 0) {
      for (const i of left) ranks[i] = rank;
      break;
    }
    const taken = new Set(front.map((place) => left[place]));
    for (const i of left) if (taken.has(i)) ranks[i] = rank;
    left = left.filter((i) => !taken.has(i));
  }
  return ranks;
}

/**
 * Volume of what the points dominate up to a reference point, by slices along the last cost (While et al. 2006 call this HSO).
 * Points that are not better than the reference in every cost add nothing.
 */
export function hypervolume(costs: readonly (readonly number[])[], reference: readonly number[]): number {
  const dimensions = reference.length;
  const inside = costs.filter((point) => point.every((cost, i) => cost < (reference[i] ?? cost)));
  if (inside.length === 0) return 0;
  const last = dimensions - 1;
  const at = (point: readonly number[]) => point[last] ?? 0;
  if (dimensions === 1) return (reference[0] ?? 0) - Math.min(...inside.map(at));
  const sorted = [...inside].sort((a, b) => at(a) - at(b));
  let volume = 0;
  for (const [i, point] of sorted.entries()) {
    const next = sorted[i + 1];
    const depth = (next === undefined ? (reference[last] ?? 0) : at(next)) - at(point);
    if (depth <= 0) continue;
    const slice = paretoSlice(sorted.slice(0, i + 1), last);
    volume += depth * hypervolume(slice, reference.slice(0, last));
  }
  return volume;
}

function paretoSlice(points: readonly (readonly number[])[], last: number): readonly (readonly number[])[] {
  const flat = points.map((point) => point.slice(0, last));
  return paretoFront(flat).flatMap((i) => flat.slice(i, i + 1));
}

/**
 * The `count` indices that together dominate most, chosen one after another (greedy hypervolume subset selection, Guerreiro et
 * al. 2016). Ties go to the lower index.
 */
export function mostVolume(
  costs: readonly (readonly number[])[],
  count: number,
  reference: readonly number[],
): readonly number[] {
  const chosen: number[] = [];
  const left = new Set(costs.keys());
  while (chosen.length < count && left.size > 0) {
    const before = chosen.flatMap((i) => costs.slice(i, i + 1));
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const i of left) {
      const volume = hypervolume([...before, ...costs.slice(i, i + 1)], reference);
      if (volume > most) {
        most = volume;
        best = i;
      }
    }
    chosen.push(best);
    left.delete(best);
  }
  return chosen;
}
