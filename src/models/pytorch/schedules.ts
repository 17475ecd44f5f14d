import { isSchedule, ownValue, type Value, type WordValue } from '../../compiler/ir/value.js';
import { call, literal } from '../../words/python.js';
import { UnknownToPytorch } from './unsupported.js';

/** The arguments of each schedule's function after `time`, in its order. */
const signatures: Readonly<Record<string, readonly string[]>> = {
  switch: ['from', 'to', 'after', 'unit'],
  step: ['start', 'every', 'factor', 'unit'],
  exponential: ['start', 'rate', 'unit'],
  cosine: ['from', 'to', 'over', 'unit'],
  warmup: ['to', 'over', 'from', 'unit'],
};

/** A number, or a schedule's value at the moment `time`. @throws UnknownToPytorch */
export function numberAt(value: Value, time = 'time'): string {
  return isSchedule(value) ? scheduleAt(value, time) : literal(value);
}

function scheduleAt({ word, arguments: args }: WordValue, time: string): string {
  const names = ownValue(signatures, word);
  if (!names) throw new UnknownToPytorch('schedule', word);
  const given = names.map((name) => literal(args[name]?.value ?? null));
  const next = args.next?.value ?? null;
  const then = isSchedule(next) ? { next: `lambda time: ${scheduleAt(next, 'time')}` } : {};
  return call(`${word}_schedule`, [time, ...given], then);
}

/** The functions that schedules are written with, and the clock that they read. */
export const scheduleDefinitions: readonly (readonly string[])[] = [
  `
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
    return passed >= moment - moment * 2 ** -44`,
  `
def switch_schedule(time, first, second, after, unit):
    return second if reached(time.passed(unit), after) else first`,
  `
def step_schedule(time, start, every, factor, unit):
    times = time.passed(unit) / every
    whole = round(times) if abs(times - round(times)) <= round(times) * 2 ** -44 else math.floor(times)
    return start * factor ** whole`,
  `
def exponential_schedule(time, start, rate, unit):
    return start * rate ** time.passed(unit)`,
  `
def cosine_schedule(time, start, end, over, unit):
    over = time.whole(unit) if over is None else over
    passed = time.passed(unit)
    return end if passed >= over else end + (start - end) * (1 + math.cos(math.pi * passed / over)) / 2`,
  `
def warmup_schedule(time, to, over, start, unit, next=None):
    passed = time.passed(unit)
    if not reached(passed, over):
        return start + (to - start) * passed / over
    return to if next is None else next(time.after(over, unit))`,
].map((text) => text.split('\n'));

/** The definitions that some code calls. */
export function usedDefinitions(
  definitions: readonly (readonly string[])[],
  code: string,
): readonly (readonly string[])[] {
  return definitions.filter((lines) => {
    const name = /^(?:def|class) (\w+)/m.exec(lines.join('\n'))?.[1];
    return name !== undefined && new RegExp(`\\b${name}\\(`).test(code);
  });
}
