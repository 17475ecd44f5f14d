import type { TrainingEvent, TrialStatus } from '../runtime/events.js';
import type { EvaluationState } from '../runtime/store/records.js';

/** What a run tells its listeners; the names are those of `docs/events.md`. */
export type RunEvent = RunStarted | TrainingEvent | RunNote | RunResult;

export interface RunStarted {
  readonly event: 'run_started';
  /** Null for a run that is not stored. */
  readonly runId: string | null;
  readonly trialId: string;
  readonly experiment: string;
  readonly seed: number;
  readonly backend: string;
  readonly data: string;
}

/** Something a person should know, in a sentence. */
export interface RunNote {
  readonly event: 'note';
  readonly text: string;
}

/** Always the last. */
export interface RunResult {
  readonly event: 'result';
  readonly runId: string | null;
  readonly trialId: string;
  readonly status: TrialStatus;
  readonly metrics: Readonly<Record<string, number>>;
  readonly weightsSha256: string | null;
  /** Of a run that trained to its end: whether all evaluations and pictures were made. */
  readonly evaluation: EvaluationState;
}

export type Listener = (event: RunEvent) => void;
