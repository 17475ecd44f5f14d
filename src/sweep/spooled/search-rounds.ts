import { hasEnded } from '../../runtime/events.js';
import type { SweepRecord, SweepTrialRecord } from '../../runtime/store/sweep-records.js';
import { PointSearch } from '../plan/point-search.js';
import { pointsNeeded } from '../point-source.js';

/** The progress of a stored search: the trials that its next point depends on, and whether they have results. */
export class SearchRounds {
  /** Trials that the sweep will have. */
  readonly planned: number;
  /** Trials without a result on which the next point depends; empty without a next point. */
  readonly waitsFor: readonly number[];
  /** Whether the next point is determined by the results that there are. */
  readonly canDecide: boolean;

  private constructor(planned: number, waitsFor: readonly number[], canDecide: boolean) {
    this.planned = planned;
    this.waitsFor = waitsFor;
    this.canDecide = canDecide;
  }

  /** @throws JsonError; RangeError for a sweep that is no search */
  static of({ id, search, status }: SweepRecord, records: readonly SweepTrialRecord[]): SearchRounds {
    if (search === null) throw new RangeError(`${id} is no search`);
    const { lag, points, seeds } = PointSearch.stored(search).settings;
    const decided = records.length / seeds.length;
    // A small space may have no more points than are there.
    if (decided >= points || status === 'complete') return new SearchRounds(records.length, [], false);
    const needed = records.slice(0, pointsNeeded(decided, lag) * seeds.length);
    const waitsFor = needed.flatMap(({ trial, state }) => (hasEnded(state) && state !== 'interrupted' ? [] : trial));
    return new SearchRounds(points * seeds.length, waitsFor, waitsFor.length === 0);
  }
}
