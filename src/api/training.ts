/**
 * Training: one run, the trials of a sweep, going on with either, and evaluating again; the data sets of this machine.
 *
 * @module
 */

export { axisName } from '../compiler/expand/axis-text.js';
export type { WorkEnd, WorkOptions } from '../execute/command/work.js';
export type { Executor, RunningTrial, TrialPlace } from '../execute/executor.js';
export type { TrialEnd, TrialJob, TrialMessage } from '../execute/job.js';
export { type QueueAction, type Queued, type QueueRequest, queueActions } from '../execute/slurm/queue.js';
export {
  noSlurmSettings,
  projectHostSettings,
  projectSlurmSettings,
  type SlurmSettings,
  typedHostFolder,
  typedSlurmSettings,
} from '../execute/slurm/settings.js';
export type { SlurmReason } from '../execute/slurm/slurm-error.js';
export { quoted, type TaskProgram } from '../execute/slurm/submit.js';
export {
  type HostPlace,
  isSubmitted,
  type SweepPlanFile,
  submittedBeside,
  submittedPlan,
} from '../execute/slurm/sweep-folder.js';
export type { TaskEnd, TaskOptions } from '../execute/slurm/task.js';
export type { SpoolOptions } from '../execute/spool/work-to-spool.js';
export { hostText, readSshHost, type SshHost } from '../execute/ssh/ssh-host.js';
export type { AskedHost } from '../execute/ssh/sweep-host.js';
export { type BackendName, backendNames, mostThreads } from '../runtime/backend/backend.js';
export type { DownloadProgress } from '../runtime/datasets/download.js';
export type { TrainingSettings } from '../sweep/carry-out.js';
export { type EvaluatedAs, type EvaluateRunOptions, evaluateRun } from '../sweep/evaluate-run.js';
export { knownSpeeds } from '../sweep/known-speeds.js';
export {
  bindExperiments,
  type CheckedExperiment,
  type CheckOptions,
  checkExperiment,
} from '../sweep/plan/check-experiment.js';
export { rememberingWorld } from '../sweep/plan/remembering-world.js';
export type { SweepOptions } from '../sweep/plan/sweep-options.js';
export { type PlannedTrial, planSweep, type SweepPlan } from '../sweep/plan/sweep-plan.js';
export {
  type ContinueRunOptions,
  type ResumeRequest,
  resumeRun,
  resumeSweep,
  type Unfinished,
  unfinished,
} from '../sweep/resume.js';
export type { Run, RunResult } from '../sweep/run.js';
export { ExperimentError, type RunOptions, run } from '../sweep/run.js';
export type { LostTrial, RungWait, SyncedSweep } from '../sweep/spooled/merge-sweep.js';
export type { SubmitPlace, SubmittedSweep } from '../sweep/spooled/submit-sweep.js';
export type { ResubmittedSweep } from '../sweep/spooled/sync-sweep.js';
export { waitsInVain } from '../sweep/spooled/waits-in-vain.js';
export { runSweep, type SweepOutcome, type SweepRequest, type SweepRunSettings, sweepName } from '../sweep/sweep.js';
export { type AskedWorkers, type Room, roomElsewhere } from '../sweep/sweep-workers.js';
export { readCheckpointPolicy } from '../trial/checkpoint-policy.js';
export type { CheckpointPolicy } from '../trial/checkpointer.js';
export { addDataSet, fetchDataSet, type LocalDataSet, localDataSets, publishedSet } from '../trial/data-sets.js';
export type { GradientCheck } from '../trial/definition-gradients.js';
export {
  bringSweep,
  checkGradients,
  commandExecutor,
  diagnosticsOfStarts,
  queueSweep,
  resubmitSweep,
  runTask,
  seedSweep,
  serveOnHost,
  submitSweep,
  syncSweep,
  trainOnCores,
  waitForSweep,
  withdrawSweep,
  work,
  workToSpool,
} from './loaded-when-called.js';
