import { makeFolder } from '../../files/folders.js';
import { isSystemError, systemReason } from '../../files/system-error.js';
import { writeJob } from '../command/job-folder.js';
import { type Executor, type RunningTrial, type TrialPlace, WorkerNumbers } from '../executor.js';
import type { TrialJob, TrialMessage } from '../job.js';

/**
 * Trains nothing: writes each job for others to train, and halts with the sweep. A sweep that is interrupted at once
 * then has all its jobs written, with the trials that need no training left out.
 */
export class JobWriter implements Executor {
  readonly #folderOf: (trial: number) => string;
  readonly #workers = new WorkerNumbers();
  readonly #written: number[] = [];
  #isClosed = false;

  /** @param folderOf a folder for a trial's job */
  constructor(folderOf: (trial: number) => string) {
    this.#folderOf = folderOf;
  }

  /** Trials whose jobs are written. */
  get written(): readonly number[] {
    return this.#written;
  }

  start(job: TrialJob, { checkpoints }: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial {
    const worker = this.#workers.take();
    const tell = (message: TrialMessage) =>
      setImmediate(() => {
        if (!this.#isClosed) listener(message);
      });
    try {
      const folder = this.#folderOf(job.trial);
      makeFolder(folder);
      writeJob(folder, job, checkpoints);
      this.#written.push(job.trial);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      tell({ type: 'failed', reason: `its job could not be written: ${systemReason(error)}` });
      return { worker, halt: () => {} };
    }
    const end = { metrics: {}, weightsSha256: '', pictures: [], failures: [], unfinished: false } as const;
    return { worker, halt: () => tell({ type: 'ended', end: { status: 'interrupted', ...end } }) };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}
