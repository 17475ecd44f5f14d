/**
 * What a run and a sweep emit while they train, and what they can be told. The events are described in docs/events.md.
 *
 * @module
 */
export type {
  CheckpointDone,
  DiagnosticsDone,
  EpochDone,
  Evaluating,
  EvaluationDone,
  StageDone,
  StageStarted,
  StepsDone,
  TrainingEvent,
  TrialDone,
  TrialStarted,
  TrialStatus,
} from '../runtime/events.js';
export {
  type ActionTaken,
  type ComparableChanged,
  type Ended,
  hasEnded,
  isTraining,
  type JobsChanged,
  type JournalEvent,
  type Listener,
  type Objective,
  type ParameterValue,
  type PictureMoment,
  type PreviewPicture,
  type PreviewTiles,
  type PruningDecision,
  type Started,
  type SweepAction,
  type SweepControls,
  type SweepNote,
  type SweepTrialSummary,
  type TrialPreview,
  type TrialState,
  type TrialStateChanged,
  type TrialsAdded,
  type TrialTraining,
  type WorkerReport,
} from '../runtime/store/sweep-vocabulary.js';
