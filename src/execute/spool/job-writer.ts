import { makeFolder } from '../../files/folders.js';
import { FileError } from '../../files/read-file.js';
import { isSystemError, systemReason } from '../../files/system-error.js';
import { JsonError } from '../../runtime/formats/json.js';
import { writeJob } from '../command/job-folder.js';
import type { RunningTrial, SharedExecutor, TrialPlace } from '../executor.js';
import type { TrialJob, TrialMessage } from '../job.js';

/**
 * Trains nothing: writes jobs for others to train. A sweep that it carries out then has the jobs written of all trials
 * that wait for no others, with those left out that need no training.
 */
export class JobWriter implements SharedExecutor {
  readonly #folderOf: (trial: number) => string;
  readonly #asWritten: (job: TrialJob) => TrialJob | null;
  readonly #written: number[] = [];
  #isClosed = false;

  /**
   * @param folderOf a folder for a trial's job
   * @param asWritten a job as it is written; null for one that is left to whoever trains it by now
   */
  constructor(folderOf: (trial: number) => string, asWritten: (job: TrialJob) => TrialJob | null = (job) => job) {
    this.#folderOf = folderOf;
    this.#asWritten = asWritten;
  }

  /** Trials whose jobs are written. */
  get written(): readonly number[] {
    return this.#written;
  }

  start(asked: TrialJob, { checkpoints }: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial | null {
    try {
      const job = this.#asWritten(asked);
      if (job === null) return null;
      const folder = this.#folderOf(job.trial);
      makeFolder(folder);
      writeJob(folder, job, checkpoints);
      this.#written.push(job.trial);
      return null;
    } catch (error) {
      if (!(isSystemError(error) || error instanceof JsonError || error instanceof FileError)) throw error;
      const reason = `its job could not be written: ${isSystemError(error) ? systemReason(error) : error.message}`;
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
