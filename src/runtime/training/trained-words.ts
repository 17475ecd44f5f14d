import type { Library } from '../../compiler/library/library.js';
import type { ReadDataset } from '../datasets/load.js';
import type { DataTransform } from '../datasets/transform.js';
import type { MeasuredEvaluation } from '../evaluation/measure.js';
import type { LoweredWords } from '../lowering/lowering.js';
import type { TrainedCorruption } from './corruption.js';
import type { TrainedStop } from './early-stopping.js';
import type { TrainedStage } from './greedy-methods.js';
import type { TrainedResampling } from './resampling.js';

/** Words as a training knows them. */
export interface TrainedWords extends LoweredWords {
  readonly corruption: TrainedCorruption;
  readonly dataset: ReadDataset;
  readonly transform: DataTransform;
  readonly stage: TrainedStage;
  readonly evaluation: MeasuredEvaluation;
  readonly stop: TrainedStop;
  readonly resampling: TrainedResampling;
}

export type TrainedLibrary = Library<TrainedWords>;
