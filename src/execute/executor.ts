import type { TrialJob, TrialMessage } from '../trial/job.js';

/**
 * Where trials train: on this machine's cores, or elsewhere. An executor knows nothing of sweeps, of the store or of the
 * order of trials; it trains what it is given and tells what happens.
 */
export interface Executor {
  /**
   * Starts to train.
   * @param alone in a process that trains nothing else
   * @param listener is told what happens, and last how it ended
   */
  start(job: TrialJob, alone: boolean, listener: (message: TrialMessage) => void): RunningTrial;
  /** Ends everything that is left, without waiting for trials. */
  close(): Promise<void>;
}

export interface RunningTrial {
  /** Lets it finish its step and take a checkpoint; it ends as `interrupted`. */
  halt(): void;
}
