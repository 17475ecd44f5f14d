/**
 * A box of a piecewise constant function, such as a leaf of a regression tree or a cell of a grid. The boxes partition
 * the space of all combinations of levels.
 */
export interface Box {
  /** For each parameter, a bit set of the levels it covers: bit i for level i. */
  readonly sides: Uint32Array;
  readonly value: number;
}

/** Variance decomposition of a function of the parameters; the parts are fractions of the total. */
export interface Decomposition {
  readonly mean: number;
  readonly variance: number;
  /** Main effect of each parameter: the variance of its marginal. */
  readonly mains: Float64Array;
  /** Interaction of each pair, beyond the two main effects: `[a, b]` with a < b, row-major over a. */
  readonly pairs: Float64Array;
  /** Marginal of each parameter: the mean of the function at each of its levels. */
  readonly marginals: readonly Float64Array[];
}

/**
 * Functional analysis of variance up to pairs (Hooker 2007; Hutter, Hoos and Leyton-Brown 2014, equations 2 to 7), with
 * each parameter distributed over its levels by `shares`, independently of the others.
 *
 * @param shares of each parameter's levels, which sum to 1
 */
export function decompose(boxes: readonly Box[], shares: readonly Float64Array[]): Decomposition {
  const count = shares.length;
  const marginals = shares.map((levels) => new Float64Array(levels.length));
  const joint = pairsOf(count).map(([a, b]) => new Float64Array((shares[a]?.length ?? 0) * (shares[b]?.length ?? 0)));
  let mean = 0;
  let square = 0;
  for (const { sides, value } of boxes) {
    const widths = shares.map((levels, p) => widthOf(sides[p] ?? 0, levels));
    const volume = widths.reduce((product, width) => product * width, 1);
    mean += volume * value;
    square += volume * value * value;
    marginals.forEach((marginal, p) => {
      addToLevels(marginal, sides[p] ?? 0, value * productWithout(widths, p, p));
    });
    pairsOf(count).forEach(([a, b], i) => {
      const cells = joint[i];
      if (cells)
        addToCells(cells, sides[a] ?? 0, sides[b] ?? 0, shares[b]?.length ?? 0, value * productWithout(widths, a, b));
    });
  }
  const variance = Math.max(0, square - mean * mean);
  const mains = Float64Array.from(marginals, (marginal, p) =>
    varianceOf(marginal, shares[p] ?? new Float64Array(0), mean),
  );
  const pairs = Float64Array.from(pairsOf(count), ([a, b], i) => {
    const cells = outer(shares[a] ?? new Float64Array(0), shares[b] ?? new Float64Array(0));
    return Math.max(0, varianceOf(joint[i] ?? new Float64Array(0), cells, mean) - (mains[a] ?? 0) - (mains[b] ?? 0));
  });
  return { mean, variance, mains, pairs, marginals };
}

/** `[0, 1], [0, 2], …, [1, 2], …`: the order of {@link Decomposition.pairs}. */
export function pairsOf(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, a) => a).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, i) => [a, a + 1 + i] as const),
  );
}

/** Fraction of the trials at the levels of a side. */
export function widthOf(side: number, levels: Float64Array): number {
  let width = 0;
  for (let level = 0; level < levels.length; level++) {
    if ((side >>> level) & 1) width += levels[level] ?? 0;
  }
  return width;
}

function productWithout(widths: readonly number[], a: number, b: number): number {
  return widths.reduce((product, width, p) => (p === a || p === b ? product : product * width), 1);
}

function addToLevels(marginal: Float64Array, side: number, value: number): void {
  for (let level = 0; level < marginal.length; level++) {
    if ((side >>> level) & 1) marginal[level] = (marginal[level] ?? 0) + value;
  }
}

function addToCells(cells: Float64Array, a: number, b: number, columns: number, value: number): void {
  const rows = cells.length / columns;
  for (let row = 0; row < rows; row++) {
    if (!((a >>> row) & 1)) continue;
    for (let column = 0; column < columns; column++) {
      if ((b >>> column) & 1) cells[row * columns + column] = (cells[row * columns + column] ?? 0) + value;
    }
  }
}

function varianceOf(values: Float64Array, shares: Float64Array, mean: number): number {
  return values.reduce((sum, value, i) => sum + (shares[i] ?? 0) * (value - mean) * (value - mean), 0);
}

function outer(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: a.length * b.length }, (_, i) => {
    return (a[Math.floor(i / b.length)] ?? 0) * (b[i % b.length] ?? 0);
  });
}
