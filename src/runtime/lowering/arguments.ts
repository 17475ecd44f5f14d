import { type Arguments, isSchedule, plainArguments, type WordValue } from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import { scheduleValues } from '../../compiler/library/schedule-values.js';
import type { ScheduleTime } from '../../compiler/library/word.js';

/** A word's arguments at a moment, with schedules replaced by their values. */
export type ArgumentsAt = (time: ScheduleTime) => ResolvedArgumentsOf<Parameters>;

export type NumberAt = (time: ScheduleTime) => number;

/** Resolves a word's arguments at any moment. The result throws a RangeError for a schedule that the library lacks. */
export function argumentsAt(args: Arguments, library: Library): ArgumentsAt {
  const bare = plainArguments(args);
  const schedules = Object.entries(bare).flatMap(([name, value]) =>
    isSchedule(value) ? [{ name, at: numberAt(value, library) }] : [],
  );
  if (schedules.length === 0) return () => bare;
  return (time) => ({ ...bare, ...Object.fromEntries(schedules.map(({ name, at }) => [name, at(time)])) });
}

/** A constant, or a schedule's value at each moment. */
export function numberAt(value: number | WordValue, library: Library): NumberAt {
  if (typeof value === 'number') return () => value;
  const values = scheduleValues(library);
  return (time) => values.at(value, time);
}
