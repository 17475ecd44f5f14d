import type { TrialStatus } from '../events.js';

/**
 * `paused`: waits within a sweep, with a checkpoint. `pruned`: a rung of its sweep decided against it. `stopped`: a
 * person did.
 */
export type RunStatus = 'running' | 'paused' | 'pruned' | 'stopped' | TrialStatus;

/** The value of a `param`, as the experiment or the command line gave it. */
export interface ParameterRecord {
  readonly name: string;
  readonly value: number | boolean | string | readonly number[] | readonly string[];
  readonly origin: 'given' | 'default';
}

/**
 * How far the evaluations and pictures of a trained run are: still to be made (by a process that may have died), made, or
 * one of them failed. Null for a run that did not train to its end, or that an older version trained.
 */
export type EvaluationState = 'pending' | 'complete' | 'failed' | null;

/** All that is known of a run before it trains. */
export interface RunDescription {
  readonly experiment: string;
  /** Path of the `.ae` file as the person gave it; null when the text came from elsewhere. */
  readonly file: string | null;
  /** The whole `.ae` text, and what it extends from other files, so that the run can be made again without the file. */
  readonly source: string;
  /** SHA-256 of the trial: IR, data, seed, backend and numerics (src/runtime/provenance/identity.ts). */
  readonly identity: string;
  /** The IR's content hash, and its canonical JSON. */
  readonly ir: { readonly sha256: string; readonly json: string };
  readonly seed: number;
  readonly backend: string;
  /** Version of the arithmetic; part of the identity. */
  readonly numerics: string;
  readonly data: { readonly name: string; readonly sha256: string };
  /** JSON of the environment (src/runtime/provenance/environment.ts). */
  readonly environment: string;
  readonly parameters: readonly ParameterRecord[];
  /** Updates after which each stage ends; a part of the identity where there is such a limit. */
  readonly maxSteps?: number | null;
  /** SHA-256 of the weights it starts from in place of drawn ones; a part of the identity where there are any. */
  readonly initialSha256?: string | null;
  /** The sweep that it is a trial of, `s3`, and which of its trials: from then on that trial's run, and running. */
  readonly trialOf?: { readonly sweep: string; readonly trial: number } | null;
  /** Of a run that is taken from elsewhere: its number there, which it keeps, null for the next one; and when it began. */
  readonly origin?: { readonly number: number | null; readonly started: string } | null;
}

/** A row of `aedsl ls`. Times are ISO 8601 in UTC. */
export interface RunSummary {
  /** `r12` */
  readonly id: string;
  readonly identity: string;
  readonly experiment: string;
  readonly file: string | null;
  readonly seed: number;
  readonly backend: string;
  readonly data: string;
  /** A run whose process died is `interrupted`. */
  readonly status: RunStatus;
  readonly started: string;
  /** When something of it was last written. */
  readonly updated: string;
  readonly finished: string | null;
  readonly seconds: number | null;
  readonly weightsSha256: string | null;
  readonly evaluation: EvaluationState;
}

export interface RunRecord extends RunSummary {
  readonly source: string;
  readonly ir: { readonly sha256: string; readonly json: string };
  readonly numerics: string;
  readonly dataSha256: string;
  readonly environment: string;
  readonly parameters: readonly ParameterRecord[];
  readonly stages: readonly StageRecord[];
  /** Number of weights that are trained; null when the run ended before it was known. */
  readonly trainableParameters: number | null;
  readonly divergence: { readonly stage: string; readonly step: number; readonly layer: string } | null;
  /** What an error said, or why the run was pruned or stopped. */
  readonly error: string | null;
  /** What failed of its evaluations and pictures, and why. */
  readonly evaluationError: string | null;
  readonly maxSteps: number | null;
  readonly initialSha256: string | null;
  /** The sweep that trained it. */
  readonly sweep: string | null;
}

/** A moment of a run that it can go on from. */
export interface CheckpointRecord {
  /** Index of the stage. */
  readonly stage: number;
  /** Steps of the stage that are done. */
  readonly step: number;
  /** Epochs of the stage that are done. */
  readonly epochs: number;
  /** Of training so far. */
  readonly seconds: number;
  /** Its name in the folder of checkpoints. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface StageRecord {
  readonly stage: string;
  /** As planned. */
  readonly epochs: number;
  readonly steps: number;
  readonly epochsDone: number;
  readonly stepsDone: number;
  /** Of its last epoch. */
  readonly stepsPerSecond: number | null;
  /** Why it ended; null while it trains or when it was interrupted. */
  readonly reason: 'complete' | 'early_stop' | 'max_steps' | null;
}

/** One metric after one epoch: `train.*`, `validation.*`, `test.*` or a diagnostic of a layer. */
export interface EpochMetric {
  readonly stage: string;
  /** From 1. */
  readonly epoch: number;
  readonly metric: string;
  readonly value: number;
}

/** Values of one metric at consecutive steps of a stage. */
export interface Series {
  /** Of `values[0]`, from 0. */
  readonly firstStep: number;
  /** float32; NaN also where nothing was recorded. */
  readonly values: Float32Array;
}

export interface SeriesBlock {
  readonly firstStep: number;
  readonly steps: number;
  /** Of the finite values; null when there is none. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Step of the first NaN or infinity. */
  readonly firstNonFinite: number | null;
}

/**
 * A file of a run: a figure by its name in the experiment (`filters(code)`), weights by which they are (`final`), the chain
 * of hashes along its training (`final`).
 */
export interface RunFile {
  readonly kind: FileKind;
  readonly name: string;
  readonly sha256: string;
  readonly extension: string;
  readonly bytes: number;
  readonly path: string;
}

export type FileKind = 'figure' | 'weights' | 'chain';

export interface LoggedEvent {
  readonly time: string;
  readonly event: string;
  /** JSON. */
  readonly detail: string;
}

/** Who writes a database. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly started: string;
}

/** Whether a run's training is over, and its evaluations and pictures are not. */
export function isUnevaluated({ evaluation }: Pick<RunSummary, 'evaluation'>): boolean {
  return evaluation === 'pending' || evaluation === 'failed';
}

/** `r12` → 12; null when it isn't written so. */
export function runNumber(id: string): number | null {
  const run = Number(id.slice(1));
  // Ten thousand ids are read so, which takes a regular expression longer.
  return run > 0 && runId(run) === id ? run : null;
}

export function runId(run: number): string {
  return `r${run}`;
}
