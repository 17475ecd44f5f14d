import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/compiler/ir/value.js';
import { builtinLibrary } from '../../../src/compiler/library/builtin.js';
import { scheduleValues } from '../../../src/compiler/library/schedule-values.js';
import type { ScheduleTime } from '../../../src/compiler/library/word.js';
import { wordValue } from './word-value.js';

const values = scheduleValues(builtinLibrary);

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
