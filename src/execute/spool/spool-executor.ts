import { join } from 'node:path';
import { FileError } from '../../files/read-file.js';
import { isSystemError, systemReason } from '../../files/system-error.js';
import { writeAtomically } from '../../files/write-file.js';
import { JsonError } from '../../runtime/formats/json.js';
import type { CheckpointRecord } from '../../runtime/store/records.js';
import { checkpointFileName } from '../../trial/checkpointer.js';
import { getFile } from '../command/job-folder.js';
import type { CheckpointPlace, RunningTrial, SharedExecutor, TrialPlace } from '../executor.js';
import { isLast, type TrialEnd, type TrialJob, type TrialMessage } from '../job.js';
import { type Attempt, AttemptReader, Attempts, checkpointsIn, type JobEnd } from './attempts.js';
import { type Part, partsTo } from './parts.js';

type Listener = (message: TrialMessage) => void;

const halted: TrialEnd = {
  status: 'interrupted',
  metrics: {},
  weightsSha256: '',
  pictures: [],
  failures: [],
  unfinished: false,
};

export interface SpoolOptions {
  /** The folder of a trial's job. */
  readonly folderOf: (trial: number) => string;
  /** The number of a trial's last submission: failures of earlier ones don't count. Null for any. */
  readonly submissionOf?: (trial: number) => number | null;
  /** Takes jobs that have no end, which fail without it. */
  readonly others?: SharedExecutor;
}

/**
 * Reports trainings that are over from their spools. A trial that was interrupted is reported as it went: it halts at
 * the checkpoint where the next attempt went on, and goes on from there when it is started again.
 *
 * Spools are untrusted: a line that is not a message, or a file with another checksum than stated, fails the trial.
 */
export class SpoolExecutor implements SharedExecutor {
  readonly #options: SpoolOptions;
  /** What was reported: a sweep that asks for it again did not get further by it. */
  readonly #reported = new Set<string>();
  #isClosed = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  leaves(trial: number): boolean {
    return this.#isOpen(trial) && this.#options.others?.leaves?.(trial) === true;
  }

  start(job: TrialJob, place: TrialPlace, listener: Listener): RunningTrial | null {
    const { others } = this.#options;
    if (others !== undefined && this.#hasNoEnd(job)) return others.start(job, place, listener);
    const { checkpoints } = place;
    let isHalted = false;
    setImmediate(() => {
      if (this.#isClosed) return;
      if (isHalted) listener({ type: 'ended', end: halted });
      else this.#report(job, checkpoints, listener);
    });
    return {
      worker: 0,
      halt() {
        isHalted = true;
      },
    };
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#options.others?.close() ?? Promise.resolve();
  }

  #isOpen(trial: number): boolean {
    try {
      return this.#endOf(trial) === null;
    } catch (error) {
      // It is reported by reading it again.
      if (error instanceof JsonError || error instanceof FileError) return false;
      throw error;
    }
  }

  /** Whether nothing is there yet of what a job asks for. */
  #hasNoEnd(job: TrialJob): boolean {
    try {
      const end = this.#endOf(job.trial);
      if (end === null) return true;
      const isEarlier = end.as === 'at_rung' && (job.untilEpoch === null || end.epoch < job.untilEpoch);
      return isEarlier && partOf(this.#attemptsAt(job.trial).list(), end, job) === null;
    } catch (error) {
      // It is reported by reading it again.
      if (error instanceof JsonError || error instanceof FileError) return false;
      throw error;
    }
  }

  #endOf(trial: number): JobEnd | null {
    return this.#attemptsAt(trial).end(this.#options.submissionOf?.(trial) ?? null);
  }

  #attemptsAt(trial: number): Attempts {
    return new Attempts(this.#options.folderOf(trial));
  }

  /** @throws JsonError if the job was reported already, so that no spool can be reported for ever */
  #requireNew({ trial, from, trained, untilEpoch }: TrialJob): void {
    const asked = JSON.stringify([trial, from?.sha256, trained !== null, untilEpoch]);
    if (this.#reported.has(asked)) throw new JsonError('it leads back to where the results are');
    this.#reported.add(asked);
  }

  #report(job: TrialJob, place: CheckpointPlace | null, listener: Listener): void {
    let isOver = false;
    const tell: Listener = (message) => {
      if (isOver) return;
      isOver = isLast(message);
      listener(message);
    };
    try {
      this.#requireNew(job);
      const end = this.#endOf(job.trial);
      if (end !== null)
        for (const message of replayed(this.#attemptsAt(job.trial).list(), end, job, place)) tell(message);
      tell({ type: 'failed', reason: 'its spool has no end' });
    } catch (error) {
      if (isSystemError(error)) {
        tell({ type: 'failed', reason: `its checkpoint could not be kept: ${systemReason(error)}` });
        return;
      }
      if (!(error instanceof JsonError || error instanceof FileError)) throw error;
      tell({ type: 'failed', reason: `its spool cannot be read: ${error.message}` });
    }
  }
}

