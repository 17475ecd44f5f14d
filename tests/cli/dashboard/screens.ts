import { renderToString } from 'ink';
import { createElement } from 'react';
import stringWidth from 'string-width';
import { App } from '../../../src/cli/dashboard/components/app.js';
import type { Line } from '../../../src/cli/dashboard/drawing/line.js';
import { type Theme, themeOf } from '../../../src/cli/dashboard/drawing/theme.js';
import { type Input, reduce } from '../../../src/cli/dashboard/state/reduce.js';
import { type DashboardState, initialState, type Size } from '../../../src/cli/dashboard/state/state.js';
import type { JournalEvent } from '../../../src/runtime/events.js';
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

export function following(state: DashboardState, ...events: readonly JournalEvent[]): DashboardState {
  const inputs = events.map((event): Input => ({ kind: 'event', event, now: state.now }));
  return inputs.reduce(reduce, state);
}

/** What Ink draws of a state in a terminal with such an environment; null: in no terminal, and without escape sequences. */
export function drawn(state: DashboardState, env: Readonly<Record<string, string>> | null): string {
  const after = laidOut(state);
  return drawnOnce(after, themeOf(env ?? {}, env !== null));
}

/** The state once the dashboard has said how far its text can be scrolled. */
export function laidOut(state: DashboardState): DashboardState {
  let after = state;
  const learn = (most: number) => {
    after = reduce(after, { kind: 'scroll_limit', most });
  };
  drawnOnce(state, themeOf({}, false), learn);
  return after;
}

function drawnOnce(state: DashboardState, theme: Theme, onScrollLimit: (most: number) => void = () => {}): string {
  const app = createElement(App, { state, theme, graphics: { kind: 'none' }, onKey: () => {}, onScrollLimit });
  return renderToString(app, { columns: state.size.columns });
}

/** The rows of a frame as a person reads them; one that is wider than the terminal is an error. */
export function screenOf(state: DashboardState): readonly string[] {
  const rows = drawn(state, null).split('\n');
  for (const [y, row] of rows.entries()) {
    if (stringWidth(row) > state.size.columns) throw new Error(`row ${y} is ${stringWidth(row)} wide: ${row}`);
  }
  return rows;
}

/** What a person reads of a line. */
export function toText(line: Line): string {
  return line.map(({ text }) => text).join('');
}
