import { makeFolder } from '../../files/folders.js';
import { FileError } from '../../files/read-file.js';
import { isSystemError } from '../../files/system-error.js';
import { JsonError } from '../../runtime/formats/json.js';
import { writeJob } from '../command/job-folder.js';
import { HandoverError, type RunningTrial, type SharedExecutor, type TrialPlace } from '../executor.js';
import type { TrialJob, TrialMessage } from '../job.js';

export interface JobWriterOptions {
  /** Whether a trial is left to be written, and nobody trains it by now; by default all are. */
  readonly isLeft?: (trial: number) => boolean;
  /** A job as it is written; by default as it is. */
  readonly asWritten?: (job: TrialJob) => TrialJob;
}

/**
 * Trains nothing: writes jobs for others to train. A sweep that it carries out then has the jobs written of all trials
 * that wait for no others, with those left out that need no training.
 */
export class JobWriter implements SharedExecutor {
  readonly #folderOf: (trial: number) => string;
  readonly #options: JobWriterOptions;
  readonly #written: number[] = [];
  #isClosed = false;

  /** @param folderOf a folder for a trial's job */
  constructor(folderOf: (trial: number) => string, options: JobWriterOptions = {}) {
    this.#folderOf = folderOf;
    this.#options = options;
  }

  /** Trials whose jobs are written. */
  get written(): readonly number[] {
    return this.#written;
  }

  leaves(trial: number): boolean {
    return this.#options.isLeft?.(trial) === false;
  }

  start(asked: TrialJob, { checkpoints }: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial | null {
    try {
      if (this.leaves(asked.trial)) return null;
      const job = this.#options.asWritten?.(asked) ?? asked;
      const folder = this.#folderOf(job.trial);
      makeFolder(folder);
      writeJob(folder, job, checkpoints);
      this.#written.push(job.trial);
      return null;
    } catch (error) {
      if (isSystemError(error))
        throw new HandoverError(`the job of trial ${asked.trial} cannot be written`, { cause: error });
      if (!(error instanceof JsonError || error instanceof FileError)) throw error;
      const reason = `its job could not be written: ${error.message}`;
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
