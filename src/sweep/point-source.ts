import { UsageError } from '../project/usage-error.js';
import {
  currentProposals,
  type PointResult,
  PointSearch,
  type PointTexts,
  pointKey,
  type SearchSettings,
} from './plan/point-search.js';
import type { SweepTrial } from './sweep-trial.js';

/** One cost per objective, less being better; null until the point's trials have ended. */
export type PointCosts = readonly number[] | null;

/** Trials of a sweep that are decided by the results of others. */
export interface PointSource {
  /** Points that the sweep will have. */
  readonly count: number;
  /** Point i depends on the results of points 0 … i − lag alone. */
  readonly lag: number;
  readonly trialsPerPoint: number;
  /**
   * The trials of the next point, one for each seed.
   * @param costs of all points before it
   * @returns null if no point is left
   * @throws UsageError for a search whose points another version of aedsl proposed
   */
  next(costs: readonly PointCosts[], note: (text: string) => void): Promise<readonly SweepTrial[] | null>;
}

/** Number of points, from the first one, that must have results before the next is proposed. @param decided number of points so far */
export function pointsNeeded(decided: number, lag: number): number {
  return Math.max(0, decided - lag + 1);
}

/** How a sweep makes trials of a point, or says why it can't: a mistake of the experiment at this point, in a sentence. */
export type MakeTrials = (
  names: readonly string[],
  point: PointTexts,
  seeds: readonly number[],
) => Promise<readonly SweepTrial[] | { readonly problem: string }>;

/** Most points in a row that can't be trained. */
const mostRefused = 1000;

/**
 * The points of a search.
 * @param text its settings, as the sweep stores them
 * @param decided points that are decided already, in order
 * @throws JsonError
 */
export function searchedPoints(text: string, decided: readonly PointTexts[], make: MakeTrials): PointSource {
  const { search, settings } = PointSearch.stored(text);
  const points = [...decided];
  const refused = new Set<string>();
  return {
    count: settings.points,
    lag: settings.lag,
    trialsPerPoint: settings.seeds.length,
    async next(costs, note) {
      if (settings.proposals !== currentProposals) throw otherProposals(points.length, settings.points);
      const history = points.map((point, i): PointResult => ({ point, costs: costs[i] ?? null }));
      for (let tried = 0; tried < mostRefused; tried++) {
        const point = search.next(history, refused);
        if (point === null) return null;
        const made = await make(search.names, point, settings.seeds);
        if (!('problem' in made)) {
          points.push(point);
          return made;
        }
        refused.add(pointKey(point));
        const values = search.names.map((name, i) => `${name}=${point[i] ?? ''}`).join(' ');
        note(`${values} is left out: ${made.problem}`);
      }
      return null;
    },
  };
}

/** The texts of a search's axes in a trial's recipe, whose params are written `rho=0.05`. */
export function pointOf(
  settings: Pick<SearchSettings, 'axes'>,
  { params, data }: { readonly params: readonly string[]; readonly data: string | null },
): PointTexts {
  return settings.axes.map(({ name }) => {
    if (name === 'data') return data ?? '';
    const written = params.find((param) => param.startsWith(`${name}=`));
    return written?.slice(name.length + 1) ?? '';
  });
}

function otherProposals(decided: number, points: number): UsageError {
  return new UsageError(
    `${decided} of ${points} points of this search were proposed by another version of aedsl, and this one would go on differently`,
    'begin a new search, or resume this one with that version; its trials stay as they are',
  );
}
