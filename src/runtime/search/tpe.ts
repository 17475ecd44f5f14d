import type { Draws } from './draws.js';
import { mostVolume, paretoRanks } from './pareto.js';
import { ParzenEstimator } from './parzen.js';
import type { Observation, Result, SearchAxis, UnitPoint } from './space.js';

/** Results before which points are drawn from the whole space. */
export const startupResults = 10;

const candidates = 48;
const mostGood = 25;

/**
 * Proposes points by the tree-structured Parzen estimator (Bergstra et al., Algorithms for hyper-parameter optimization,
 * NeurIPS 2011): the best tenth of the results, at most 25, makes one density and everything else another; of 48 points
 * drawn from the first, the one with the highest ratio of the two is best. Axes are estimated together, and a good point
 * weighs as much as it improves on the others. Points that have no result yet are among the bad, so that those under way
 * are not proposed again. With several costs the best tenth are the first fronts, and the last of them that fits only in
 * part gives those with the largest hypervolume (Ozaki et al. 2020); good points weigh equally, and axes are estimated apart.
 *
 * @param history of all points before this one, oldest first
 * @returns points, the best first
 */
export function tpeProposals(
  axes: readonly SearchAxis[],
  history: readonly Observation[],
  draws: Draws,
): readonly UnitPoint[] {
  const [good, bad] = divided(history);
  const several = history.some(({ costs }) => (costs?.length ?? 0) > 1);
  if (!several) return ranked({ axes, good, weights: improvements(good, bad), bad, leastWidth: narrow }, draws);
  const weights = good.map(() => 1);
  const apart = axes.map((axis, i) => {
    const only = ({ point }: Pick<Observation, 'point'>) => ({ point: point.slice(i, i + 1) });
    return ranked({ axes: [axis], good: good.map(only), weights, bad: bad.map(only), leastWidth: wide }, draws);
  });
  return Array.from({ length: candidates }, (_, place) => apart.flatMap((points) => points[place] ?? []));
}

interface Divided {
  readonly axes: readonly SearchAxis[];
  readonly good: readonly Pick<Observation, 'point'>[];
  /** Weights of the good points. */
  readonly weights: readonly number[];
  readonly bad: readonly Pick<Observation, 'point'>[];
  /** Least width of the kernels around a number of points. */
  readonly leastWidth: (points: number) => number;
}

/**
 * Magic clipping (Bergstra et al. 2011) with the exponent and the least width that Watanabe (arXiv:2304.11127) adds to it.
 * With an exponent of 1 the kernels of a few good points stay too wide to refine what was found.
 */
const narrow = (points: number) => Math.max((points + 2) ** -2, 0.03);

/** Magic clipping as it was, for a front: good points are to be spread along it. */
const wide = (points: number) => 1 / Math.min(100, points + 2);

/** Draws candidates from the good points' density, and sorts them by its ratio to the other. */
function ranked({ axes, good, weights, bad, leastWidth }: Divided, draws: Draws): readonly UnitPoint[] {
  const estimator = (of: Divided['good'], weight: readonly number[]) =>
    new ParzenEstimator(
      axes,
      of.map(({ point }) => point),
      weight,
      leastWidth(of.length),
    );
  const likely = estimator(good, weights);
  const unlikely = estimator(
    bad,
    bad.map(() => 1),
  );
  return Array.from({ length: candidates }, () => likely.sample(draws))
    .map((point, i) => ({ point, i, ratio: likely.logDensity(point) - unlikely.logDensity(point) }))
    .sort((a, b) => b.ratio - a.ratio || a.i - b.i)
    .map(({ point }) => point);
}

/**
 * Weights of the good points, with a mean of 1: how much less each costs than the best of the others, which makes the ratio of
 * the densities the expected improvement (Watanabe, arXiv:2304.11127, "EI" among its weightings). Equal where none improves.
 */
function improvements(good: readonly Result[], others: readonly Observation[]): readonly number[] {
  const costOf = ({ costs }: Observation) => costs?.[0] ?? Number.POSITIVE_INFINITY;
  const threshold = others.reduce((least, one) => Math.min(least, costOf(one)), Number.POSITIVE_INFINITY);
  const raw = good.map((one) => threshold - costOf(one));
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  return raw.map((value) => (mean > 0 && Number.isFinite(mean) ? value / mean : 1));
}

/** The good observations and the others, both oldest first. */
function divided(history: readonly Observation[]): readonly [readonly Result[], readonly Observation[]] {
  const ended = history.filter((one): one is Result => one.costs !== null);
  const successes = ended.filter(({ costs }) => costs.every(Number.isFinite));
  const tenth = Math.ceil(0.1 * ended.length);
  const isSingle = ended.every(({ costs }) => costs.length === 1);
  const good = new Set<Observation>(
    isSingle ? lowest(successes, Math.min(tenth, mostGood)) : firstFronts(successes, tenth),
  );
  return [ended.filter((one) => good.has(one)), history.filter((one) => !good.has(one))];
}

function lowest(results: readonly Result[], count: number): readonly Result[] {
  return [...results]
    .map((result, i) => ({ result, i, cost: result.costs[0] ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => a.cost - b.cost || a.i - b.i)
    .slice(0, count)
    .map(({ result }) => result);
}

function firstFronts(results: readonly Result[], count: number): readonly Result[] {
  const ranks = paretoRanks(results.map(({ costs }) => costs));
  const chosen: Result[] = [];
  for (let rank = 0; chosen.length < count; rank++) {
    const front = results.filter((_, i) => ranks[i] === rank);
    if (front.length === 0) break;
    const left = count - chosen.length;
    if (front.length <= left) chosen.push(...front);
    else {
      const costs = front.map((result) => result.costs);
      chosen.push(...mostVolume(costs, left, referenceOf(costs)).flatMap((i) => front.slice(i, i + 1)));
    }
  }
  return chosen;
}

/** A little worse than the worst in every cost, as Optuna has it. */
function referenceOf(costs: readonly (readonly number[])[]): readonly number[] {
  return (costs[0] ?? []).map((_, i) => {
    const worst = Math.max(...costs.map((cost) => cost[i] ?? 0));
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
}
