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
 * NeurIPS 2011), with the settings of Optuna's sampler but for twice its candidates: the best tenth of the results, at
 * most 25, makes one density and everything else another; of 48 points drawn from the first, the one with the highest
 * ratio of the two is best. Axes are estimated together (multivariate). Points that have no result yet are among the bad,
 * so that those under way are not proposed again. With several costs the best tenth are the first fronts, and the last of
 * them that fits only in part gives those with the largest hypervolume (Ozaki et al. 2020), and axes are estimated apart.
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
  if (!several) return ranked(axes, good, bad, recent, draws);
  const apart = axes.map((axis, i) => {
    const only = ({ point }: Observation) => ({ point: point.slice(i, i + 1) });
    return ranked([axis], good.map(only), bad.map(only), () => 1, draws);
  });
  return Array.from({ length: candidates }, (_, place) => apart.flatMap((points) => points[place] ?? []));
}

/** Draws candidates from the good points' density, and sorts them by its ratio to the other. */
function ranked(
  axes: readonly SearchAxis[],
  good: readonly Pick<Observation, 'point'>[],
  bad: readonly Pick<Observation, 'point'>[],
  weightOfGood: (place: number, count: number) => number,
  draws: Draws,
): readonly UnitPoint[] {
  const estimator = (of: readonly Pick<Observation, 'point'>[], weight: (place: number, count: number) => number) =>
    new ParzenEstimator(
      axes,
      of.map(({ point }) => point),
      of.map((_, place) => weight(place, of.length)),
    );
  const likely = estimator(good, weightOfGood);
  const unlikely = estimator(bad, recent);
  return Array.from({ length: candidates }, () => likely.sample(draws))
    .map((point, i) => ({ point, i, ratio: likely.logDensity(point) - unlikely.logDensity(point) }))
    .sort((a, b) => b.ratio - a.ratio || a.i - b.i)
    .map(({ point }) => point);
}

/** The last 25 count fully, older ones the less, the older they are. */
function recent(place: number, count: number): number {
  const old = count - mostGood;
  if (place >= old) return 1;
  return old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * place) / (old - 1);
}

/** The good observations and the others, both oldest first. */
function divided(history: readonly Observation[]): readonly [readonly Observation[], readonly Observation[]] {
  const ended = history.filter((one): one is Result => one.costs !== null);
  const successes = ended.filter(({ costs }) => costs.every(Number.isFinite));
  const tenth = Math.ceil(0.1 * ended.length);
  const isSingle = ended.every(({ costs }) => costs.length === 1);
  const good = new Set<Observation>(
    isSingle ? lowest(successes, Math.min(tenth, mostGood)) : firstFronts(successes, tenth),
  );
  return [history.filter((one) => good.has(one)), history.filter((one) => !good.has(one))];
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
