import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { batchesOfEpoch, stageLength } from '../../compiler/ir/stage-length.js';
import { type Arguments, plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { typedArguments } from '../../compiler/library/parameter.js';
import { stageSettings as ofStages, trainSettings as ofTrain } from '../../compiler/library/settings/train.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { StageStarted } from '../events.js';

/** Settings of a `train` stage. */
export interface TrainSettings extends StageSettings {
  readonly stop: WordValue | null;
  readonly keep: 'last' | 'best';
  readonly clip: WordValue | null;
  readonly resample: WordValue | null;
  /** In epochs. */
  readonly evaluateEvery: number;
  readonly evaluateTrain: boolean;
  readonly diagnosticsEvery: number;
}

/** Settings of any stage. */
export interface StageSettings {
  /** Those that it reaches into, where its length is given in steps. */
  readonly epochs: number;
  readonly batch: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

export function stageSettings(settings: Arguments): StageSettings {
  const { epochs, batch, shuffle, drop_last } = typedArguments(ofStages, plainArguments(settings));
  if (epochs === null) throw new RangeError('a stage needs epochs');
  return { epochs, batch, shuffle, dropLast: drop_last };
}

export function trainSettings(settings: Arguments): TrainSettings {
  const { stop, keep, clip, resample, ...given } = typedArguments(ofTrain, plainArguments(settings));
  return {
    ...stageSettings(settings),
    stop,
    keep,
    clip,
    resample,
    evaluateEvery: given.evaluate_every,
    evaluateTrain: given.evaluate_train,
    diagnosticsEvery: given.diagnostics_every,
  };
}

/** @throws RangeError if incomplete batches are dropped and no complete one is left */
export function stepsPerEpoch({ batch, dropLast }: StageSettings, examples: number): number {
  const steps = batchesOfEpoch(examples, batch, dropLast);
  if (steps === 0) throw new RangeError(`an epoch of ${examples} examples has no batch of ${batch}`);
  return steps;
}

/** The moment after the last stage, at which schedules in layers are evaluated once the training is over. */
export function scheduleEnd({ stages, data }: ExperimentIr): ScheduleTime {
  const last = stages.at(-1);
  if (!last) return { epoch: 0, step: 0, epochs: 0, steps: 0 };
  const { epochs, steps } = stageLength(last, data.train);
  return { epoch: epochs, step: steps, epochs, steps };
}

/** A stage's length as its first event has it: with the steps where they end within an epoch. */
export function startedAs(length: {
  readonly epochs: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
}): Pick<StageStarted, 'epochs' | 'steps' | 'stepsPerEpoch'> {
  const { epochs, steps, stepsPerEpoch: each } = length;
  return { epochs, stepsPerEpoch: each, ...(steps === epochs * each ? {} : { steps }) };
}
