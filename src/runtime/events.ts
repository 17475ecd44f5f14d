import type { Comparable, MeasuredObjective, Objective } from '../metrics/usual-metric.js';

/**
 * Events of a running sweep or run; a run is a sweep of one trial. They are emitted without knowing the listeners:
 * reporters show them, and `--json` prints them one per line (see docs/events.md).
 */
export type JournalEvent =
  | Started
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
  | Ended;

/**
 * `queued` → `running` ⇄ `paused` → one of the end states. `cached`: the same trial was already complete and is reused.
 * `pruned`: stopped by a rung. `stopped`: by a person. `interrupted`: the sweep ended first.
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

/** Returns whether a trial in this state has finished training within its sweep. */
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

export interface SweepTrialSummary {
  /** From 0, in plan order, whatever the number of workers. */
  readonly trial: number;
  /** Parameters that vary within the sweep, in the order of the axes; without `seed`. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  /** The trial's identity: the hash of everything that determines its bits. */
  readonly identity: string;
  readonly state: TrialState;
  /** Run that trains the trial or that it reuses; null before there is one. */
  readonly runId: string | null;
  /** For a trial that had ended before the observer connected: the content of its `trial_state`. */
  readonly ended?: Pick<TrialStateChanged, 'reason' | 'metrics'>;
}

/** Tells observers what the trials have in common when they begin. */
export interface ComparableChanged {
  readonly event: 'comparable';
  readonly comparable: Comparable;
}

/** The first event, except for notes of a run. */
export interface Started {
  readonly event: 'started';
  /** A run is not recorded as a sweep. */
  readonly of: 'sweep' | 'run';
  /** `s3`, or `r12` for a run; null if nothing is stored. */
  readonly id: string | null;
  readonly name: string;
  readonly experiment: string;
  readonly backend: string;
  readonly data: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly ParameterValue[] }[];
  readonly trials: readonly SweepTrialSummary[];
  /**
   * Objective that ranks the trials; null ranks them by the default metric, for display only
   * (src/metrics/usual-metric.ts).
   */
  readonly objective: Objective | null;
  /** The others of several objectives; absent for one. */
  readonly moreObjectives?: readonly MeasuredObjective[];
  readonly comparable: Comparable;
  /** What proposes the trials that are still to be decided; absent if all are known. */
  readonly search?: SearchFacts;
  /** Concurrent trials, and threads per trial. */
  readonly jobs: number;
  readonly threads: number;
}

/** A search, whose trials come one after another. */
export interface SearchFacts {
  /** `tpe` or `cmaes`. */
  readonly method: string;
  /** Point i depends on the results of points 0 … i − lag alone. */
  readonly lag: number;
  /** Trials that the sweep will have. */
  readonly trials: number;
}

/** Trials that the user added while the sweep ran, or that its search proposed, numbered after those before. */
export interface TrialsAdded {
  readonly event: 'trials_added';
  readonly trials: readonly SweepTrialSummary[];
}

export interface TrialStateChanged {
  readonly event: 'trial_state';
  readonly trial: number;
  readonly state: TrialState;
  readonly runId: string | null;
  /** A sentence, if one is needed: an error, a rung's decision, `the same trial as r12`. */
  readonly reason: string | null;
  /** For a trial that completed or was reused. */
  readonly weightsSha256: string | null;
  readonly metrics: Readonly<Record<string, number>> | null;
}

/** An event of one trial's training. */
export type TrialTraining = TrainingEvent & { readonly trial: number };

/**
 * Part of the journal that a training emits itself. It knows neither its trial's number nor its listeners; whoever runs
 * the trial adds the number.
 */
export type TrainingEvent =
  | TrialStarted
  | StageStarted
  | StepsDone
  | EpochDone
  | EvaluationDone
  | Evaluating
  | DiagnosticsDone
  | CheckpointDone
  | StageDone
  | TrialDone;

export interface TrialStarted {
  readonly event: 'trial_started';
  readonly experiment: string;
  readonly seed: number;
  readonly backend: string;
  /** Examples of each part that this trial uses. */
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly parameters: number;
  readonly stages: readonly { readonly stage: string; readonly epochs: number; readonly steps: number }[];
  /** Target values that the loss sets for layer metrics, by metric: `encoder.0.mean_activation`. */
  readonly targets: Readonly<Record<string, number>>;
}

export interface StageStarted {
  readonly event: 'stage_started';
  /** `pretrain`, `pretrain_2`, …, `train`. */
  readonly stage: string;
  /** With the last one, where the stage ends within it. */
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Updates of the stage, where it ends within an epoch: absent, it has all of its epochs. */
  readonly steps?: number;
}

/** The series of a few steps, flushed together: one array of values per metric, in step order. */
export interface StepsDone {
  readonly event: 'steps';
  readonly stage: string;
  /** Step of the first value, from 0. */
  readonly firstStep: number;
  /** `loss`, each term, `gradient_norm`, `lr`. */
  readonly series: Readonly<Record<string, Float32Array>>;
}

/** Metrics are `train.loss`, `train.mse`, … (mean over the epoch's batches). */
export interface EpochDone {
  readonly event: 'epoch';
  readonly stage: string;
  /** From 1. */
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly stepsPerSecond: number;
}

