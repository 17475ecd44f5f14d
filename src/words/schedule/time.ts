import { choice } from '../../compiler/library/parameter.js';
import type { ScheduleTime, StageLength } from '../../compiler/library/word.js';
import { largest, smallest } from '../../numerics/extremes.js';

export type TimeUnit = 'epochs' | 'steps';

/** Time unit of a schedule. */
export function unit() {
  return choice({
    doc: 'What time is counted in; `steps` are updates, from 0.',
    options: ['epochs', 'steps'],
    default: 'epochs',
  });
}

/** Time since the stage began; epochs include the fraction of the current one. */
export function elapsed(time: ScheduleTime, counted: TimeUnit): number {
  return counted === 'epochs' ? time.epoch : time.step;
}

/** The length of the stage. */
export function duration(stage: StageLength, counted: TimeUnit): number {
  return counted === 'epochs' ? stage.epochs : stage.steps;
}

/** A length of time in epochs. */
export function inEpochs(length: number, counted: TimeUnit, stage: StageLength): number {
  return counted === 'epochs' || stage.steps === 0 ? length : (length * stage.epochs) / stage.steps;
}

/** `400 epochs`, `1 step` */
export function lengthText(length: number, counted: TimeUnit): string {
  const shown = Number(length.toPrecision(4));
  return `${shown} ${shown === 1 ? counted.slice(0, -1) : counted}`;
}

/** The same moment as seen by a schedule that begins later: both clocks start over, and what is left is its stage. */
export function after(time: ScheduleTime, delay: number, counted: TimeUnit): ScheduleTime {
  const stepsAnEpoch = time.epochs > 0 ? time.steps / time.epochs : 0;
  const epochs = counted === 'epochs' ? delay : stepsAnEpoch > 0 ? delay / stepsAnEpoch : 0;
  const steps = counted === 'steps' ? delay : delay * stepsAnEpoch;
  return {
    epoch: Math.max(0, time.epoch - epochs),
    step: Math.max(0, time.step - steps),
    epochs: Math.max(0, time.epochs - epochs),
    steps: Math.max(0, time.steps - steps),
  };
}

/** The stage of a schedule that begins later. */
export function rest(stage: StageLength, delay: number, counted: TimeUnit): StageLength {
  return after({ ...stage, epoch: 0, step: 0 }, delay, counted);
}

/** The interval that holds all of these. */
export function span(...values: readonly number[]): readonly [number, number] {
  return [smallest(values), largest(values)];
}
