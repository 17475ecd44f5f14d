import type { Objective, ParameterValue, PruningDecision, SweepAction, TrialState } from './sweep-vocabulary.js';

/** All that is known of a sweep before its first trial trains: written durably before the engine is loaded. */
export interface SweepDescription {
  readonly name: string;
  readonly experiment: string;
  /** Path of the `.ae` file as the person gave it. */
  readonly file: string | null;
  readonly backend: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly ParameterValue[] }[];
  readonly objective: Objective | null;
  /** JSON of how trials are pruned; null: they are not. */
  readonly pruning: string | null;
  /** Trials are trained although the same ones are complete. */
  readonly forced?: boolean;
  readonly command: string;
  readonly trials: readonly SweepTrialDescription[];
}

export interface SweepTrialDescription {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  /** The recipe of the trial (src/project/recipe.ts). */
  readonly recipe: string;
}

/** A row of the list of sweeps. Times are ISO 8601 in UTC. */
export interface SweepSummary {
  /** `s3` */
  readonly id: string;
  readonly name: string;
  readonly experiment: string;
  readonly file: string | null;
  readonly backend: string;
  readonly status: 'running' | 'complete' | 'interrupted';
  readonly started: string;
  readonly updated: string;
  readonly finished: string | null;
  readonly trials: number;
  readonly counts: Readonly<Partial<Record<TrialState, number>>>;
}

export interface SweepRecord extends SweepSummary {
  readonly axes: SweepDescription['axes'];
  readonly objective: Objective | null;
  readonly pruning: string | null;
  readonly forced: boolean;
  readonly command: string;
}

/** A trial of a sweep, with the run that holds its results. */
export interface SweepTrialRecord {
  /** From 0. */
  readonly trial: number;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  readonly state: TrialState;
  readonly reason: string | null;
  /** `r12`; null before it trains. */
  readonly runId: string | null;
  /** The metric that the sweep is about, when the trial has ended, and the epoch it is from; null where there is none. */
  readonly objective: number | null;
  readonly objectiveEpoch: number | null;
}

/** A change of a trial's state. */
export interface SweepTrialChange {
  readonly trial: number;
  readonly state: TrialState;
  readonly reason: string | null;
  readonly runId: string | null;
  readonly objective?: { readonly value: number; readonly epoch: number } | null;
}

export interface RecordedAction {
  readonly time: string;
  readonly action: SweepAction;
}

/** What can be read of sweeps; a part of the store's reader. */
export interface SweepReader {
  /** The newest first. */
  sweeps(limit?: number): readonly SweepSummary[];
  /** By `s3`, by name (the newest of that name), or `last`; null when there is none. */
  sweep(idOrName: string): SweepRecord | null;
  /** In the order of the plan. */
  sweepTrials(sweepId: string): readonly SweepTrialRecord[];
  /** The recipe of one trial; null when there is no such trial. */
  sweepRecipe(sweepId: string, trial: number): string | null;
  /** How its rungs were decided, in order. */
  sweepDecisions(sweepId: string): readonly PruningDecision[];
  /** What people did to it, in order. */
  sweepActions(sweepId: string): readonly RecordedAction[];
}

/** Records one sweep. */
export interface SweepWriter {
  /** `s3` */
  readonly id: string;
  /** Committed with the next batch; an end of a trial at once. @throws StoreError */
  change(change: SweepTrialChange): void;
  /**
   * More trials, after the others, with the action that asks for them: both or none. Durable.
   * @returns the number of the first. @throws StoreError
   */
  add(trials: readonly SweepTrialDescription[], action: SweepAction): number;
  /** Durable. @throws StoreError */
  action(action: SweepAction): void;
  /**
   * How a rung was decided, with the trials that end by it: both or none. Durable.
   * @throws StoreError
   */
  decision(decision: PruningDecision, ends: readonly SweepTrialChange[]): void;
  /** Durable; trials without an end become `interrupted`. @throws StoreError */
  finish(status: 'complete' | 'interrupted'): void;
}
