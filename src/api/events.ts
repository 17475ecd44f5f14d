/**
 * Events of a run or a sweep, and the requests that a sweep takes while it trains. docs/events.md describes the events.
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
