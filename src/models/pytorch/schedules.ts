import { isSchedule, plainArguments, type Value, type WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { literal } from '../../words/python.js';
import type { Words } from '../../words/word.js';
import { UnknownToPytorch } from './unsupported.js';

/** A number, or a schedule's value at `time`. */
export function numberAt(value: Value, words: Words): string {
  return isSchedule(value) ? scheduled(value, words) : literal(value);
}

function scheduled({ word, arguments: args }: WordValue, words: Words): string {
  const { pytorch } = knownWord(words, 'schedule', word);
  if (!pytorch) throw new UnknownToPytorch('schedule', word);
  return pytorch.expression(plainArguments(args), 'time', { scheduled: (next) => scheduled(next, words) });
}

/** Python functions that schedules call. */
export function scheduleDefinitions({ byFamily }: Words): readonly (readonly string[])[] {
  return byFamily.schedule.flatMap(({ pytorch }) => (pytorch ? [pytorch.definition.split('\n')] : []));
}

/** The clock that schedules read. */
export const clock: readonly string[] = `
class Time:
    """Where a stage is: epochs with the part of the running one and steps, and how many there are of both."""

    def __init__(self, epoch, step, epochs, steps):
        self.epoch, self.step, self.epochs, self.steps = epoch, step, epochs, steps

    def passed(self, unit):
        return self.epoch if unit == "epochs" else self.step

    def whole(self, unit):
        return self.epochs if unit == "epochs" else self.steps

    def after(self, delay, unit):
        """The same moment for a schedule that begins later."""
        per_epoch = self.steps / self.epochs if self.epochs > 0 else 0
        steps = delay if unit == "steps" else delay * per_epoch
        epochs = delay if unit == "epochs" else delay / per_epoch if per_epoch > 0 else 0
        left = (self.epoch - epochs, self.step - steps, self.epochs - epochs, self.steps - steps)
        return Time(*(max(0, each) for each in left))


def reached(passed, moment):
    """Whether a moment has come: a difference in the last digits is rounding, not time."""
    return passed >= moment - moment * 2 ** -44`.split('\n');

/** Selects the definitions that `code` calls. */
export function usedDefinitions(
  definitions: readonly (readonly string[])[],
  code: string,
): readonly (readonly string[])[] {
  return definitions.filter((lines) => {
    const name = /^(?:def|class) (\w+)/m.exec(lines.join('\n'))?.[1];
    return name !== undefined && new RegExp(`\\b${name}\\(`).test(code);
  });
}
