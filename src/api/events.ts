/**
 * What a training and a sweep emit, and what a sweep can be told. The events are described in docs/events.md.
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
  hasEnded,
  type JobsChanged,
  type Objective,
  type ParameterValue,
  type PictureMoment,
  type PreviewPicture,
  type PreviewTiles,
  type PruningDecision,
  type SweepAction,
  type SweepControls,
  type SweepDone,
  type SweepEvent,
  type SweepListener,
  type SweepNote,
  type SweepStarted,
  type SweepTrialSummary,
  type TrialPreview,
  type TrialState,
  type TrialStateChanged,
  type TrialsAdded,
  type TrialTraining,
  type WorkerReport,
} from '../runtime/store/sweep-vocabulary.js';
export type { Listener, RunEvent, RunResult } from '../trial/events.js';
