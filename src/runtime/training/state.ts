import type { StopProgress } from './early-stopping.js';
import type { EpochSums } from './epoch-means.js';
import type { ChainState } from './hash-chain.js';
import type { Metrics } from './metrics.js';
import type { SlotValues } from './optimizer-state.js';

/**
 * Where a trial stands between two steps, as plain data: with it, the experiment and the data, the training goes on to
 * the bits it would have had. Random numbers need no state, as they are drawn by position.
 */
export interface TrainingState {
  /** Index of the running stage among the experiment's. */
  readonly stage: number;
  /** Of all weights by key, in structural order. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** Of the running stage; null before its first step. */
  readonly progress: StageProgress | null;
  /** The last value of every metric. */
  readonly metrics: Metrics;
  /** The hashes of what was done so far. */
  readonly chain: ChainState;
}

/** Where a stage stands between two steps. */
export type StageProgress = TrainProgress | PretrainProgress;

interface AnyProgress {
  /** Updates so far, of the running layer in a greedy stage; epoch and batch follow from it. */
  readonly step: number;
  readonly slots: SlotValues;
  /** Of the running epoch. */
  readonly sums: EpochSums;
}

export interface TrainProgress extends AnyProgress {
  readonly kind: 'train';
  readonly stop: StopProgress;
  readonly best: BestWeights | null;
}

export interface PretrainProgress extends AnyProgress {
  readonly kind: 'pretrain';
  /** Which of the stage's layers is trained. */
  readonly layer: number;
  /** Its weights, which it hands over when it is done. */
  readonly values: Readonly<Record<string, Float32Array>>;
  /** Steps of all its layers so far. */
  readonly totalSteps: number;
}

/** The weights with the least validation loss so far. */
export interface BestWeights {
  readonly epoch: number;
  readonly loss: number;
  /** Of that evaluation, with the name of the part. */
  readonly metrics: Metrics;
  readonly weights: Readonly<Record<string, Float32Array>>;
}
