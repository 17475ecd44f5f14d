import type { Ended, ParameterValue, PruningDecision, Started, SweepAction } from '../../../api/events.js';
import { numberText } from '../../../api/text.js';
import type { TrialDetails } from '../../../api/watch.js';
import type { LogLine, Trial } from './trial.js';

/** All that the screen is made of. Times are milliseconds of the dashboard's clock; nothing here changes in place. */
export interface DashboardState {
  readonly mode: 'sweep' | 'watch';
  /** Null before the first event. */
  readonly sweep: SweepFacts | null;
  /** By number; a trial's number is its place. */
  readonly trials: readonly Trial[];
  readonly workers: readonly Worker[];
  readonly rungs: readonly PruningDecision[];
  readonly jobs: number;
  readonly log: readonly LogLine[];
  readonly done: Ended | null;
  readonly details: ReadonlyMap<number, TrialDetails>;
  readonly started: number;
  readonly now: number;
  readonly size: Size;
  /** Whether someone listens to the control keys. */
  readonly controlled: boolean;
  /** A person asked the sweep to end, and it has not yet. */
  readonly interrupting: boolean;
  /** A key was pressed since the sweep was done. */
  readonly touched: boolean;
  readonly ui: Ui;
  /** What the reducer wants done outside; whoever does it says so with `sent`. */
  readonly outbox: readonly Request[];
}

export interface SweepFacts extends Omit<Started, 'event' | 'trials'> {
  /** Names of the parameters that vary, in the order of the axes. */
  readonly varying: readonly string[];
}

export interface Worker {
  readonly worker: number;
  readonly trial: number | null;
  readonly stepsPerSecond: number | null;
  readonly bytes: number;
  /** Of the last reports, the oldest first. */
  readonly speeds: readonly number[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export const views = ['trials', 'charts', 'trial', 'layers', 'pictures', 'map', 'system'] as const;
export type View = (typeof views)[number];

export interface Ui {
  readonly view: View;
  /** The keys are shown. */
  readonly help: boolean;
  /** Number of the selected trial. */
  readonly selected: number;
  /** Trials that are overlaid in the charts. */
  readonly marked: ReadonlySet<number>;
  readonly sort: { readonly column: string; readonly descending: boolean };
  readonly filter: string;
  /** Trials that differ in their seed only are taken together. */
  readonly grouped: boolean;
  readonly prompt: Prompt | null;
  readonly chart: ChartSettings;
  /** The first row that is shown, in the views that are read like a text. */
  readonly scroll: number;
  /** How far that text can be scrolled, as last laid out. */
  readonly scrollLimit: number;
  readonly map: { readonly x: number; readonly y: number };
  /** What the last key did, or why it did nothing. */
  readonly message: { readonly text: string; readonly at: number } | null;
}

export interface ChartSettings {
  /** Name of the metric; null: the most telling. */
  readonly metric: string | null;
  readonly logarithmic: boolean;
  /** Weight of the past in the smoothed line; 0: none. */
  readonly smoothing: number;
  /** Part of the horizontal axis that is shown, from 0 to 1. */
  readonly from: number;
  readonly to: number;
}

export type Prompt =
  | { readonly kind: 'filter'; readonly text: string; readonly before: string }
  | { readonly kind: 'confirm'; readonly question: string; readonly request: Request }
  | { readonly kind: 'seeds'; readonly trial: number; readonly text: string };

export type Request =
  | { readonly kind: 'act'; readonly action: SweepAction }
  | { readonly kind: 'interrupt' }
  /** At once, without waiting for a step to end. */
  | { readonly kind: 'leave_now' }
  /** The dashboard only. */
  | { readonly kind: 'quit' }
  | { readonly kind: 'redraw' };

export const noZoom = { from: 0, to: 1 } as const;

export function initialState(mode: 'sweep' | 'watch', size: Size, now: number): DashboardState {
  return {
    mode,
    sweep: null,
    trials: [],
    workers: [],
    rungs: [],
    jobs: 0,
    log: [],
    done: null,
    details: new Map(),
    started: now,
    now,
    size,
    controlled: false,
    interrupting: false,
    touched: false,
    ui: {
      view: 'trials',
      help: false,
      selected: 0,
      marked: new Set(),
      sort: { column: 'trial', descending: false },
      filter: '',
      grouped: false,
      prompt: null,
      chart: { metric: null, logarithmic: false, smoothing: 0, ...noZoom },
      scroll: 0,
      scrollLimit: 0,
      map: { x: 0, y: 1 },
      message: null,
    },
    outbox: [],
  };
}

export function selectedTrial(state: DashboardState): Trial | null {
  return state.trials[state.ui.selected] ?? null;
}

export function withUi(state: DashboardState, ui: Partial<Ui>): DashboardState {
  return { ...state, ui: { ...state.ui, ...ui } };
}

export function withMessage(state: DashboardState, text: string): DashboardState {
  return withUi(state, { message: { text, at: state.now } });
}

export function requested(state: DashboardState, request: Request): DashboardState {
  return { ...state, outbox: [...state.outbox, request] };
}

/** As a person writes it: `0.01`, `[64, 32]`, `relu`. */
export function parameterText(value: ParameterValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'object' ? `[${value.map(String).join(', ')}]` : String(value);
}
