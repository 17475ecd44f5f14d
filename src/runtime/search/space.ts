/**
 * One coordinate of a search, stretched to [0, 1). A real axis has infinitely many values; the values of the others are
 * cells of equal width, and a point is at a cell's centre. Logarithmic axes are real ones whose logarithm is stretched.
 */
export interface SearchAxis {
  readonly kind: 'real' | 'whole' | 'category';
  /** Number of values; infinite for `real`. */
  readonly values: number;
}

/** A coordinate in [0, 1) for each axis. */
export type UnitPoint = readonly number[];

/** A point that was decided, and what came of it. */
export interface Observation {
  readonly point: UnitPoint;
  /** One number per objective, less being better; infinite where the trial failed or diverged. Null until it has ended. */
  readonly costs: readonly number[] | null;
}

/** A point with its result. */
export interface Result {
  readonly point: UnitPoint;
  readonly costs: readonly number[];
}

const belowOne = 1 - 2 ** -53;

/** The nearest place of an axis: the centre of a cell, or the number itself, kept in [0, 1). */
export function placeOn({ values }: SearchAxis, unit: number): number {
  const within = Math.min(Math.max(unit, 0), belowOne);
  return Number.isFinite(values) ? (Math.min(Math.floor(within * values), values - 1) + 0.5) / values : within;
}

export function coordinate(point: UnitPoint, axis: number): number {
  const found = point[axis];
  if (found === undefined) throw new RangeError(`a point of ${point.length} coordinates has none at ${axis}`);
  return found;
}
