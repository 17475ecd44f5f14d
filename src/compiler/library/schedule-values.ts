import type { Arguments, Value, WordValue } from '../ir/value.js';
import type { Library } from './library.js';
import type { ScheduleValues, ScheduleWord } from './word.js';

/** The values of schedules, found in a library by the words they name; a number is its own value at all times. */
export function scheduleValues(library: Library): ScheduleValues {
  const wordOf = (schedule: WordValue): ScheduleWord => {
    const word = library.find('schedule', schedule.word);
    if (!word) throw new RangeError(`the library has no schedule '${schedule.word}'`);
    return word;
  };
  const values: ScheduleValues = {
    at: (value, time) => (typeof value === 'number' ? value : wordOf(value).at(plain(value.arguments), time, values)),
    extent: (value) =>
      typeof value === 'number' ? [value, value] : wordOf(value).extent(plain(value.arguments), values),
    settles: (value, stage) =>
      typeof value === 'number' ? 0 : wordOf(value).settles(plain(value.arguments), stage, values),
    beyond: (value, stage) =>
      typeof value === 'number' ? null : wordOf(value).beyond(plain(value.arguments), stage, values),
  };
  return values;
}

function plain(args: Arguments): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(args).map(([name, { value }]) => [name, value]));
}

/** A share of a moment that is rounding and not time: `after=0.1 * 3` is the third of ten steps. */
const rounding = 2 ** -44;

/** Whether a moment has come. */
export function reached(passed: number, moment: number): boolean {
  return passed >= moment - moment * rounding;
}

/** How often a span of time has passed, in whole numbers: 0.3 holds three times 0.1. */
export function timesPassed(passed: number, length: number): number {
  const times = passed / length;
  const nearest = Math.round(times);
  return Math.abs(times - nearest) <= nearest * rounding ? nearest : Math.floor(times);
}
