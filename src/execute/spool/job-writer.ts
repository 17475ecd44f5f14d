import { makeFolder } from '../../files/folders.js';
import { isSystemError, systemReason } from '../../files/system-error.js';
import { writeJob } from '../command/job-folder.js';
import type { RunningTrial, SharedExecutor, TrialPlace } from '../executor.js';
import type { TrialJob, TrialMessage } from '../job.js';

/**
 * Trains nothing: writes jobs for others to train. A sweep that it carries out then has the jobs written of all trials
 * that wait for no others, with those left out that need no training.
 */
export class JobWriter implements SharedExecutor {
  readonly #folderOf: (trial: number) => string;
  readonly #isWanted: (job: TrialJob) => boolean;
  readonly #written: number[] = [];
  #isClosed = false;

  /**
   * @param folderOf a folder for a trial's job
   * @param isWanted whether a job is written; others are left to whoever trains them by now
   */
  constructor(folderOf: (trial: number) => string, isWanted: (job: TrialJob) => boolean = () => true) {
    this.#folderOf = folderOf;
    this.#isWanted = isWanted;
  }

  /** Trials whose jobs are written. */
  get written(): readonly number[] {
    return this.#written;
  }

  start(job: TrialJob, { checkpoints }: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial | null {
    if (!this.#isWanted(job)) return null;
    try {
      const folder = this.#folderOf(job.trial);
      makeFolder(folder);
      writeJob(folder, job, checkpoints);
      this.#written.push(job.trial);
      return null;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const reason = `its job could not be written: ${systemReason(error)}`;
      setImmediate(() => {
        if (!this.#isClosed) listener({ type: 'failed', reason });
      });
      return { worker: 0, halt: () => {} };
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}
