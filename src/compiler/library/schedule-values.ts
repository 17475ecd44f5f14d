import { plainArguments, type WordValue } from '../ir/value.js';
import type { Library } from './library.js';
import type { ScheduleValues, ScheduleWord } from './word.js';

/** Evaluates schedules by looking up their words in a library; a number is constant. */
export function scheduleValues(library: Library): ScheduleValues {
  const wordOf = (schedule: WordValue): ScheduleWord => {
    const word = library.find('schedule', schedule.word);
    if (!word) throw new RangeError(`the library has no schedule '${schedule.word}'`);
    return word;
  };
  const values: ScheduleValues = {
    at: (value, time) =>
      typeof value === 'number' ? value : wordOf(value).at(plainArguments(value.arguments), time, values),
    extent: (value) =>
      typeof value === 'number' ? [value, value] : wordOf(value).extent(plainArguments(value.arguments), values),
    settles: (value, stage) =>
      typeof value === 'number' ? 0 : wordOf(value).settles(plainArguments(value.arguments), stage, values),
    beyond: (value, stage) =>
      typeof value === 'number' ? null : wordOf(value).beyond(plainArguments(value.arguments), stage, values),
  };
  return values;
}

/** Relative rounding error of times: `after=0.1 * 3` is the third of ten steps. */
const rounding = 2 ** -44;

/** Returns whether a time has been reached. */
export function reached(passed: number, moment: number): boolean {
  return passed >= moment - moment * rounding;
}

/** Counts the completed intervals, with tolerance for rounding: 0.3 contains 0.1 three times. */
export function timesPassed(passed: number, length: number): number {
  const times = passed / length;
  const nearest = Math.round(times);
  return Math.abs(times - nearest) <= nearest * rounding ? nearest : Math.floor(times);
}
