import { frameOf } from '../../../src/cli/dashboard/frame.js';
import { type Input, reduce } from '../../../src/cli/dashboard/state/reduce.js';
import { type DashboardState, initialState, type Size } from '../../../src/cli/dashboard/state/state.js';
import { cells, toText } from '../../../src/cli/dashboard/view/line.js';
import type { SweepEvent } from '../../../src/runtime/store/sweep-vocabulary.js';
import { recordedSweep, smallSweep } from './simulated-sweep.js';

const recording = recordedSweep(smallSweep);

/** The first `milliseconds` of a sweep of twelve trials. */
export function inTheMiddle(size: Size, milliseconds = 9000): DashboardState {
  const events = recording.filter(({ at }) => at <= milliseconds);
  const state = reduce(initialState('sweep', size, 0), { kind: 'connected' });
  return events.reduce((before, { at, event }) => reduce(before, { kind: 'event', event, now: at }), state);
}

export function press(state: DashboardState, ...keys: readonly string[]): DashboardState {
  return keys.reduce((before, key) => reduce(before, { kind: 'key', key, now: before.now }), state);
}

/** What is typed, a key a character. */
export function type(state: DashboardState, text: string): DashboardState {
  return press(state, ...text);
}

export function following(state: DashboardState, ...events: readonly SweepEvent[]): DashboardState {
  const inputs = events.map((event): Input => ({ kind: 'event', event, now: state.now }));
  return inputs.reduce(reduce, state);
}

/** The rows of a frame as a person reads them; what overlaps or leaves a gap is an error. */
export function screenOf(state: DashboardState): readonly string[] {
  const { columns, rows } = state.size;
  const screen = Array.from({ length: rows }, () => new Map<number, string>());
  for (const { key, rect, lines } of frameOf(state, { depth: 'none' }, false).panes) {
    if (lines.length !== rect.height) throw new Error(`${key} has ${lines.length} rows of ${rect.height}`);
    lines.forEach((line, i) => {
      const text = toText(line);
      if (cells(text) !== rect.width) throw new Error(`row ${i} of ${key} is ${cells(text)} wide, not ${rect.width}`);
      screen[rect.y + i]?.set(rect.x, text);
    });
  }
  return screen.map((parts, y) => {
    const row = [...parts]
      .sort(([a], [b]) => a - b)
      .reduce((text, [x, part]) => {
        if (cells(text) !== x) throw new Error(`row ${y} has a gap or an overlap at ${x}`);
        return text + part;
      }, '');
    if (cells(row) !== columns) throw new Error(`row ${y} is ${cells(row)} wide, not ${columns}`);
    return row;
  });
}
