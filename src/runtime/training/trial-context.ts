import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import type { Network } from '../lowering/network.js';
import type { Evaluator } from './evaluation.js';
import type { Examples } from './examples.js';
import type { HashChain } from './hash-chain.js';
import type { WeightValues } from './initial-weights.js';
import type { StageProgress } from './state.js';
import type { TrainedLibrary } from './trained-words.js';
import type { TrialRecord } from './trial-record.js';
import type { WeightStore } from './weight-store.js';

/** What the stages of a trial share. */
export interface TrialContext {
  readonly experiment: ExperimentIr;
  readonly network: Network;
  readonly weights: WeightStore;
  readonly examples: Examples;
  readonly evaluator: Evaluator;
  readonly seed: number;
  readonly library: TrainedLibrary;
  readonly record: TrialRecord;
  readonly chain: HashChain;
  readonly signal: AbortSignal | null;
  /** Of each stage; null for as many as its epochs take. */
  readonly maxSteps: number | null;
  /** Milliseconds from anywhere. Only what is displayed depends on it. */
  readonly clock: () => number;
  /** Called after every step, when everything that belongs to it is done. */
  readonly afterStep: (progress: () => StageProgress, step: number) => void;
}

/** How a stage ended. */
export type StageEnd =
  | { readonly reason: 'complete' | 'early_stop' | 'max_steps' | 'interrupted' }
  | { readonly reason: 'diverged'; readonly step: number; readonly layer: string };

/** What there is to be seen of a stage between two steps. */
export interface StageView {
  /** Of the whole network; of a layer that is trained by itself, those that it would hand over now. */
  readonly weights: WeightValues;
  /** Epochs of the stage that are complete. */
  readonly epochs: number;
  /** The layer of the encoder that is trained by itself; null where the whole network is trained. */
  readonly layer: number | null;
}

/** A stage of a trial, somewhere between its first step and its last. */
export interface StageRun {
  /** Trains until the stage ends, for whatever reason. */
  run(): Promise<StageEnd>;
  progress(): StageProgress;
  view(): StageView;
  dispose(): void;
}
