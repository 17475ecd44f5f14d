import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { FileError } from '../../files/read-file.js';
import { systemCode } from '../../files/system-error.js';
import { count, JsonError, nullable, object, oneOf, readJson, type Schema, text } from '../../runtime/formats/json.js';
import type { CheckpointRecord } from '../../runtime/store/records.js';
import { getFile, putFile } from '../command/job-folder.js';
import { messageLine, readMessageLine } from '../command/message-lines.js';
import type { TrialJob, TrialMessage } from '../job.js';
import { lastLine, SpoolReader, SpoolWriter } from './spool-file.js';

/** Changes whenever a spool has another shape: another version of aedsl may read it. */
const version = 1;

/** First line of a spool. */
export interface AttemptStart {
  readonly trial: number;
  readonly identity: string | null;
  /** Number of the submission that asked for it; null if nobody submitted it. */
  readonly submission: number | null;
  /** SHA-256 of the checkpoint that it goes on from; null from the beginning. */
  readonly from: string | null;
  readonly host: string;
  /** What the scheduler calls it, such as `1234_5`; null without one. */
  readonly task: string | null;
}

/** A training of a job by one process: as far as it came. */
export interface Attempt extends AttemptStart {
  readonly number: number;
  /** Holds its messages, checkpoints and weights. */
  readonly folder: string;
}

export type JobEnd =
  | { readonly as: 'complete' | 'diverged'; readonly attempt: Attempt }
  /** It has trained as far as the job says, in epochs of its last stage, and is to be decided on. */
  | { readonly as: 'at_rung'; readonly attempt: Attempt; readonly epoch: number }
  | { readonly as: 'failed'; readonly attempt: Attempt; readonly reason: string };

/** A job whose spools cannot be read fails when they are merged. */
export type FoundEnd = JobEnd | { readonly as: 'unreadable' };

/** File of an attempt's messages. */
export const spoolName = 'messages.jsonl';
const folderName = /^attempt-(\d{4,6})$/;
const mostAttempts = 100_000;

const startLine = object({
  type: oneOf('attempt'),
  version: oneOf(version),
  trial: count,
  identity: nullable(text),
  submission: nullable(count),
  from: nullable(text),
  host: v.pipe(text, v.maxLength(1000, 'is too long')),
  task: nullable(v.pipe(text, v.maxLength(100, 'is too long'))),
});

const anyLine: Schema<{ readonly type: string }> = object({ type: text });

/** What is known of an attempt before it begins. */
export type AttemptAsked = Pick<AttemptStart, 'submission' | 'task'>;

/** An attempt that writes its spool. */
export interface OpenAttempt {
  readonly folder: string;
  /** The job, as this attempt trains it. */
  readonly job: TrialJob;
  readonly spool: SpoolWriter;
}

/**
 * Attempts at a job, each in a folder of its own below the job's, so that no two processes write one file, even if a
 * scheduler starts a job again while a lost node still trains it.
 */
export class Attempts {
  readonly #folder: string;

