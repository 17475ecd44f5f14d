import type { TrialJob, TrialMessage } from './job.js';

/**
 * Something that trains trials: in this process, on this machine's cores, or by a command. An executor knows nothing of
 * sweeps, of the store or of the order of trials.
 *
 * - Bits: the same job gives the same weights and events on every executor.
 * - Order: see {@link TrialMessage}. The listener is never called before `start` has returned.
 * - Lost workers: a trial whose process dies is reported `lost`, never silent. Starting it again is up to the caller,
 *   from the last checkpoint reported, and `alone` where it may have brought the process down.
 * - Pausing: {@link RunningTrial.halt} ends the trial with a checkpoint; a job that continues `from` it gives the bits
 *   of one that never halted.
 * - Failing: whatever is wrong with a job is reported as `failed`; `start` throws nothing.
 */
export interface Executor {
  start(job: TrialJob, where: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial;
  /** Ends everything that still runs, without waiting for trials. No listener is called afterwards. */
  close(): Promise<void>;
}

/**
 * As an {@link Executor}, but `start` returns null for a trial that others train: they report it at another time. It
 * throws a {@link HandoverError} if they can't be given it.
 */
export interface SharedExecutor extends Omit<Executor, 'start'> {
  /** Whether `start` would return null for any job of a trial, so that nobody need prepare one; never by default. */
  leaves?(trial: number): boolean;
  start(job: TrialJob, where: TrialPlace, listener: (message: TrialMessage) => void): RunningTrial | null;
}

/** Requirements for a trial's process, and the place of its checkpoints. */
export interface TrialPlace {
  /** Whether it must share its process with no other trial. */
  readonly alone: boolean;
  /** Place for its checkpoints, including the one it resumes from; null to take none. */
  readonly checkpoints: CheckpointPlace | null;
}

export interface CheckpointPlace {
  /** A folder of this machine. */
  readonly folder: string;
  /** Start of the file names. */
  readonly prefix: string;
}

export interface RunningTrial {
  /** Index of the worker, from 0; running trials have different ones. */
  readonly worker: number;
  /** Ends the trial after its current step, with a checkpoint; it ends as `interrupted`, unless it was over by then. */
  halt(): void;
}

/** A job could not be handed to others, through no fault of its trial; it may work another time. */
export class HandoverError extends Error {
  override readonly name = 'HandoverError';
}

/** The only trial of a run failed, and not in this process, whose error would say more. */
export class TrialFailedError extends Error {
  override readonly name = 'TrialFailedError';
}

/** Numbers the workers of an executor. */
export class WorkerNumbers {
  readonly #taken = new Set<number>();

  /** Takes the lowest free number. */
  take(): number {
    let worker = 0;
    while (this.#taken.has(worker)) worker++;
    this.#taken.add(worker);
    return worker;
  }

  free(worker: number): void {
    this.#taken.delete(worker);
  }
}
