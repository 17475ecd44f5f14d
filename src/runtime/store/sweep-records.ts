import type { MeasuredObjective, Objective } from '../../metrics/usual-metric.js';
import type { ParameterValue, PruningDecision, SweepAction, TrialState } from '../events.js';

/** Everything known about a sweep before its first trial trains; written durably before the engine is loaded. */
export interface SweepDescription {
  readonly name: string;
  readonly experiment: string;
  /** Path of the `.ae` file as given. */
  readonly file: string | null;
  readonly backend: string;
  readonly axes: readonly { readonly name: string; readonly values: readonly ParameterValue[] }[];
  /** The first of several. */
  readonly objective: Objective | null;
  /** The others that it is judged by. */
  readonly moreObjectives?: readonly MeasuredObjective[];
  /** Pruning settings as JSON; null without pruning. */
  readonly pruning: string | null;
  /** How its points are proposed, as JSON; null if all trials are known when it begins. */
  readonly search?: string | null;
  /** Whether to train trials that are already complete. */
  readonly forced?: boolean;
  /** `s1` or `r4`: a shorter training, from whose states the trials start; null if they train from the beginning. */
  readonly from?: string | null;
  /** Content of a safetensors file with weights that all trials start from. */
  readonly init?: Uint8Array | null;
  readonly command: string;
  readonly trials: readonly SweepTrialDescription[];
}

export interface SweepTrialDescription {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly identity: string;
  /** Recipe of the trial (src/project/recipe.ts). */
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
  readonly moreObjectives: readonly MeasuredObjective[];
  readonly pruning: string | null;
  readonly search: string | null;
  readonly forced: boolean;
  readonly from: string | null;
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
  /** `r12`; null until it trains. */
  readonly runId: string | null;
  /** Objective value of an ended trial, and the epoch it comes from; null if there is none. */
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

/** Queries on sweeps; part of the store's reader. */
export interface SweepReader {
  /** Newest first. */
  sweeps(limit?: number): readonly SweepSummary[];
  /** Finds a sweep by `s3`, by name (the newest of that name), or `last`; null if there is none. */
  sweep(idOrName: string): SweepRecord | null;
  /** In plan order. */
  sweepTrials(sweepId: string): readonly SweepTrialRecord[];
  /** Recipe of one trial; null if there is no such trial. */
  sweepRecipe(sweepId: string, trial: number): string | null;
  /** The weights that all its trials were given; null if none were. @throws StoreError for a missing or altered file */
  sweepInit(sweepId: string): Uint8Array | null;
  /** Decisions of the rungs, in order. */
  sweepDecisions(sweepId: string): readonly PruningDecision[];
  /** Actions people took, in order. */
  sweepActions(sweepId: string): readonly RecordedAction[];
}

/** Records one sweep. */
export interface SweepWriter {
  /** `s3` */
  readonly id: string;
  /** Committed with the next batch, or at once if it ends a trial. @throws StoreError */
  change(change: SweepTrialChange): void;
  /**
   * Appends trials, together with the action that requests them, atomically. Durable.
   * @param action null for trials that a search proposed
   * @returns the number of the first one. @throws StoreError
   */
  add(trials: readonly SweepTrialDescription[], action: SweepAction | null): number;
  /** Durable. @throws StoreError */
  action(action: SweepAction): void;
  /**
   * Records a rung's decision, together with the trials it ends, atomically. Durable.
   * @throws StoreError
   */
  decision(decision: PruningDecision, ends: readonly SweepTrialChange[]): void;
  /** Durable. Marks unfinished trials as `interrupted`. @throws StoreError */
  finish(status: 'complete' | 'interrupted'): void;
}
