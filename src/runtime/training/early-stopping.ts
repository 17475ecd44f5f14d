import { ownValue, type WordValue } from '../../compiler/ir/value.js';
import { bareArguments } from '../lowering/arguments.js';
import type { Metrics } from './metrics.js';

/** The evaluations so far, as plain data. */
export interface StopProgress {
  readonly best: number;
  /** Evaluations in a row without an improvement. */
  readonly waited: number;
}

export const nothingSeen: StopProgress = { best: Number.POSITIVE_INFINITY, waited: 0 };

/** Decides after each evaluation of the validation part whether the training goes on. */
export interface StopRule {
  /** @param metrics without the name of the part */
  after(metrics: Metrics, before: StopProgress): StopProgress;
  stops(progress: StopProgress): boolean;
}

const never: StopRule = { after: (_metrics, before) => before, stops: () => false };

/** @throws RangeError for a word that isn't known */
export function stopRule(stop: WordValue | null): StopRule {
  if (stop === null) return never;
  if (stop.word !== 'early') throw new RangeError(`no lowering for the stop rule '${stop.word}'`);
  const { patience, metric, min_delta: minDelta } = bareArguments(stop.arguments);
  if (typeof patience !== 'number' || typeof metric !== 'string' || typeof minDelta !== 'number') {
    throw new RangeError("the arguments of 'early' are not what the compiler gives");
  }
  return earlyStopping(patience, metric, minDelta);
}

/** Stops after `patience` evaluations in a row that are not better than the best by more than `minDelta`. */
export function earlyStopping(patience: number, metric: string, minDelta: number): StopRule {
  return {
    after(metrics, { best, waited }) {
      const value = ownValue(metrics, metric);
      if (value === undefined) throw new RangeError(`the validation has no metric '${metric}'`);
      return value < best - minDelta ? { best: value, waited: 0 } : { best, waited: waited + 1 };
    },
    stops: ({ waited }) => waited >= patience,
  };
}
