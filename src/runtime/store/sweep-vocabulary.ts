import type { Comparable } from '../../metrics/usual-metric.js';
import type { TrainingEvent } from '../events.js';

/**
 * What happens while a sweep runs. The scheduler emits these and knows nobody who listens: the store writes them, the
 * dashboard and the plain reporter show them, `--json` prints them one a line (see docs/events.md).
 */
export type SweepEvent =
  | SweepStarted
  | ComparableChanged
  | TrialsAdded
  | TrialStateChanged
  | TrialTraining
  | TrialPreview
  | WorkerReport
  | JobsChanged
  | PruningDecision
  | ActionTaken
  | SweepNote
  | SweepDone;

/**
 * `queued` → `running` ⇄ `paused` → one of the ends. `cached`: the same trial was complete already, and is reused.
 * `pruned`: a rung decided against it. `stopped`: a person did. `interrupted`: the sweep ended before it.
 */
export type TrialState =
  | 'queued'
  | 'running'
  | 'paused'
  | 'complete'
  | 'cached'
  | 'diverged'
  | 'failed'
  | 'pruned'
  | 'stopped'
  | 'interrupted';

/** Whether a trial in this state will not train any further in its sweep. */
export function hasEnded(state: TrialState): boolean {
  switch (state) {
    case 'queued':
    case 'running':
    case 'paused':
      return false;
    case 'complete':
    case 'cached':
    case 'diverged':
    case 'failed':
    case 'pruned':
    case 'stopped':
    case 'interrupted':
      return true;
  }
}

export type ParameterValue = number | boolean | string | readonly number[] | readonly string[];

/** Which metric a sweep is about. */
export interface Objective {
  /** `validation.loss` */
  readonly metric: string;
  readonly goal: 'min' | 'max';
  /** The best over the epochs, or the last. */
  readonly of: 'best' | 'last';
}

export interface SweepTrialSummary {
  /** From 0, in the order of the plan; it never depends on the number of workers. */
  readonly trial: number;
  /** The parameters that vary within the sweep, in the order of the axes; without `seed`. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  /** The trial's identity: the hash of everything that decides its bits. */
  readonly identity: string;
  readonly state: TrialState;
  /** Of the run that trains it or that it reuses; null before there is one. */
  readonly runId: string | null;
  /** Of a trial that had ended before anybody looked: what `trial_state` would have said. */
  readonly ended?: Pick<TrialStateChanged, 'reason' | 'metrics'>;
}

/** Who follows a sweep from outside learns what trials have in common when they begin. */
export interface ComparableChanged {
  readonly event: 'comparable';
  readonly comparable: Comparable;
}

/** Always the first. */
export interface SweepStarted {
  readonly event: 'sweep_started';
  /** `s3`; null for one that is not stored. */
  readonly sweepId: string | null;
  readonly name: string;
  readonly experiment: string;
  readonly backend: string;
  readonly data: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly ParameterValue[] }[];
  readonly trials: readonly SweepTrialSummary[];
  /** The objective that orders tables; null: the usual metric orders them, for display only (src/metrics/usual-metric.ts). */
  readonly objective: Objective | null;
  readonly comparable: Comparable;
  /** Trials that train at one time, and threads of each. */
  readonly jobs: number;
  readonly threads: number;
}

/** Trials that a person added while the sweep ran; their numbers follow those of the plan. */
export interface TrialsAdded {
  readonly event: 'trials_added';
  readonly trials: readonly SweepTrialSummary[];
}

export interface TrialStateChanged {
  readonly event: 'trial_state';
  readonly trial: number;
  readonly state: TrialState;
  readonly runId: string | null;
  /** Why, in a sentence, where it needs one: an error, a rung's decision, `the same trial as r12`. */
  readonly reason: string | null;
  /** Of a trial that reached its end, or that was reused. */
  readonly weightsSha256: string | null;
  readonly metrics: Readonly<Record<string, number>> | null;
}

/** What a trial's training says of itself. */
export interface TrialTraining {
  readonly event: 'trial_event';
  readonly trial: number;
  readonly training: TrainingEvent;
}

/** Small pictures of where a trial stands, for the terminal: at most one a few seconds. */
export interface TrialPreview {
  readonly event: 'preview';
  readonly trial: number;
  /** Null: they are those of its end. */
  readonly moment: PictureMoment | null;
  readonly pictures: readonly PreviewPicture[];
}

/** When pictures of a trial were drawn. */
export interface PictureMoment {
  readonly stage: string;
  /** The last of the stage that was complete. */
  readonly epoch: number;
}

export interface PreviewPicture {
  /** `reconstructions`, `filters(code)` */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, 8 bits. */
  readonly rgb: Uint8Array;
  /** Null for a picture that is one whole. */
  readonly tiles: PreviewTiles | null;
}

/** Groups of tiles in rows of `columns`, with a line of one pixel between all of them; a group is one tile above another. */
export interface PreviewTiles {
  /** Groups; of a figure with more of them, the first. */
  readonly count: number;
  readonly columns: number;
  /** Of a tile. */
  readonly width: number;
  readonly height: number;
  /** Tiles of a group. */
  readonly rows: number;
}

export interface WorkerReport {
  readonly event: 'worker';
  /** From 0. */
  readonly worker: number;
  /** Null while it has none. */
  readonly trial: number | null;
  readonly stepsPerSecond: number | null;
  /** Resident memory. */
  readonly bytes: number;
}

export interface JobsChanged {
  readonly event: 'jobs';
  readonly jobs: number;
}

/** A rung was decided; the same for any number of workers, any order and any interruption. */
export interface PruningDecision {
  readonly event: 'rung';
  /** From 0. */
  readonly rung: number;
  /** Epochs of the last stage after which it is decided. */
  readonly epoch: number;
  readonly kept: readonly number[];
  readonly pruned: readonly number[];
}

/** Something that a person did; recorded. */
export interface ActionTaken {
  readonly event: 'action';
  readonly action: SweepAction;
}

export type SweepAction =
  | { readonly do: 'pause' | 'resume' | 'stop' | 'restart' | 'prioritise'; readonly trial: number }
  | { readonly do: 'jobs'; readonly jobs: number }
  /** Another trial of the same parameters with the next seeds. */
  | { readonly do: 'add_seeds'; readonly trial: number; readonly seeds: number };

export interface SweepNote {
  readonly event: 'note';
  readonly trial: number | null;
  readonly text: string;
}

/** Always the last. */
export interface SweepDone {
  readonly event: 'sweep_done';
  readonly sweepId: string | null;
  readonly status: 'complete' | 'interrupted';
  /** How many trials ended in each state. */
  readonly counts: Readonly<Partial<Record<TrialState, number>>>;
  readonly best: number | null;
  /** Trials that were trained again by force, and to other bits than before. */
  readonly differing: readonly number[];
  /** Trials that are complete, but for an evaluation or a picture that failed. */
  readonly unevaluated: readonly number[];
  readonly seconds: number;
}

export type SweepListener = (event: SweepEvent) => void;

/** What the dashboard may ask of a running sweep. */
export interface SweepControls {
  act(action: SweepAction): void;
  /** As the first SIGINT: every trial finishes its step and is checkpointed. */
  interrupt(): void;
}
