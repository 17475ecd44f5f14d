import type { StageNode } from '../../compiler/ir/experiment.js';
import { greedyMethod } from './greedy-methods.js';
import { PretrainStageRun } from './pretrain-stage.js';
import type { StageProgress } from './state.js';
import { TrainStageRun } from './train-stage.js';
import type { StageRun, TrialContext } from './trial-context.js';

/**
 * Creates a stage's run, at its first step or where it was interrupted.
 * @throws UnknownWord for an unknown pretraining method or other word
 * @throws RangeError for progress of another kind of stage
 */
export function startStage(stage: StageNode, context: TrialContext, progress: StageProgress | null): StageRun {
  switch (stage.kind) {
    case 'train':
      if (progress?.kind === 'pretrain') throw new RangeError('this progress is that of a stage of pretraining');
      return new TrainStageRun(stage, context, progress);
    case 'pretrain':
      if (progress?.kind === 'train') throw new RangeError('this progress is that of the training itself');
      return new PretrainStageRun(stage, context, greedyMethod(stage, context), progress);
  }
}
