import type { Objective } from '../../../api/metrics.js';
import { largest, type Summary, smallest, summarize } from '../../../api/statistics.js';
import { comparableScores } from './metrics.js';
import type { Trial } from './trial.js';

/** A setting summarised over seeds trained to the end. */
export interface SettingSummary {
  /** One value per seed that has one. */
  readonly values: readonly number[];
  /** Null before there is a value. */
  readonly summary: Summary | null;
  readonly best: number | null;
}

export function settingSummary(trials: readonly Trial[], objective: Objective): SettingSummary {
  const values = comparableScores(trials, objective);
  if (values.length === 0) return { values, summary: null, best: null };
  return {
    values,
    summary: summarize(values),
    best: objective.goal === 'min' ? smallest(values) : largest(values),
  };
}