/** Messages from where a job begins to where it halted or ended. */
function* replayed(
  attempts: readonly Attempt[],
  end: JobEnd,
  job: TrialJob,
  place: CheckpointPlace | null,
): Iterable<TrialMessage> {
  if (end.attempt.trial !== job.trial || end.attempt.identity !== (job.expected?.identity ?? null)) {
    throw new JsonError('it is of another trial');
  }
  const part = partOf(attempts, end, job);
  if (part === null) throw new JsonError('no attempt goes on from where the results are');
  const messages = [...new AttemptReader(part.attempt).read()];
  const after = lastMerged(messages, part, job);
  let isTrained = job.trained !== null;
  for (const message of messages.slice(after + 1)) {
    if (message.type === 'checkpoint') {
      if (message.checkpoint.sha256 !== part.until) continue;
      yield kept(message.checkpoint, part.attempt, place);
      if (isLastOf(part, end)) continue;
      if (isTrained) throw new JsonError('it goes on after the end of the training');
      yield { type: 'ended', end: halted };
      return;
    }
    if (message.type === 'trained') {
      if (isTrained) throw new JsonError('it reports the end of the training twice');
      isTrained = true;
    }
    if (isLast(message) && message !== messages.at(-1)) throw new JsonError('it goes on after its end');
    if (message.type === 'ended') {
      const isHalt = message.end.status === 'interrupted';
      if (isHalt && (isTrained || !isAtRung(messages, part, end, job))) {
        throw new JsonError('it reports that it halted elsewhere than at its rung');
      }
      // A trial whose weights never came must not count as complete.
      if (!isHalt && !isTrained) throw new JsonError('it reports the end of a trial without its weights');
    }
    yield message;
    if (isLast(message)) return;
  }
}

/** Whether a part ends at the rung that a job asks for, in a checkpoint that got there. */
function isAtRung(messages: readonly TrialMessage[], part: Part, end: JobEnd, { from, untilEpoch }: TrialJob): boolean {
  if (end.as !== 'at_rung' || end.epoch !== untilEpoch || !isLastOf(part, end)) return false;
  const own = messages.findLast((message) => message.type === 'checkpoint');
  return ((own?.checkpoint ?? from)?.epochs ?? 0) >= end.epoch;
}

/**
 * The part of a training that goes on where a job begins, or that got there; null if there is none.
 * @throws JsonError for a part that begins past the rung where it says that it halted
 */
function partOf(attempts: readonly Attempt[], end: JobEnd, { from, trained, untilEpoch }: TrialJob): Part | null {
  const parts = partsOf(attempts, end);
  const last = parts.at(-1);
  if (last === undefined || trained !== null) return last ?? null;
  const goesOn = parts.find(({ attempt }) => attempt.from === (from?.sha256 ?? null)) ?? null;
  if (end.as !== 'at_rung') return goesOn;
  // What is beyond this rung isn't there yet.
  if (end.epoch !== untilEpoch) {
    if (goesOn !== last) return goesOn;
    const own = checkpointsIn(last.attempt).at(-1);
    const isPast = from !== null && from.stage === own?.stage && from.epochs >= end.epoch;
    if (isPast && own?.sha256 !== from.sha256)
      throw new JsonError(`it halted again at epoch ${end.epoch}, which it had passed`);
    return null;
  }
  return from !== null && last.until === from.sha256 ? last : goesOn;
}

/** Index of the last message of a part that the results have; −1 if they have none. */
function lastMerged(messages: readonly TrialMessage[], { until }: Part, { from, trained }: TrialJob): number {
  if (trained !== null) return messages.findIndex(({ type }) => type === 'trained');
  if (until === null || from?.sha256 !== until) return -1;
  return messages.findLastIndex((message) => message.type === 'checkpoint' && message.checkpoint.sha256 === until);
}

function isLastOf({ attempt }: Part, end: JobEnd): boolean {
  return attempt.number === end.attempt.number;
}

/** The parts of a training that has an end. @throws JsonError as {@link partsTo} */
function partsOf(attempts: readonly Attempt[], end: JobEnd): readonly Part[] {
  const last = end.attempt;
  // One that was at its rung already wrote no checkpoint of its own.
  return partsTo(attempts, last, end.as === 'at_rung' ? (checkpointsIn(last).at(-1)?.sha256 ?? last.from) : null);
}

/** Copies a checkpoint to the caller's folder. @throws JsonError if that fails: the next part goes on from it */
function kept(checkpoint: CheckpointRecord, { folder }: Attempt, place: CheckpointPlace | null): TrialMessage {
  if (place === null) throw new JsonError('there is no place for its checkpoint');
  const file = checkpointFileName(place.prefix, checkpoint);
  const path = join(place.folder, file);
  writeAtomically(path, `${path}.part`, getFile(folder, checkpoint));
  return { type: 'checkpoint', checkpoint: { ...checkpoint, file } };
}
