import type { Library } from '../library/library.js';
import { scheduleValues } from '../library/schedule-values.js';
import type { StageLength } from '../library/word.js';
import type { ExperimentIr, TrainStage } from './experiment.js';
import { stageLength } from './stage-length.js';
import { isWordValue, type Value, type WordValue } from './value.js';

/** A schedule in a value, with the argument it is given for. */
export interface PlacedSchedule {
  readonly schedule: WordValue;
  /** `lr`; null if it is the value itself. */
  readonly argument: string | null;
}

/** Finds the schedules in a word's arguments, including nested words, but not those inside another schedule. */
export function schedulesIn(value: Value, argument: string | null = null): readonly PlacedSchedule[] {
  if (!isWordValue(value)) return [];
  if (value.family === 'schedule') return [{ schedule: value, argument }];
  return Object.entries(value.arguments).flatMap(([name, inner]) => schedulesIn(inner.value, name));
}

/** The parts of an experiment that validation depends on: the loss, and the corruptions of the input. */
type Measured = Pick<ExperimentIr, 'loss' | 'corruptions'>;

/**
 * Returns whether the terms themselves change, rather than only their weights; if so, they are measured again at each
 * moment.
 */
export function termsChange({ loss, corruptions }: Measured): boolean {
  return [...loss.map((term) => term.loss), ...corruptions].some((value) => schedulesIn(value).length > 0);
}

/** Number of epochs after which validations are comparable; 0 if they always are, infinite if never. */
export function lossSettles({ loss, corruptions }: Measured, stage: StageLength, library: Library): number {
  const values = scheduleValues(library);
  const measured: readonly Value[] = [...loss.flatMap((term) => [term.weight, term.loss]), ...corruptions];
  const ends = measured.flatMap((value) => schedulesIn(value)).map(({ schedule }) => values.settles(schedule, stage));
  return ends.reduce((latest, end) => Math.max(latest, end), 0);
}

/**
 * Returns whether a training bases decisions on validations between which the loss changes; the canonical form marks
 * these.
 */
export function decidesByChangingLoss(ir: ExperimentIr, stage: TrainStage, library: Library): boolean {
  const { keep, stop } = stage.settings;
  if (keep?.value !== 'best' && (stop?.value ?? null) === null) return false;
  return lossSettles(ir, stageLength(stage, ir.data.train), library) > 0;
}
