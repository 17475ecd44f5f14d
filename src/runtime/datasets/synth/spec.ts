/** A world of features that examples are drawn from: plain values, from which any thread makes the same one. */
export interface WorldSpec {
  readonly seed: number;
  readonly features: number;
  /** Values of an example. */
  readonly dim: number;
  /** Steps in which the features' directions move apart. */
  readonly repel: number;
  /** Rates at which features fire: those of Zipf's law with this exponent, moved to the two ends. */
  readonly exponent: number;
  readonly frequent: number;
  readonly rare: number;
  /** Strength and rank of the correlations between features that are no children. */
  readonly correlation: number;
  readonly rank: number;
  /** The first features are roots of trees; each feature of a tree above the last level has this number of children. */
  readonly trees: number;
  readonly children: number;
  readonly depth: number;
  readonly exclusive: boolean;
  /** Mean and relative deviation of an active feature's value. */
  readonly magnitude: number;
  readonly spread: number;
  /** Standard deviation of what is added to each value. */
  readonly noise: number;
}

/** The parts that are drawn apart, each with its own examples 0, 1, 2, … */
export type DrawnPart = 'train' | 'test';
