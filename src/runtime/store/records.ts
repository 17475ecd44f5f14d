import type { TrialStatus } from '../events.js';

/**
 * `paused`: waiting within a sweep, with a checkpoint. `pruned`: stopped by a rung of its sweep. `stopped`: by a
 * person.
 */
export type RunStatus = 'running' | 'paused' | 'pruned' | 'stopped' | TrialStatus;

/** Value of a `param`, as given by the experiment or the command line. */
export interface ParameterRecord {
  readonly name: string;
  readonly value: number | boolean | string | readonly number[] | readonly string[];
  readonly origin: 'given' | 'default';
}

/**
 * State of a trained run's evaluations and figures: pending (possibly in a process that died), complete, or at least
 * one failed. Null if the run did not train to its end, or was trained by an older version.
 */
export type EvaluationState = 'pending' | 'complete' | 'failed' | null;

/** Everything known about a run before it trains. */
export interface RunDescription {
  readonly experiment: string;
  /** Path of the `.ae` file as given; null if the text came from elsewhere. */
  readonly file: string | null;
  /** Full `.ae` text, including what it extends from other files, so that the run can be repeated without the file. */
  readonly source: string;
  /** SHA-256 of the trial: IR, data, seed, backend and numerics (src/runtime/provenance/identity.ts). */
  readonly identity: string;
  /** The IR's content hash, and its canonical JSON. */
  readonly ir: { readonly sha256: string; readonly json: string };
  readonly seed: number;
  readonly backend: string;
  /** Version of the numerics; part of the identity. */
  readonly numerics: string;
  readonly data: { readonly name: string; readonly sha256: string };
  /** JSON of the environment (src/runtime/provenance/environment.ts). */
  readonly environment: string;
  readonly parameters: readonly ParameterRecord[];
  /** Updates after which each stage ends; part of the identity if set. */
  readonly maxSteps?: number | null;
  /** SHA-256 of the weights that replace the drawn ones; part of the identity if set. */
  readonly initialSha256?: string | null;
  /**
   * Sweep (`s3`) and index of the trial that this run trains. The trial is then assigned this run and marked as
   * running.
   */
  readonly trialOf?: { readonly sweep: string; readonly trial: number } | null;
  /** For an imported run: the number to keep (null for the next one) and the start time. */
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
  /** `interrupted` if its process died. */
  readonly status: RunStatus;
  readonly started: string;
  /** Time of the last write. */
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
  /** Null if the run ended before it was known. */
  readonly trainableParameters: number | null;
  readonly divergence: { readonly stage: string; readonly step: number; readonly layer: string } | null;
  /** An error message, or why the run was pruned or stopped. */
  readonly error: string | null;
  /** Which of its evaluations and figures failed, and why. */
  readonly evaluationError: string | null;
  readonly maxSteps: number | null;
  readonly initialSha256: string | null;
  readonly sweep: string | null;
}

/** A point from which a run can resume. */
export interface CheckpointRecord {
  /** Index of the stage. */
  readonly stage: number;
  /** Completed steps of the stage. */
  readonly step: number;
  /** Completed epochs of the stage. */
  readonly epochs: number;
  /** Training time so far. */
  readonly seconds: number;
  /** File name in the checkpoints folder. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface StageRecord {
  readonly stage: string;
  /** Planned epochs. */
  readonly epochs: number;
  readonly steps: number;
  readonly epochsDone: number;
  readonly stepsDone: number;
  /** Rate of the last epoch. */
  readonly stepsPerSecond: number | null;
  /** Why it ended; null while it trains, or if it was interrupted. */
  readonly reason: 'complete' | 'early_stop' | 'max_steps' | null;
}

/** One metric after one epoch: `train.*`, `validation.*`, `test.*` or a layer diagnostic. */
export interface EpochMetric {
  readonly stage: string;
  /** From 1. */
  readonly epoch: number;
  readonly metric: string;
  readonly value: number;
}

/** Values of one metric at consecutive steps of a stage. */
export interface Series {
  /** Step of `values[0]`, from 0. */
  readonly firstStep: number;
  /** float32; NaN also stands for missing values. */
  readonly values: Float32Array;
}

export interface SeriesBlock {
  readonly firstStep: number;
  readonly steps: number;
  /** Minimum of the finite values; null if there are none. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Step of the first non-finite value. */
  readonly firstNonFinite: number | null;
}

/**
 * A file of a run: a figure by its name in the experiment (`filters(code)`), weights by their role (`final`), or the
 * chain of hashes recorded during training (`final`).
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

/** A process that writes a database. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly started: string;
}

/** Returns whether a run has finished training but not its evaluations and figures. */
export function isUnevaluated({ evaluation }: Pick<RunSummary, 'evaluation'>): boolean {
  return evaluation === 'pending' || evaluation === 'failed';
}

/** Parses a run id: `r12` → 12; null if malformed. */
export function runNumber(id: string): number | null {
  const run = Number(id.slice(1));
  // Cheaper than a regular expression for ten thousand ids.
  return run > 0 && runId(run) === id ? run : null;
}

export function runId(run: number): string {
  return `r${run}`;
}