  /** @param folder of the job */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In order; without those that have written nothing yet. @throws FileError, JsonError */
  list(): readonly Attempt[] {
    return this.#numbers().flatMap((number) => {
      const folder = this.#folderOf(number);
      const start = startOf(folder);
      return start === null ? [] : [{ ...start, number, folder }];
    });
  }

  /**
   * The end of the job; null while it has none. A failure, or a rung, counts only if nothing was tried since.
   * @param submission of which these count; null for any
   * @throws FileError; JsonError for a spool that cannot be read
   */
  end(submission: number | null = null): JobEnd | null {
    const attempts = this.list();
    for (const attempt of attempts) {
      const end = endOf(attempt);
      if (end?.as === 'complete' || end?.as === 'diverged') return end;
    }
    const last = attempts.at(-1);
    if (last === undefined || (submission !== null && (last.submission ?? 0) < submission)) return null;
    return endOf(last);
  }

  /** As {@link end}. @throws FileError */
  foundEnd(submission: number | null = null): FoundEnd | null {
    try {
      return this.end(submission);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return { as: 'unreadable' };
    }
  }

  /** Whether a submission has nothing left to train: the job has an end, or was submitted again since. @throws FileError */
  isOver(submission: number): boolean {
    return this.foundEnd(submission) !== null || (this.list().at(-1)?.submission ?? 0) > submission;
  }

  /** Folders of all attempts, in order, whatever is in them. */
  folders(): readonly string[] {
    return this.#numbers().map((number) => this.#folderOf(number));
  }

  /**
   * Begins another attempt, from the last intact checkpoint of those that went on from where the job begins, or from
   * there. It gets a copy.
   * @throws FileError, JsonError, the system's error
   */
  begin(job: TrialJob, { submission, task }: AttemptAsked): OpenAttempt {
    const latest = job.trained === null ? this.#latestCheckpoint(job.from) : null;
    const own = latest === null && job.from !== null && job.trained === null ? job.from : null;
    const bytes = latest?.bytes ?? (own && getFile(this.#folder, own));
    const record = latest?.record ?? job.from;
    const folder = this.#make();
    const from = record && bytes ? { ...record, ...putFile(folder, 'from.safetensors', bytes) } : job.from;
    const spool = new SpoolWriter(join(folder, spoolName));
    const start: AttemptStart = {
      trial: job.trial,
      identity: job.expected?.identity ?? null,
      submission,
      from: from?.sha256 ?? null,
      host: hostname(),
      task,
    };
    spool.write(JSON.stringify({ type: 'attempt', version, ...start }), true);
    return { folder, job: { ...job, from }, spool };
  }

  /** Ends the job as failed, for a reason that no attempt could report. @throws the system's error */
  fail(job: TrialJob, asked: AttemptAsked, { reason, hint }: { readonly reason: string; readonly hint: string }): void {
    const { folder, spool } = this.begin(job, asked);
    spool.write(messageLine({ type: 'failed', reason, hint }, folder), true);
    spool.close();
  }

  /** Checks that all messages of a trial's attempts, and the files that they name, are as they were written. */
  areIntact(trial: number): boolean {
    try {
      for (const attempt of this.list()) {
        if (attempt.trial !== trial) return false;
        for (const _ of new AttemptReader(attempt).read());
      }
      return true;
    } catch (error) {
      if (!(error instanceof JsonError || error instanceof FileError)) throw error;
      return false;
    }
  }

  /** Removes all attempts: the next one trains from where the job begins. @throws the system's error */
  discard(): void {
    for (const folder of this.folders()) rmSync(folder, { recursive: true, force: true });
  }

  #numbers(): readonly number[] {
    if (lstatSync(this.#folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(this.#folder, { withFileTypes: true })
      .flatMap((entry) => {
        const [, number] = folderName.exec(entry.name) ?? [];
        return number === undefined || !entry.isDirectory() ? [] : [Number(number)];
      })
      .sort((a, b) => a - b);
  }

  #folderOf(number: number): string {
    return join(this.#folder, `attempt-${String(number).padStart(4, '0')}`);
  }

  #make(): string {
    for (let number = (this.#numbers().at(-1) ?? 0) + 1; number < mostAttempts; number++) {
      const folder = this.#folderOf(number);
      try {
        mkdirSync(folder);
        return folder;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
    }
    throw new RangeError(`a job was tried ${mostAttempts} times`);
  }

  /**
   * The last intact checkpoint beyond one, by attempts that passed it or began there: a sweep that trained on elsewhere
   * meanwhile can't merge what others lead to.
   */
  #latestCheckpoint(
    job: CheckpointRecord | null,
  ): { readonly record: CheckpointRecord; readonly bytes: Uint8Array } | null {
    const reached = new Set([job?.sha256 ?? null]);
    const found: { readonly folder: string; readonly record: CheckpointRecord }[] = [];
    for (const { folder, from } of this.list()) {
      const records = checkpointsIn({ folder });
      if (!reached.has(from) && !records.some(({ sha256 }) => reached.has(sha256))) continue;
      for (const record of records) {
        if (job !== null && byPlace(record, job) <= 0) continue;
        reached.add(record.sha256);
        found.push({ folder, record });
      }
    }
    found.sort((a, b) => byPlace(a.record, b.record));
    for (const { folder, record } of found.reverse()) {
      const bytes = intact(folder, record);
      if (bytes !== null) return { record, bytes };
    }
    return null;
  }
}

function byPlace(a: CheckpointRecord, b: CheckpointRecord): number {
  return a.stage - b.stage || a.step - b.step;
}

/** Follows the messages of an attempt while it writes them. Its first line is left out. */
export class AttemptReader {
  readonly #folder: string;
  readonly #reader: SpoolReader;
  #isBegun = false;

  constructor({ folder }: Pick<Attempt, 'folder'>) {
    this.#folder = folder;
    this.#reader = new SpoolReader(join(folder, spoolName));
  }

  /** @throws FileError, JsonError for what is no message */
  *read(): Iterable<TrialMessage> {
    for (const line of this.#reader.read()) {
      if (this.#isBegun) yield readMessageLine(line, this.#folder);
      this.#isBegun = true;
    }
  }
}

function startOf(folder: string): AttemptStart | null {
  const path = join(folder, spoolName);
  try {
    for (const line of new SpoolReader(path).read()) {
      const { type: _, version: __, ...start } = readJson(startLine, line, 'the first line of the spool');
      return start;
    }
    return null;
  } catch (error) {
    if (error instanceof FileError && error.reason === 'not_found') return null;
    if (error instanceof JsonError) throw new JsonError(`${error.message}, in '${path}'`, { cause: error });
    throw error;
  }
}

function endOf(attempt: Attempt): JobEnd | null {
  const line = lastLine(join(attempt.folder, spoolName));
  if (line === null) return null;
  try {
    const { type } = readJson(anyLine, line, 'the last line of the spool');
    if (type !== 'ended' && type !== 'failed') return null;
    const message = readMessageLine(line, attempt.folder);
    if (message.type === 'failed') return { as: 'failed', attempt, reason: message.reason };
    if (message.type !== 'ended') return null;
    const { status, unfinished, atEpoch } = message.end;
    if (status === 'interrupted') return atEpoch === undefined ? null : { as: 'at_rung', attempt, epoch: atEpoch };
    return unfinished ? null : { as: status, attempt };
  } catch (error) {
    // Whatever wrote it did not end the trial.
    if (error instanceof JsonError) return null;
    throw error;
  }
}

/** Checkpoints that an attempt reported, as far as its spool can be read. */
export function checkpointsIn({ folder }: Pick<Attempt, 'folder'>): readonly CheckpointRecord[] {
  const records: CheckpointRecord[] = [];
  try {
    for (const line of new SpoolReader(join(folder, spoolName)).read()) {
      if (!line.includes('"checkpoint"')) continue;
      if (readJson(anyLine, line, 'a line of the spool').type !== 'checkpoint') continue;
      const message = readMessageLine(line, folder);
      if (message.type === 'checkpoint') records.push(message.checkpoint);
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  return records;
}

function intact(folder: string, record: CheckpointRecord): Uint8Array | null {
  try {
    return getFile(folder, record);
  } catch (error) {
    if (error instanceof JsonError || error instanceof FileError) return null;
    throw error;
  }
}
