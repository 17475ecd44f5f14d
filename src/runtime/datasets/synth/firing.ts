import { pow } from '../../../numerics/float64.js';
import type { WorldSpec } from './spec.js';

/** Which features are children of which: those of a feature are consecutive. */
export interface Forest {
  /** First child of each feature that has children. */
  readonly firstChild: ReadonlyMap<number, number>;
  readonly children: number;
  readonly exclusive: boolean;
  /** Features that are no children, in order. */
  readonly free: Uint32Array;
}

type ForestSpec = Pick<WorldSpec, 'features' | 'trees' | 'children' | 'depth' | 'exclusive'>;

/** Features that trees take up: of each level all, from the roots on. */
export function featuresOfTrees({ trees, children, depth }: Omit<ForestSpec, 'features' | 'exclusive'>): number {
  let level = trees;
  let all = trees;
  for (let i = 0; i < depth; i++) {
    level *= children;
    all += level;
  }
  return all;
}

/**
 * Features 0, 1, … are the roots, the next ones the children of the first root, of the second and so on, then those
 * children's children. A feature is more frequent than its children therefore. The others are in no tree.
 */
export function forestOf(spec: ForestSpec): Forest {
  const { features, trees, children, depth, exclusive } = spec;
  const firstChild = new Map<number, number>();
  const all = trees === 0 ? 0 : featuresOfTrees(spec);
  const parents = trees === 0 || depth === 0 ? 0 : featuresOfTrees({ ...spec, depth: depth - 1 });
  for (let parent = 0; parent < parents; parent++) firstChild.set(parent, trees + parent * children);
  const free = Uint32Array.from({ length: features }, (_, i) => i).filter((i) => i < trees || i >= all);
  return { firstChild, children, exclusive, free };
}

/** `rare + (frequent - rare) (i^-a - n^-a) / (1 - n^-a)` for the features i = 1 … n. */
export function zipfRates({
  features,
  exponent,
  frequent,
  rare,
}: Pick<WorldSpec, 'features' | 'exponent' | 'frequent' | 'rare'>): Float64Array {
  const last = pow(features, -exponent);
  return Float64Array.from({ length: features }, (_, i) =>
    features === 1 || frequent === rare
      ? frequent
      : rare + ((frequent - rare) * (pow(i + 1, -exponent) - last)) / (1 - last),
  );
}

export interface Firing {
  /** Share of the examples for which each feature fires. */
  readonly rates: Float64Array;
  /** The same of those for which its parent fires; for a feature without one, of all. */
  readonly given: Float64Array;
}

/**
 * Children fire only with their parent, and yet as often as they are to fire, as far as the parent does: the children of a
 * parent that fires less often than all of them exclusively together share its firings in the ratio of their rates.
 */
export function firingRates(wanted: Float64Array, { firstChild, children, exclusive }: Forest): Firing {
  const rates = wanted.slice();
  const given = wanted.slice();
  for (const [parent, first] of firstChild) {
    const own = wanted.subarray(first, first + children);
    const rate = at(rates, parent);
    const needed = exclusive ? own.reduce((sum, each) => sum + each, 0) : own.reduce((a, b) => Math.max(a, b), 0);
    for (let child = first; child < first + children; child++) {
      const share = at(wanted, child) / Math.max(rate, needed);
      given[child] = share;
      rates[child] = rate * share;
    }
  }
  return { rates, given };
}

export function at(numbers: Float64Array | Float32Array | Uint32Array, i: number): number {
  const number = numbers[i];
  if (number === undefined) throw new RangeError(`there is no number ${i} among ${numbers.length}`);
  return number;
}
