import { largest, smallest } from '../../../numerics/extremes.js';
import { choice } from '../parameter.js';
import type { ScheduleTime } from '../word.js';

export type TimeUnit = 'epochs' | 'steps';

/** What the clock of a schedule counts. */
export function unit() {
  return choice({
    doc: 'What time is counted in; `steps` are updates, from 0.',
    options: ['epochs', 'steps'],
    default: 'epochs',
  });
}

/** Since the stage began; epochs come with the part of the running one. */
export function elapsed(time: ScheduleTime, counted: TimeUnit): number {
  return counted === 'epochs' ? time.epoch : time.step;
}

/** The length of the stage. */
export function duration(time: ScheduleTime, counted: TimeUnit): number {
  return counted === 'epochs' ? time.epochs : time.steps;
}

/** The same moment as seen by a schedule that begins later: both clocks start over, and what is left is its stage. */
export function after(time: ScheduleTime, delay: number, counted: TimeUnit): ScheduleTime {
  const stepsAnEpoch = time.epochs > 0 ? time.steps / time.epochs : 0;
  const epochs = counted === 'epochs' ? delay : stepsAnEpoch > 0 ? delay / stepsAnEpoch : 0;
  const steps = counted === 'steps' ? delay : delay * stepsAnEpoch;
  return {
    epoch: time.epoch - epochs,
    step: time.step - steps,
    epochs: Math.max(0, time.epochs - epochs),
    steps: Math.max(0, time.steps - steps),
  };
}

/** The interval that holds all of these. */
export function span(...values: readonly number[]): readonly [number, number] {
  return [smallest(values), largest(values)];
}
