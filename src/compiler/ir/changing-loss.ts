import type { Library } from '../library/library.js';
import { scheduleValues } from '../library/schedule-values.js';
import type { StageLength } from '../library/word.js';
import type { ExperimentIr, TrainStage } from './experiment.js';
import { stageLength } from './stage-length.js';
import { isWordValue, type Value, type WordValue } from './value.js';

/** A schedule in a value, and the argument that it stands for. */
export interface PlacedSchedule {
  readonly schedule: WordValue;
  /** `lr`; null where it is the value itself. */
  readonly argument: string | null;
}

/** The schedules in a word's arguments, and in the words among them; those inside another schedule are its own affair. */
export function schedulesIn(value: Value, argument: string | null = null): readonly PlacedSchedule[] {
  if (!isWordValue(value)) return [];
  if (value.family === 'schedule') return [{ schedule: value, argument }];
  return Object.entries(value.arguments).flatMap(([name, inner]) => schedulesIn(inner.value, name));
}

/** What a validation measures: the loss, and what is done to the input. */
type Measured = Pick<ExperimentIr, 'loss' | 'corruption'>;

/** Whether the terms themselves change, and not their weights alone: then they are measured again for another moment. */
export function termsChange({ loss, corruption }: Measured): boolean {
  return [...loss.map((term) => term.loss), corruption].some((value) => schedulesIn(value).length > 0);
}

/** Epochs after which two validations measure the same; 0 where they always do, infinite where they never do. */
export function lossSettles({ loss, corruption }: Measured, stage: StageLength, library: Library): number {
  const values = scheduleValues(library);
  const measured: readonly Value[] = [...loss.flatMap((term) => [term.weight, term.loss]), corruption];
  const ends = measured.flatMap((value) => schedulesIn(value)).map(({ schedule }) => values.settles(schedule, stage));
  return ends.reduce((latest, end) => Math.max(latest, end), 0);
}

/** Whether a training decides by validations between which the loss changes, so that they are told apart from others. */
export function decidesByChangingLoss(ir: ExperimentIr, stage: TrainStage, library: Library): boolean {
  const { keep, stop } = stage.settings;
  if (keep?.value !== 'best' && (stop?.value ?? null) === null) return false;
  return lossSettles(ir, stageLength(stage, ir.data.train), library) > 0;
}
