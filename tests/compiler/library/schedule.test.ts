import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/compiler/ir/value.js';
import { scheduleValues } from '../../../src/compiler/library/schedule-values.js';
import type { ScheduleTime } from '../../../src/compiler/library/word.js';
import { builtinWords } from '../../../src/words/words.js';
import { wordValue } from './word-value.js';

const values = scheduleValues(builtinWords);

/** Ten epochs of 100 steps. */
const epoch = (t: number): ScheduleTime => ({ epoch: t, step: t * 100, epochs: 10, steps: 1000 });
const schedule = (name: string, given: Readonly<Record<string, Value>>) => wordValue('schedule', name, given);
const at = (name: string, given: Readonly<Record<string, Value>>, t: number) =>
  values.at(schedule(name, given), epoch(t));

describe('schedules, by hand', () => {
  it('a number is itself', () => {
    expect(values.at(0.1, epoch(3))).toBe(0.1);
    expect(values.extent(0.1)).toEqual([0.1, 0.1]);
  });

  it('switch: momentum 0.5 in the first five epochs, 0.9 from the sixth', () => {
    const hinton = { from: 0.5, to: 0.9, after: 5 };
    expect([0, 4.99, 5, 9].map((t) => at('switch', hinton, t))).toEqual([0.5, 0.5, 0.9, 0.9]);
    expect(at('switch', { ...hinton, unit: 'steps' }, 0.04)).toBe(0.5);
    expect(at('switch', { ...hinton, unit: 'steps' }, 0.05)).toBe(0.9);
  });

  it('step: lr 1 times 0.5 after every 3 epochs', () => {
    const halved = { start: 1, every: 3, factor: 0.5 };
    expect([0, 2.9, 3, 6, 9].map((t) => at('step', halved, t))).toEqual([1, 1, 0.5, 0.25, 0.125]);
    expect(at('step', { ...halved, unit: 'steps' }, 0.06)).toBe(0.25);
  });

  it('exponential: start · rateᵗ, between epochs too', () => {
    expect(at('exponential', { start: 8, rate: 0.5 }, 3)).toBe(1);
    expect(at('exponential', { start: 8, rate: 0.25 }, 0.5)).toBeCloseTo(4, 14);
  });

  it('cosine: full at the start, half in the middle, (1 - √½)/2 after three quarters, the end value at the end', () => {
    const whole = { from: 1, to: 0 };
    expect(at('cosine', whole, 0)).toBe(1);
    expect(at('cosine', whole, 5)).toBeCloseTo(0.5, 15);
    expect(at('cosine', whole, 7.5)).toBeCloseTo((1 - Math.SQRT1_2) / 2, 15);
    expect(at('cosine', whole, 10)).toBe(0);
    expect(at('cosine', { from: 3, to: 1, over: 4 }, 2)).toBeCloseTo(2, 14);
    expect(at('cosine', { from: 3, to: 1, over: 4 }, 7)).toBe(1);
  });

  it('warmup: a straight line from zero, then what comes next with a clock of its own', () => {
    expect(at('warmup', { to: 2, over: 4 }, 0)).toBe(0);
    expect(at('warmup', { to: 2, over: 4 }, 1)).toBe(0.5);
    expect(at('warmup', { to: 2, over: 4 }, 8)).toBe(2);
    const next = schedule('cosine', { from: 2, to: 0 });
    // Eight epochs are left after the second, so the sixth is in the middle of the wave.
    expect(at('warmup', { to: 2, over: 2, next }, 2)).toBe(2);
    expect(at('warmup', { to: 2, over: 2, next }, 6)).toBeCloseTo(1, 14);
    expect(at('warmup', { to: 2, over: 2, next }, 10)).toBe(0);
    const counted = schedule('step', { start: 2, every: 50, factor: 0.5, unit: 'steps' });
    expect(at('warmup', { to: 2, over: 2, next: counted }, 2.5)).toBe(1);
  });
});

describe('schedules at their boundaries, where fractions are rounded', () => {
  /** After so many of ten steps an epoch. */
  const steps = (step: number): ScheduleTime => ({ epoch: step / 10, step, epochs: 10, steps: 100 });
  const atStep = (name: string, given: Readonly<Record<string, Value>>, step: number) =>
    values.at(schedule(name, given), steps(step));
  /** 0.30000000000000004: what `0.1 * 3` is in an experiment. */
  const third = 0.1 * 3;

  it('switch changes at the third step of ten for 0.3 and for 0.1 * 3, neither a step sooner nor later', () => {
    for (const moment of [0.3, third]) {
      expect([1, 2, 3, 4].map((step) => atStep('switch', { from: 1, to: 2, after: moment }, step))).toEqual([
        1, 1, 2, 2,
      ]);
    }
    expect([20, 21].map((step) => atStep('switch', { from: 1, to: 2, after: 0.7 * 3 }, step))).toEqual([1, 2]);
    expect(atStep('switch', { from: 1, to: 2, after: 2.9999 }, 29)).toBe(1);
    expect(atStep('switch', { from: 1, to: 2, after: 3.0001 }, 30)).toBe(1);
  });

  it('step falls at every tenth of an epoch, so that n is the number of the step', () => {
    for (let step = 0; step <= 100; step++) {
      expect(atStep('step', { start: 1, every: 0.1, factor: 0.5 }, step), String(step)).toBe(2 ** -step);
      expect(atStep('step', { start: 1, every: third, factor: 0.5 }, step)).toBe(2 ** -Math.floor(step / 3));
    }
  });

  it('what follows a warm-up begins at its start, never before it', () => {
    const next = schedule('step', { start: 2, every: 1, factor: 0.5, unit: 'steps' });
    const risen = { to: 2, over: third, next };
    expect([2, 3, 4, 5].map((step) => atStep('warmup', risen, step))).toEqual([(2 * 0.2) / third, 2, 1, 0.5]);
  });
});

