/**
 * What happens while a trial trains. The training emits these and knows nobody who listens: the store writes them, a
 * reporter prints them, `--json` prints them one a line under the names of this file (see docs/events.md).
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
  /** What the loss asks metrics of layers to be, by their names: `encoder.0.mean_activation`. */
  readonly targets: Readonly<Record<string, number>>;
}

export interface StageStarted {
  readonly event: 'stage_started';
  /** `pretrain`, `pretrain_2`, …, `train`. */
  readonly stage: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** The series of a few steps, flushed together: one array of values per metric, in step order. */
export interface StepsDone {
  readonly event: 'steps';
  readonly stage: string;
  /** Of the first value, from 0. */
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

/** Which evaluations of the trained model are being made: when they begin, and once a second of long ones. */
export interface Evaluating {
  readonly event: 'evaluating';
  /** `knn`, `pca_2`; several where one pass over the test part is for all of them. */
  readonly names: readonly string[];
  /** Evaluations that were made before, of how many. */
  readonly done: number;
  readonly of: number;
  /** Of the work of these, from 0 to 1, roughly. */
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
  /** Of all weights in structural order. */
  readonly weightsSha256: string;
  /** Where a diverged trial first was not finite. */
  readonly divergence: { readonly stage: string; readonly step: number; readonly layer: string } | null;
  readonly seconds: number;
}
