import { normalQuantile } from '../../numerics/normal-quantile.js';
import { adapted, type Distribution, firstDistribution, generationSize, sampled } from './cma-es.js';
import { drawsOf, evenNumber } from './draws.js';
import { coordinate, type Observation, placeOn, type SearchAxis, type UnitPoint } from './space.js';
import { startupResults, tpeProposals } from './tpe.js';

export const searchMethods = ['tpe', 'cmaes'] as const;
/** Tree-structured Parzen estimator, or covariance matrix adaptation. */
export type SearchMethod = (typeof searchMethods)[number];

/** What a search does, but for the results. */
export interface SearchPlan {
  readonly method: SearchMethod;
  readonly axes: readonly SearchAxis[];
  readonly seed: number;
  /** The point of number i depends on the results of 0 … i − lag alone. At least 1. */
  readonly lag: number;
}

/** Proposals in a row that may be taken already before points are drawn from the whole space. */
const mostTries = 32;

/** Draws from the whole space that may be taken already; with so many there is hardly a point left. */
const mostDraws = 100_000;

/**
 * The next point of a search: a pure function of the plan and the results. Results after number i − lag are not looked at, so it
 * makes no difference which of them are there.
 *
 * @param history all points before it, in their order
 * @param isTaken points not to be proposed: those of the history, which has each of them once, and those that cannot be trained
 * @returns null if no point is left
 */
export function nextPoint(
  plan: SearchPlan,
  history: readonly Observation[],
  isTaken: (point: UnitPoint) => boolean,
): UnitPoint | null {
  const number = history.length;
  const known = history.map(({ point, costs }, i): Observation => {
    if (i > number - plan.lag) return { point, costs: null };
    if (costs === null)
      throw new RangeError(`point ${number} depends on the result of point ${i}, which has not ended`);
    return { point, costs };
  });
  const propose = proposer(plan, known);
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const free = propose(attempt).find((point) => !isTaken(point));
    if (free !== undefined) return free;
  }
  const draws = drawsOf(plan.seed, number, mostTries, 'proposal');
  for (let i = 0; i < mostDraws; i++) {
    const point = plan.axes.map((axis) => placeOn(axis, draws.uniform()));
    if (!isTaken(point)) return point;
  }
  return null;
}

type Propose = (attempt: number) => readonly UnitPoint[];

function proposer(plan: SearchPlan, history: readonly Observation[]): Propose {
  switch (plan.method) {
    case 'tpe':
      return tpeProposer(plan, [...plan.axes.keys()], history, 'proposal');
    case 'cmaes':
      return cmaesProposer(plan, history);
  }
}

/** @param places of the axes among all of the search */
function tpeProposer(
  { axes, seed }: SearchPlan,
  places: readonly number[],
  history: readonly Observation[],
  purpose: 'proposal' | 'category',
): Propose {
  const number = history.length;
  const isStarting = history.filter(({ costs }) => costs !== null).length < startupResults;
  return (attempt) => {
    const draws = drawsOf(seed, number, attempt, purpose);
    if (!isStarting) return tpeProposals(axes, history, draws);
    const unit = (i: number) => (attempt === 0 ? evenNumber(seed, number, places[i] ?? i) : draws.uniform());
    return [axes.map((axis, i) => placeOn(axis, unit(i)))];
  };
}

/** First step size: the ends of the space are three deviations from its middle (Hansen, arXiv:1604.00772, figure 6). */
const firstStep = 1 / 6;

/**
 * Numbers come from CMA-ES, where whole ones are rounded to their cells and told as such. Its normal numbers are those of Sobol's
 * sequence, which cover a generation's directions more evenly than independent ones (Teytaud and Gelly, DCMA, GECCO 2007).
 * Categories have no order that it could use, so TPE chooses them by their own results.
 */
function cmaesProposer(plan: SearchPlan, history: readonly Observation[]): Propose {
  const { axes, seed } = plan;
  const number = history.length;
  const indices = axes.map((_, i) => i);
  const numbers = indices.filter((i) => axes[i]?.kind !== 'category');
  const categories = indices.filter((i) => axes[i]?.kind === 'category');
  const distribution = distributionAfter(history, numbers);
  const chooses = tpeProposer(
    { ...plan, axes: categories.flatMap((i) => axes.slice(i, i + 1)) },
    categories,
    history.map(({ point, costs }) => ({ point: onAxes(point, categories), costs })),
    'category',
  );
  return (attempt) => {
    const draws = drawsOf(seed, number, attempt, 'proposal');
    let isFirst = attempt === 0;
    const normals = () => {
      const isEven = isFirst;
      isFirst = false;
      return numbers.map((axis) => (isEven ? normalQuantile(evenNumber(seed, number, axis)) : draws.normal()));
    };
    const drawn = sampled(distribution, 1 + attempt / 8, normals);
    const chosen = categories.length === 0 ? [] : (chooses(attempt)[0] ?? []);
    const point = axes.map((axis, i) => {
      const [from, place] = axis.kind === 'category' ? [chosen, categories] : [drawn, numbers];
      return placeOn(axis, coordinate(from, place.indexOf(i)));
    });
    return [point];
  };
}

/** After all generations whose results are known, the first points of the history first. */
function distributionAfter(history: readonly Observation[], axes: readonly number[]): Distribution {
  const size = generationSize(axes.length);
  let distribution = firstDistribution(axes.length, firstStep);
  for (let first = 0; first + size <= history.length; first += size) {
    const generation = history.slice(first, first + size);
    const population = generation.flatMap(({ point, costs }) =>
      costs === null ? [] : [{ point: onAxes(point, axes), cost: costs[0] ?? Number.POSITIVE_INFINITY }],
    );
    if (population.length < size) break;
    distribution = adapted(distribution, population);
  }
  return distribution;
}

function onAxes(point: UnitPoint, axes: readonly number[]): UnitPoint {
  return axes.map((axis) => coordinate(point, axis));
}
