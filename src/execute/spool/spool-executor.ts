import { join } from 'node:path';
import { FileError } from '../../files/read-file.js';
import { isSystemError, systemReason } from '../../files/system-error.js';
import { writeAtomically } from '../../files/write-file.js';
import { JsonError } from '../../runtime/formats/json.js';
import type { CheckpointRecord } from '../../runtime/store/records.js';
import { checkpointFileName } from '../../trial/checkpointer.js';
import { getFile } from '../command/job-folder.js';
import type { CheckpointPlace, Executor, RunningTrial, TrialPlace } from '../executor.js';
import { isLast, type TrialEnd, type TrialJob, type TrialMessage } from '../job.js';
import { type Attempt, AttemptReader, Attempts, checkpointsIn } from './attempts.js';

type Listener = (message: TrialMessage) => void;

/** A part of an ended training, up to a checkpoint that the next part goes on from. */
interface Part {
  readonly attempt: Attempt;
  /** SHA-256 of the checkpoint where the next part goes on; null for the last one. */
  readonly until: string | null;
}

const halted: TrialEnd = {
  status: 'interrupted',
  metrics: {},
  weightsSha256: '',
  pictures: [],
  failures: [],
  unfinished: false,
};

/**
 * Reports trainings that are over from their spools. A trial that was interrupted is reported as it went: it halts at
 * the checkpoint where the next attempt went on, and goes on from there when it is started again.
 *
 * Spools are untrusted: a line that is not a message, or a file with another checksum than stated, fails the trial.
 */
export class SpoolExecutor implements Executor {
  readonly #folderOf: (trial: number) => string;
  #isClosed = false;

  /** @param folderOf the folder of a trial's job */
  constructor(folderOf: (trial: number) => string) {
    this.#folderOf = folderOf;
  }

  start(job: TrialJob, { checkpoints }: TrialPlace, listener: Listener): RunningTrial {
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
    return Promise.resolve();
  }

  #report(job: TrialJob, place: CheckpointPlace | null, listener: Listener): void {
    let isOver = false;
    const tell: Listener = (message) => {
      if (isOver) return;
      isOver = isLast(message);
      listener(message);
    };
    try {
      for (const message of replayed(this.#folderOf(job.trial), job, place)) tell(message);
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
function* replayed(folder: string, job: TrialJob, place: CheckpointPlace | null): Iterable<TrialMessage> {
  const attempts = new Attempts(folder);
  const end = attempts.end();
  if (end === null) return;
  if (end.attempt.trial !== job.trial || end.attempt.identity !== (job.expected?.identity ?? null)) {
    throw new JsonError('it is of another trial');
  }
  const parts = partsOf(attempts.list(), end.attempt);
  const from = job.from?.sha256 ?? null;
  const part = job.trained === null ? parts.find(({ attempt }) => attempt.from === from) : parts.at(-1);
  if (part === undefined) throw new JsonError('no attempt goes on from where the results are');
  const messages = [...new AttemptReader(part.attempt).read()];
  const after = job.trained === null ? -1 : messages.findIndex(({ type }) => type === 'trained');
  let isTrained = job.trained !== null;
  for (const message of messages.slice(after + 1)) {
    if (message.type === 'checkpoint') {
      if (message.checkpoint.sha256 !== part.until) continue;
      yield kept(message.checkpoint, part.attempt, place);
      yield { type: 'ended', end: halted };
      return;
    }
    if (message.type === 'trained') {
      if (isTrained) throw new JsonError('it reports the end of the training twice');
      isTrained = true;
    }
    const hasEnded = message.type === 'ended' && message.end.status !== 'interrupted';
    // A trial whose weights never came must not count as complete.
    if (hasEnded && !isTrained) throw new JsonError('it reports the end of a trial without its weights');
    yield message;
    if (isLast(message)) return;
  }
}

/** The attempts that led to the last one, in order. */
function partsOf(attempts: readonly Attempt[], last: Attempt): readonly Part[] {
  const parts: Part[] = [{ attempt: last, until: null }];
  for (let { from, number } = last; from !== null; ) {
    const until = from;
    const before = attempts.findLast(
      (attempt) => attempt.number < number && checkpointsIn(attempt).some(({ sha256 }) => sha256 === until),
    );
    if (before === undefined) break;
    parts.unshift({ attempt: before, until });
    ({ from, number } = before);
  }
  return parts;
}

/** Copies a checkpoint to the caller's folder. @throws JsonError if that fails: the next part goes on from it */
function kept(checkpoint: CheckpointRecord, { folder }: Attempt, place: CheckpointPlace | null): TrialMessage {
  if (place === null) throw new JsonError('there is no place for its checkpoint');
  const file = checkpointFileName(place.prefix, checkpoint);
  const path = join(place.folder, file);
  writeAtomically(path, `${path}.part`, getFile(folder, checkpoint));
  return { type: 'checkpoint', checkpoint: { ...checkpoint, file } };
}
