import type { StopProgress } from './early-stopping.js';
import type { EpochSums } from './epoch-means.js';
import type { ChainState } from './hash-chain.js';
import type { IdleTerms } from './idle-terms.js';
import type { Metrics } from './metrics.js';
import type { SlotValues } from './optimizer-state.js';

/**
 * A trial's state between two steps, as plain data. With the experiment and the data, it lets the training continue to
 * the same bits as without an interruption. Random numbers need no state, since they are drawn by position.
 */
export interface TrainingState {
  /** Index of the running stage. */
  readonly stage: number;
  /** Values of all weights by key, in structural order. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** Progress of the running stage; null before its first step. */
  readonly progress: StageProgress | null;
  /** The last value of every metric. */
  readonly metrics: Metrics;
  /** The hashes of the training so far. */
  readonly chain: ChainState;
}

/** A stage's state between two steps. */
export type StageProgress = TrainProgress | PretrainProgress;

interface AnyProgress {
  /** Updates so far: of the running layer in a greedy stage. Epoch and batch follow from it. */
  readonly step: number;
  readonly slots: SlotValues;
  /** Sums of the running epoch. */
  readonly sums: EpochSums;
}

export interface TrainProgress extends AnyProgress {
  readonly kind: 'train';
  readonly stop: StopProgress;
  readonly best: BestWeights | null;
  readonly idle: IdleTerms;
}

export interface PretrainProgress extends AnyProgress {
  readonly kind: 'pretrain';
  /** Index, among the stage's layers, of the one in training. */
  readonly layer: number;
  /** Its weights, which it hands over when done. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** Steps of all its layers so far. */
  readonly totalSteps: number;
}

/** The weights with the lowest validation loss so far. */
export interface BestWeights {
  readonly epoch: number;
  readonly loss: number;
  /** Metrics of that evaluation, with the name of the part. */
  readonly metrics: Metrics;
  readonly weights: Readonly<Record<string, Float32Array>>;
}