describe('how long a schedule takes', () => {
  const stage = { epochs: 10, steps: 100 };
  const settles = (name: string, given: Readonly<Record<string, Value>>) =>
    values.settles(schedule(name, given), stage);
  const beyond = (name: string, given: Readonly<Record<string, Value>>) => values.beyond(schedule(name, given), stage);

  it('settles, in epochs', () => {
    expect(values.settles(3, stage)).toBe(0);
    expect(settles('switch', { from: 0, to: 1, after: 4 })).toBe(4);
    expect(settles('switch', { from: 0, to: 1, after: 40, unit: 'steps' })).toBe(4);
    expect(settles('switch', { from: 1, to: 1, after: 4 })).toBe(0);
    expect(settles('step', { start: 1, every: 3 })).toBe(9);
    expect(settles('step', { start: 1, every: 5 })).toBe(5);
    expect(settles('step', { start: 1, every: 10 })).toBe(0);
    expect(settles('exponential', { start: 1, rate: 0.5 })).toBe(Infinity);
    expect(settles('cosine', { from: 1 })).toBe(Infinity);
    expect(settles('cosine', { from: 1, over: 2 })).toBe(2);
    expect(settles('warmup', { to: 1, over: 3 })).toBe(3);
    expect(settles('warmup', { to: 1, over: 30, unit: 'steps' })).toBe(3);
    expect(settles('warmup', { to: 1, over: 3, next: schedule('switch', { from: 1, to: 0, after: 4 }) })).toBe(7);
  });

  it('says what a stage is too short for, and nothing of what ends with it', () => {
    expect(beyond('switch', { from: 0, to: 1, after: 10 })).toBe('comes to 1 after 10 epochs');
    expect(beyond('switch', { from: 0, to: 1, after: 99, unit: 'steps' })).toBeNull();
    expect(beyond('step', { start: 1, every: 100, unit: 'steps' })).toBe('falls after 100 steps for the first time');
    expect(beyond('cosine', { from: 1, over: 12 })).toBe('comes to 0 after 12 epochs');
    expect(beyond('cosine', { from: 1 })).toBeNull();
    expect(beyond('warmup', { to: 1, over: 400 })).toBe('comes to 1 after 400 epochs');
    expect(beyond('warmup', { to: 1, over: 10 })).toBeNull();
    const next = schedule('cosine', { from: 1, over: 7 });
    expect(beyond('warmup', { to: 1, over: 4, next })).toBe("goes on with 'cosine', which comes to 0 after 7 epochs");
    expect(beyond('warmup', { to: 1, over: 3, next })).toBeNull();
  });
});

describe('the extent of a schedule', () => {
  const amount = fc.double({ min: -10, max: 10, noNaN: true });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const length = fc.double({ min: 0.1, max: 20, noNaN: true });
  const unit = fc.constantFrom('epochs', 'steps');
  const simple = fc.oneof(
    fc.record({ from: amount, to: amount, after: length, unit }).map((given) => schedule('switch', given)),
    fc.record({ start: amount, every: length, factor: share, unit }).map((given) => schedule('step', given)),
    fc.record({ start: amount, rate: share, unit }).map((given) => schedule('exponential', given)),
    fc.record({ from: amount, to: amount, over: length, unit }).map((given) => schedule('cosine', given)),
    fc.record({ from: amount, to: amount }).map((given) => schedule('cosine', given)),
  );
  const any = fc.oneof(
    simple,
    fc
      .record({ to: amount, over: length, from: amount, unit, next: fc.option(simple) })
      .map((given) => schedule('warmup', given)),
  );

  it('holds every value that it takes', () => {
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 10, noNaN: true }), (value, t) => {
        const [low, high] = values.extent(value);
        const now = values.at(value, epoch(t));
        const slack = 1e-12 * Math.max(Math.abs(low), Math.abs(high), 1);
        expect(now).toBeGreaterThanOrEqual(low - slack);
        expect(now).toBeLessThanOrEqual(high + slack);
      }),
    );
  });
});
