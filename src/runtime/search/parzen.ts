import { exp, log } from '../../numerics/float64.js';
import { normalQuantile } from '../../numerics/normal-quantile.js';
import { normalTwoSided } from '../statistics/paired-tests.js';
import type { Draws } from './draws.js';
import { coordinate, placeOn, type SearchAxis, type UnitPoint } from './space.js';

/** A density on one axis. */
interface Kernel {
  sample(draws: Draws): number;
  /** Density at a place of a real axis; probability of a place of another. */
  at(place: number): number;
}

interface Component {
  readonly weight: number;
  readonly kernels: readonly Kernel[];
}

/**
 * A density estimated from points: a mixture with a component for each point and one for the prior, each a product over the axes
 * (Bergstra et al. 2011; Falkner et al. 2018 for the product). Kernels of numbers are normal distributions truncated to
 * [0, 1], as wide as the distance to the farther neighbour, and no narrower than a least width ("magic clip"); whole numbers
 * have the probability of their cells. A category has (1 + p) / (1 + kp) at the point's value and p / (1 + kp) at each
 * other, with p = 1 / (n + 1) for n points and k values (Watanabe, arXiv:2304.11127, describes both).
 */
export class ParzenEstimator {
  readonly #axes: readonly SearchAxis[];
  readonly #components: readonly Component[];

  /**
   * @param weights of the points; the prior's is 1, and their sum is scaled to 1
   * @param leastWidth of a kernel of numbers
   */
  constructor(
    axes: readonly SearchAxis[],
    points: readonly UnitPoint[],
    weights: readonly number[],
    leastWidth: number,
  ) {
    this.#axes = axes;
    const kernels = axes.map((axis, i) =>
      kernelsOf(
        axis,
        points.map((point) => coordinate(point, i)),
        leastWidth,
      ),
    );
    const all = [...weights, 1];
    const total = all.reduce((sum, weight) => sum + weight, 0);
    this.#components = all.map((weight, c) => ({
      weight: weight / total,
      kernels: kernels.map((ofAxis) => {
        const kernel = ofAxis[c];
        if (kernel === undefined) throw new RangeError(`${points.length} points have ${weights.length} weights`);
        return kernel;
      }),
    }));
  }

  sample(draws: Draws): UnitPoint {
    let left = draws.uniform();
    const component = this.#components.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    const chosen = component ?? this.#components.at(-1);
    return (chosen?.kernels ?? []).map((kernel, i) => {
      const axis = this.#axes[i];
      if (axis === undefined) throw new RangeError(`there is no axis ${i}`);
      return placeOn(axis, kernel.sample(draws));
    });
  }

  /** Natural logarithm of the density. */
  logDensity(point: UnitPoint): number {
    let density = 0;
    for (const { weight, kernels } of this.#components) {
      density += kernels.reduce((product, kernel, i) => product * kernel.at(coordinate(point, i)), weight);
    }
    return log(density);
  }
}

/** A kernel for each place, and the prior's. */
function kernelsOf(axis: SearchAxis, places: readonly number[], leastWidth: number): readonly Kernel[] {
  if (axis.kind === 'category') return categoryKernels(axis.values, places);
  const widths = widthsOf(places, leastWidth);
  const numbers = places.map((place, i) => truncatedNormal(axis, place, widths[i] ?? 1));
  return [...numbers, truncatedNormal(axis, 0.5, 1)];
}

function categoryKernels(values: number, places: readonly number[]): readonly Kernel[] {
  const prior = 1 / (places.length + 1);
  const cellOf = (place: number) => Math.floor(place * values);
  const uniform: Kernel = { sample: (draws) => draws.uniform(), at: () => 1 / values };
  const ofPlaces = places.map((place): Kernel => {
    const own = cellOf(place);
    const total = 1 + values * prior;
    return {
      sample(draws) {
        const left = draws.uniform() * total;
        return left < 1 ? place : (left - 1) / (values * prior);
      },
      at: (other) => (prior + (cellOf(other) === own ? 1 : 0)) / total,
    };
  });
  return [...ofPlaces, uniform];
}

/** The larger of the distances to both neighbours; at the outer ones only the inner neighbour counts. */
function widthsOf(places: readonly number[], least: number): readonly number[] {
  const count = places.length;
  const order = places.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0) || a - b);
  const widths = new Array<number>(count).fill(1);
  for (const [rank, i] of order.entries()) {
    const own = places[i] ?? 0;
    const before = rank === 0 ? null : (places[order[rank - 1] ?? 0] ?? 0);
    const after = rank === count - 1 ? null : (places[order[rank + 1] ?? 0] ?? 0);
    const below = own - (before ?? (count === 1 ? 0 : own));
    const above = (after ?? (count === 1 ? 1 : own)) - own;
    widths[i] = Math.min(Math.max(below, above, least), 1);
  }
  return widths;
}

/** A normal distribution truncated to [0, 1]. @param mean in [0, 1] */
function truncatedNormal(axis: SearchAxis, mean: number, deviation: number): Kernel {
  const lowest = -mean / deviation;
  const mass = normalMass(lowest, (1 - mean) / deviation);
  const scale = 1 / (mass * deviation * Math.sqrt(2 * Math.PI));
  const half = Number.isFinite(axis.values) ? 0.5 / axis.values : 0;
  const cells = new Map<number, number>();
  const probability = (place: number) => {
    const known = cells.get(place);
    if (known !== undefined) return known;
    const found = normalMass((place - half - mean) / deviation, (place + half - mean) / deviation) / mass;
    cells.set(place, found);
    return found;
  };
  return {
    sample(draws) {
      // The lower tail, which is at most a half, and a share of the mass above it.
      const p = normalTwoSided(lowest) / 2 + draws.uniform() * mass;
      return mean + deviation * normalQuantile(Math.min(p, 1 - 2 ** -53));
    },
    at(place) {
      if (half > 0) return probability(place);
      const z = (place - mean) / deviation;
      return scale * exp((-z * z) / 2);
    },
  };
}

/** P(from < Z < to) of the standard normal distribution, without cancellation in its tails. */
export function normalMass(from: number, to: number): number {
  if (from >= 0) return (normalTwoSided(from) - normalTwoSided(to)) / 2;
  if (to <= 0) return (normalTwoSided(to) - normalTwoSided(from)) / 2;
  return 1 - (normalTwoSided(from) + normalTwoSided(to)) / 2;
}
