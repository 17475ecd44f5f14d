import type { JournalEvent } from '../../../api/events.js';
import type { TrialDetails } from '../../../api/watch.js';
import { pressed } from './keys.js';
import { type DashboardState, type Size, withMessage, withUi } from './state.js';
import { happened } from './sweep-events.js';
import type { Trial } from './trial.js';

/** Inputs of the dashboard. `now` is in milliseconds of its clock. */
export type Input =
  | { readonly kind: 'event'; readonly event: JournalEvent; readonly now: number }
  /** A key by its name: `j`, `ctrl-c`, `up`, `enter`. */
  | { readonly kind: 'key'; readonly key: string; readonly now: number }
  | { readonly kind: 'resize'; readonly size: Size }
  | { readonly kind: 'tick'; readonly now: number }
  /** How many rows the view's text can be scrolled. */
  | { readonly kind: 'scroll_limit'; readonly most: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'details'; readonly trial: number; readonly details: TrialDetails }
  /** Final values of a metric for trials that had already ended, by run. */
  | { readonly kind: 'finals'; readonly metric: string; readonly values: ReadonlyMap<string, number> }
  | { readonly kind: 'said'; readonly text: string; readonly now: number }
  /** The first `count` requests of the outbox were handled. */
  | { readonly kind: 'sent'; readonly count: number };

/** Returns the state after an input. Pure: the same inputs give the same screen. */
export function reduce(state: DashboardState, input: Input): DashboardState {
  switch (input.kind) {
    case 'event':
      return happened({ ...state, now: input.now }, input.event, input.now);
    case 'key':
      return pressed({ ...state, now: input.now, touched: true }, input.key);
    case 'resize':
      return { ...state, size: input.size };
    case 'scroll_limit':
      return withUi(state, { scroll: Math.min(state.ui.scroll, input.most), scrollLimit: input.most });
    case 'tick':
      return { ...state, now: input.now };
    case 'connected':
      return { ...state, controlled: true };
    case 'details':
      return { ...state, details: new Map(state.details).set(input.trial, input.details) };
    case 'finals':
      return { ...state, trials: state.trials.map((trial) => withFinal(trial, input.metric, input.values)) };
    case 'said': {
      const line = { at: input.now - state.started, text: input.text };
      return { ...withMessage({ ...state, now: input.now }, input.text), log: [...state.log, line] };
    }
    case 'sent':
      return { ...state, outbox: state.outbox.slice(input.count) };
  }
}

/** Values from its own training take precedence. */
function withFinal(trial: Trial, metric: string, values: ReadonlyMap<string, number>): Trial {
  const value = trial.runId === null ? undefined : values.get(trial.runId);
  return value === undefined || metric in trial.final
    ? trial
    : { ...trial, final: { ...trial.final, [metric]: value } };
}
