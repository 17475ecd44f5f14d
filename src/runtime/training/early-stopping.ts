import { plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ArgumentsOf, Parameters } from '../../compiler/library/parameter.js';
import type { StopWord } from '../../compiler/library/word.js';
import type { Metrics } from './metrics.js';
import type { TrainedLibrary } from './trained-words.js';

/** Summary of the evaluations so far, as plain data. */
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
  rule(args: ArgumentsOf<P>): StopRule;
}

/** @throws UnknownWord for an unknown rule */
export function stopRule(stop: WordValue | null, library: TrainedLibrary): StopRule {
  return stop === null ? never : knownWord(library, 'stop', stop.word).rule(plainArguments(stop.arguments));
}
