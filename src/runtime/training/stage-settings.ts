import { batchesOfEpoch } from '../../compiler/ir/stage-length.js';
import { type Arguments, isWordValue, type Value, type WordValue } from '../../compiler/ir/value.js';

/** What stands in the braces of `train`. */
export interface TrainSettings extends StageSettings {
  readonly stop: WordValue | null;
  readonly keep: 'last' | 'best';
  readonly clip: WordValue | null;
  /** In epochs. */
  readonly evaluateEvery: number;
  readonly evaluateTrain: boolean;
  readonly diagnosticsEvery: number;
}

/** What stands in the braces of every stage. */
export interface StageSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

/** @throws RangeError for settings that the compiler wouldn't have let through */
export function stageSettings(settings: Arguments): StageSettings {
  return {
    epochs: number(settings, 'epochs'),
    batch: number(settings, 'batch'),
    shuffle: boolean(settings, 'shuffle'),
    dropLast: boolean(settings, 'drop_last'),
  };
}

/** @throws RangeError for settings that the compiler wouldn't have let through */
export function trainSettings(settings: Arguments): TrainSettings {
  return {
    ...stageSettings(settings),
    stop: word(settings, 'stop'),
    keep: settingOf(settings, 'keep') === 'best' ? 'best' : 'last',
    clip: word(settings, 'clip'),
    evaluateEvery: number(settings, 'evaluate_every'),
    evaluateTrain: boolean(settings, 'evaluate_train'),
    diagnosticsEvery: number(settings, 'diagnostics_every'),
  };
}

/** @throws RangeError when the last batches are dropped and no whole one is left */
export function stepsPerEpoch({ batch, dropLast }: StageSettings, examples: number): number {
  const steps = batchesOfEpoch(examples, batch, dropLast);
  if (steps === 0) throw new RangeError(`an epoch of ${examples} examples has no batch of ${batch}`);
  return steps;
}

function settingOf(settings: Arguments, name: string): Value {
  return settings[name]?.value ?? null;
}

function number(settings: Arguments, name: string): number {
  const value = settingOf(settings, name);
  if (typeof value !== 'number') throw new RangeError(`the setting '${name}' is not a number`);
  return value;
}

function boolean(settings: Arguments, name: string): boolean {
  const value = settingOf(settings, name);
  if (typeof value !== 'boolean') throw new RangeError(`the setting '${name}' is neither true nor false`);
  return value;
}

function word(settings: Arguments, name: string): WordValue | null {
  const value = settingOf(settings, name);
  return isWordValue(value) ? value : null;
}