/** `validation.*` and, if asked for, `train_evaluated.*` after an epoch, or `test.*` once at the end. */
export interface EvaluationDone {
  readonly event: 'evaluation';
  readonly stage: string;
  readonly part: 'train' | 'validation' | 'test';
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Evaluations in progress on the trained model, reported when they begin and then once a second. */
export interface Evaluating {
  readonly event: 'evaluating';
  /** `knn`, `pca_2`; several if they share one pass over the test part. */
  readonly names: readonly string[];
  /** Evaluations already done, and the total. */
  readonly done: number;
  readonly of: number;
  /** Progress of the current evaluations, from 0 to 1, approximate. */
  readonly share: number;
}

/** By layer, on a fixed probe batch: `encoder.0.mean_activation`, `encoder.0.dead`, `encoder.0.morans_i`, … */
export interface DiagnosticsDone {
  readonly event: 'diagnostics';
  readonly stage: string;
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface CheckpointDone {
  readonly event: 'checkpoint';
  readonly stage: string;
  readonly step: number;
  readonly sha256: string;
}

export interface StageDone {
  readonly event: 'stage_done';
  readonly stage: string;
  readonly epochs: number;
  readonly steps: number;
  readonly reason: 'complete' | 'early_stop' | 'max_steps';
}

export type TrialStatus = 'complete' | 'diverged' | 'interrupted' | 'failed';

export interface TrialDone {
  readonly event: 'trial_done';
  readonly status: TrialStatus;
  /** The last value of every metric, and those of the kept weights. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Hash of all weights in structural order. */
  readonly weightsSha256: string;
  /** First non-finite value of a diverged trial. */
  readonly divergence: { readonly stage: string; readonly step: number; readonly layer: string } | null;
  readonly seconds: number;
}

/** Whether an event belongs to one trial's training rather than to the sweep. */
export function isTraining(event: JournalEvent): event is TrialTraining {
  switch (event.event) {
    case 'trial_started':
    case 'stage_started':
    case 'steps':
    case 'epoch':
    case 'evaluation':
    case 'evaluating':
    case 'diagnostics':
    case 'checkpoint':
    case 'stage_done':
    case 'trial_done':
      return true;
    case 'started':
    case 'comparable':
    case 'trials_added':
    case 'trial_state':
    case 'preview':
    case 'worker':
    case 'jobs':
    case 'rung':
    case 'action':
    case 'note':
    case 'ended':
      return false;
  }
}

/** Thumbnails of a trial's progress for the terminal, at most one every few seconds. */
export interface TrialPreview {
  readonly event: 'preview';
  readonly trial: number;
  /** Null for figures of the finished trial. */
  readonly moment: PictureTime | null;
  readonly pictures: readonly PreviewPicture[];
}

/** Point in training at which figures were drawn. */
export interface PictureTime {
  readonly stage: string;
  /** Last completed epoch of the stage. */
  readonly epoch: number;
}

export interface PreviewPicture {
  /** `reconstructions`, `filters(code)` */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** `[height, width, 3]`, 8 bits. */
  readonly rgb: Uint8Array;
  /** Null for an image without tiles. */
  readonly tiles: PreviewTiles | null;
}

/** Groups of tiles, `columns` per row, with one-pixel lines between all of them; the tiles of a group are stacked. */
export interface PreviewTiles {
  /** Number of groups; of a larger figure, the first ones. */
  readonly count: number;
  readonly columns: number;
  /** Tile size, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Tiles per group. */
  readonly rows: number;
}

export interface WorkerReport {
  readonly event: 'worker';
  /** From 0. */
  readonly worker: number;
  /** Null while idle. */
  readonly trial: number | null;
  readonly stepsPerSecond: number | null;
  /** Resident memory. */
  readonly bytes: number;
}

export interface JobsChanged {
  readonly event: 'jobs';
  readonly jobs: number;
}

/** Decision of a rung, independent of the number of workers, their order and interruptions. */
export interface PruningDecision {
  readonly event: 'rung';
  /** From 0. */
  readonly rung: number;
  /** Epochs of the last stage after which the rung decides. */
  readonly epoch: number;
  readonly kept: readonly number[];
  readonly pruned: readonly number[];
}

/** An action taken by the user; recorded. */
export interface ActionTaken {
  readonly event: 'action';
  readonly action: SweepAction;
}

export type SweepAction =
  | { readonly do: 'pause' | 'resume' | 'stop' | 'restart' | 'prioritise'; readonly trial: number }
  | { readonly do: 'jobs'; readonly jobs: number }
  /** More trials with the same parameters and the next seeds. */
  | { readonly do: 'add_seeds'; readonly trial: number; readonly seeds: number };

export interface SweepNote {
  readonly event: 'note';
  readonly trial: number | null;
  readonly text: string;
}

/** Always the last event. */
export interface Ended {
  readonly event: 'ended';
  readonly id: string | null;
  readonly status: 'complete' | 'interrupted';
  /** Number of trials in each end state. */
  readonly counts: Readonly<Partial<Record<TrialState, number>>>;
  /** Null also for a sweep with several objectives. */
  readonly best: number | null;
  /** With several objectives, the trials of the Pareto front: no other is at least as good in all and better in one. */
  readonly front?: readonly number[];
  /** Trials retrained by force whose bits differ from before. */
  readonly differing: readonly number[];
  /** Complete trials with a failed evaluation or figure. */
  readonly unevaluated: readonly number[];
  readonly seconds: number;
}

export type Listener = (event: JournalEvent) => void;

/** Actions that the dashboard can perform on a running sweep. */
export interface SweepControls {
  act(action: SweepAction): void;
  /** Same as the first SIGINT: every trial finishes its step and is checkpointed. */
  interrupt(): void;
}
