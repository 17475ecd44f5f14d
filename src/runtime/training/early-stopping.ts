import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { StopWord } from '../../compiler/library/word.js';
import type { Goal } from '../../metrics/definitions.js';
import { partMetric } from '../../metrics/metric-name.js';
import type { Metrics } from './metrics.js';
import type { TrainedLibrary } from './trained-words.js';

/** Summary of the evaluations so far, as plain data. `best` is negated where larger values are better. */
export interface StopProgress {
  readonly best: number;
  /** Consecutive evaluations without an improvement. */
  readonly waited: number;
}

export const nothingSeen: StopProgress = { best: Number.POSITIVE_INFINITY, waited: 0 };

/** Decides after each evaluation of the validation part whether to stop. */
export interface StopRule {
  /** @param metrics without the name of the part */
  after(metrics: Metrics, before: StopProgress): StopProgress;
  stops(progress: StopProgress): boolean;
}

const never: StopRule = { after: (_metrics, before) => before, stops: () => false };

/** A stop word with its rule. */
export interface TrainedStop<P extends Parameters = Parameters> extends StopWord<P> {
  /** @param goalOf which values of a validation metric are better */
  rule(args: ArgumentsOf<P>, goalOf: (quantity: string) => Goal): StopRule;
}

/** @throws UnknownWord for an unknown rule */
export function stopRule(stop: WordValue | null, library: TrainedLibrary): StopRule {
  if (stop === null) return never;
  const goalOf = (quantity: string) => library.metrics.goal(partMetric('validation', quantity));
  return knownWord(library, 'stop', stop.word).rule(plainArguments(stop.arguments), goalOf);
}
