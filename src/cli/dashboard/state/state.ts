import type { Ended, ParameterValue, PruningDecision, Started, SweepAction } from '../../../api/events.js';
import { numberText } from '../../../api/text.js';
import type { TrialDetails } from '../../../api/watch.js';
import type { LogLine, Trial } from './trial.js';

/** Everything the screen shows. Times are milliseconds of the dashboard's clock. Immutable. */
export interface DashboardState {
  readonly mode: 'sweep' | 'watch';
  /** Null before the first event. */
  readonly sweep: SweepFacts | null;
  /** Indexed by trial number. */
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
  /** Whether the control keys have an effect. */
  readonly controlled: boolean;
  /** The user asked the sweep to end, and it has not yet. */
  readonly interrupting: boolean;
  /** A key was pressed after the sweep ended. */
  readonly touched: boolean;
  readonly ui: Ui;
  /** Side effects that the reducer requests; `sent` confirms them. */
  readonly outbox: readonly Request[];
}

export interface SweepFacts extends Omit<Started, 'event' | 'trials'> {
  /** Varying parameters, in the order of the axes. */
  readonly varying: readonly string[];
}

export interface Worker {
  readonly worker: number;
  readonly trial: number | null;
  readonly stepsPerSecond: number | null;
  readonly bytes: number;
  /** Speeds of the last reports, oldest first. */
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
  /** Whether the help is shown. */
  readonly help: boolean;
  readonly selected: number;
  /** Trials overlaid in the charts. */
  readonly marked: ReadonlySet<number>;
  readonly sort: { readonly column: string; readonly descending: boolean };
  readonly filter: string;
  /** Whether trials that differ only in the seed share a row. */
  readonly grouped: boolean;
  readonly prompt: Prompt | null;
  readonly chart: ChartSettings;
  /** First visible row of a text view. */
  readonly scroll: number;
  /** Its maximum, as of the last layout. */
  readonly scrollLimit: number;
  readonly map: { readonly x: number; readonly y: number };
  /** Result of the last key. */
  readonly message: { readonly text: string; readonly at: number } | null;
}

export interface ChartSettings {
  /** Metric name; null for the most informative. */
  readonly metric: string | null;
  readonly logarithmic: boolean;
  /** Smoothing weight; 0 for none. */
  readonly smoothing: number;
  /** Visible part of the x axis, 0 to 1. */
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
  /** Immediately, without finishing the step. */
  | { readonly kind: 'leave_now' }
  /** Quits only the dashboard. */
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

/** For sentences: a run is a sweep of one trial. */
export function whatTrains({ sweep }: DashboardState): 'the run' | 'the sweep' {
  return sweep?.of === 'run' ? 'the run' : 'the sweep';
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

/** Formats a value: `0.01`, `[64, 32]`, `relu`. */
export function parameterText(value: ParameterValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'object' ? `[${value.map(String).join(', ')}]` : String(value);
}
