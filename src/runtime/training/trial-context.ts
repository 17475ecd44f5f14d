import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import type { Network } from '../lowering/network.js';
import type { Evaluator } from './evaluation.js';
import type { Examples } from './examples.js';
import type { HashChain } from './hash-chain.js';
import type { WeightValues } from './initial-weights.js';
import type { Metrics } from './metrics.js';
import type { StageProgress } from './state.js';
import type { TrainedLibrary } from './trained-words.js';
import type { TrialRecord } from './trial-record.js';
import type { WeightStore } from './weight-store.js';

/** Shared by the stages of a trial. */
export interface TrialContext {
  readonly experiment: ExperimentIr;
  readonly network: Network;
  readonly weights: WeightStore;
  /** What weights started from, of those whose constraint sees it. */
  readonly starts: WeightValues;
  readonly examples: Examples;
  readonly evaluator: Evaluator;
  readonly seed: number;
  readonly library: TrainedLibrary;
  readonly record: TrialRecord;
  readonly chain: HashChain;
  readonly signal: AbortSignal | null;
  /** Most steps per stage; null for as many as its epochs take. */
  readonly maxSteps: number | null;
  /** Milliseconds since an arbitrary moment. Affects only what is displayed. */
  readonly clock: () => number;
  /** Tells the person something about the training; null if nobody is to be told. */
  readonly note: ((text: string) => void) | null;
  /** Metrics that measures take on the validation part, without its prefix. @param weights without statistics */
  readonly measureValidation: (weights: WeightValues) => Promise<Metrics>;
  /** Called after every step, once everything that belongs to it is done. */
  readonly afterStep: (progress: () => StageProgress, step: number) => void;
}

/** How a stage ended. */
export type StageEnd =
  | { readonly reason: 'complete' | 'early_stop' | 'max_steps' | 'interrupted' }
  | { readonly reason: 'diverged'; readonly step: number; readonly layer: string };

/** A view of a stage between two steps. */
export interface StageView {
  /** Weights of the whole network, including those that a layer in pretraining would hand over now. */
  readonly weights: WeightValues;
  /** Completed epochs of the stage. */
  readonly epochs: number;
  /** Index of the encoder layer in pretraining; null if the whole network is trained. */
  readonly layer: number | null;
}

/** A running stage of a trial. */
export interface StageRun {
  /** Trains until the stage ends, for whatever reason. */
  run(): Promise<StageEnd>;
  progress(): StageProgress;
  /** Whether no step has begun to change anything, so that a training can go on from `progress`. */
  readonly isBetweenSteps: boolean;
  view(): StageView;
  dispose(): void;
}
