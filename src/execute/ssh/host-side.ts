import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../files/folders.js';
import { isSafeRelativePath } from '../../files/paths.js';
import { systemSentence } from '../../files/system-error.js';
import {
  count,
  JsonError,
  listOf,
  nullable,
  object,
  oneOf,
  readJson,
  recordOf,
  type Schema,
  text,
  wholeNumber,
} from '../../runtime/formats/json.js';
import { LineReader } from '../command/line-reader.js';
import { type QueueRequest, queueActions, queueOnSlurm } from '../slurm/queue.js';
import { isLive, mostArrayTasks, requireAcceptable } from '../slurm/scheduler.js';
import { type SlurmSettings, slurmSettings } from '../slurm/settings.js';
import { SlurmError } from '../slurm/slurm-error.js';
import {
  lossOf,
  settleIntents,
  submitTrials,
  type TaskProgram,
  type TrialTask,
  tasksOfTrials,
} from '../slurm/submit.js';
import { type Scheduler, SweepFolder } from '../slurm/sweep-folder.js';
import { Attempts, checkpointsIn, spoolName } from '../spool/attempts.js';
import { coresLog, lossOnCores, queueOnCores, tasksOnCores } from './cores.js';
import { framed, pieceBelow, StreamReader, streamLine } from './frames.js';

/** What the other end of the connection reads and writes. */
export interface Connection {
  readonly input: AsyncIterable<Uint8Array>;
  /** Waits until there is room. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

const limits = { trials: 1_000_000, marks: 1_000_000 } as const;
const scheduler = oneOf('slurm', 'cores');

/** Whether the host's scheduler would take a sweep. */
export interface AcceptRequest {
  readonly settings: SlurmSettings;
  readonly scheduler: Scheduler;
}

const acceptRequest: Schema<AcceptRequest> = object({ settings: slurmSettings, scheduler });

/** Trials to submit. */
export interface BeginRequest extends AcceptRequest {
  /** `s3` */
  readonly sweep: string;
  readonly perTask: number;
  readonly trials: readonly number[];
  /** Files below the folder of data that say which data are there. */
  readonly marks: readonly string[];
}

const beginRequest: Schema<BeginRequest> = object({
  settings: slurmSettings,
  scheduler,
  sweep: text,
  perTask: wholeNumber(1, 10_000),
  trials: listOf(count, limits.trials),
  marks: listOf(text, limits.marks),
});

/** What the other end wants to know. */
export interface ReportRequest {
  readonly scheduler: Scheduler;
  /** Bytes of the files that it has, by path. */
  readonly have: Readonly<Record<string, number>>;
  /** Trials whose messages it wants. */
  readonly wanted: readonly number[];
  /** Trials that it has merged. */
  readonly forget: readonly number[];
}

const reportRequest: Schema<ReportRequest> = object({
  scheduler,
  have: recordOf(count, 10 * limits.trials),
  wanted: listOf(count, limits.trials),
  forget: listOf(count, limits.trials),
});

const queueRequest: Schema<QueueRequest & { readonly scheduler: Scheduler }> = object({
  scheduler,
  action: oneOf(...queueActions),
  trials: nullable(listOf(count, limits.trials)),
});

/** What a host has of a trial. */
export interface HostTask extends TrialTask {
  readonly trial: number;
  /** Why nobody trains it; null if somebody does or will, or it has ended. */
  readonly loss: string | null;
}

export const hostActions = ['accept', 'begin', 'report', 'queue'] as const;

/**
 * Does for the other end of a connection what it asks, and tells it what goes wrong.
 * @param folder of the sweep, which `accept` has none of yet
 */
export async function serveOnHost(
  action: (typeof hostActions)[number],
  folder: string,
  connection: Connection,
  program: TaskProgram,
): Promise<void> {
  const { write } = connection;
  try {
    if (action === 'begin') {
      await beginOnHost(new SweepFolder(folder), connection, program);
      return;
    }
    const request = await lineOf(connection.input);
    if (action === 'accept') {
      const accepted = await acceptOnHost(readJson(acceptRequest, request, 'the request'));
      await write(streamLine({ type: 'accepted', ...accepted }));
    } else if (action === 'queue') {
      const { scheduler: starts, ...asked } = readJson(queueRequest, request, 'the request');
      const sweep = new SweepFolder(folder);
      const queued = starts === 'slurm' ? await queueOnSlurm(sweep, asked) : queueOnCores(sweep, asked);
      await write(streamLine({ type: 'queued', ...queued }));
    } else await reportOnHost(new SweepFolder(folder), readJson(reportRequest, request, 'the request'), write);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const sentence = systemSentence(error);
    const [reason, hint] = error instanceof SlurmError ? [error.reason, error.hint] : [null, sentence?.hint ?? null];
    await write(streamLine({ type: 'refused', reason, message: sentence?.message ?? error.message, hint }));
  }
}

async function lineOf(input: AsyncIterable<Uint8Array>): Promise<string> {
  const reader = new LineReader();
  for await (const bytes of input) {
    const [line] = reader.take(bytes);
    if (line !== undefined) return line;
  }
  throw new JsonError('the connection ended before the request');
}

/** @throws SlurmError if its scheduler refuses */
async function acceptOnHost({ settings, scheduler: starts }: AcceptRequest): Promise<{ readonly cores: number }> {
  if (starts === 'slurm') {
    await requireAcceptable(settings);
    await mostArrayTasks();
  }
  return { cores: availableParallelism() };
}

/**
 * Takes jobs and data, and submits the jobs, unless somebody trains them by now: the connection may have ended within an
 * earlier request.
 *
 * @param folder of the sweep, in a folder beside that of the data
 * @throws SlurmError, JsonError, the system's error
 */
async function beginOnHost(folder: SweepFolder, { input, write }: Connection, program: TaskProgram): Promise<void> {
  const data = dataBeside(folder);
  let asked: BeginRequest | null = null;
  let isWhole = false;
  const reader = new StreamReader({
    line(line) {
      if (asked === null) {
        asked = readJson(beginRequest, line, 'the request');
        void write(streamLine({ type: 'lacks', marks: asked.marks.filter((mark) => !existsSync(join(data, mark))) }));
      } else isWhole = true;
    },
    file(piece) {
      const [top = '', ...rest] = piece.path.split('/');
      if (!isSafeRelativePath(piece.path) || rest.length === 0)
        throw new JsonError(`'${piece.path}' has no place here`);
      if (top === 'data') return pieceBelow(data, { ...piece, path: rest.join('/') }, false);
      if (/^trials\/\d{1,7}\/\w[\w.-]{0,99}$/.test(piece.path)) return pieceBelow(folder.path, piece, false);
      throw new JsonError(`'${piece.path}' has no place here`);
    },
  });
  try {
    for await (const bytes of input) reader.take(bytes);
  } finally {
    reader.close();
  }
  if (asked === null || !isWhole) throw new JsonError('the connection ended before all had come');
  const submitted = await submittedHere(folder, asked, program);
  await write(streamLine({ type: 'begun', ...submitted }));
  for (const bytes of submissionsOf(folder, {})) await write(bytes);
  await write(streamLine({ type: 'end' }));
}

function dataBeside(folder: SweepFolder): string {
  return join(dirname(dirname(folder.path)), 'data');
}

async function submittedHere(
  folder: SweepFolder,
  { sweep, settings, scheduler: starts, perTask, trials }: BeginRequest,
  program: TaskProgram,
): Promise<{ readonly jobs: readonly number[]; readonly tasks: number }> {
  folder.plan(sweep, settings);
  if (starts === 'slurm') await settleIntents(folder);
  const tasks = await tasksHere(folder, starts);
  const isTaken = (trial: number) => {
    const task = tasks.get(trial);
    return task !== undefined && isLive(task.state ?? '') && !new Attempts(folder.jobOf(trial)).isOver(task.submission);
  };
  const left = trials.filter((trial) => !isTaken(trial));
  if (left.length === 0) return { jobs: [], tasks: 0 };
  for (const trial of left) {
    const attempts = new Attempts(folder.jobOf(trial));
    // Whoever asks could not merge them.
    if (!attempts.areIntact(trial)) attempts.discard();
  }
  const withData = ['/usr/bin/env', `AEDSL_DATA=${dataBeside(folder)}`, ...program] as const;
  if (starts === 'slurm') {
    return submitTrials(folder, left, { settings, program: withData, mostTasks: await mostArrayTasks(), perTask });
  }
  const { number } = folder.intend(left.map((trial) => [trial]));
  folder.putReceipt(number, 0);
  startCores(folder, withData);
  return { jobs: [], tasks: left.length };
}

/** Starts what trains the sweep, in a session of its own, which the end of the connection doesn't end. */
function startCores(folder: SweepFolder, program: TaskProgram): void {
  makeFolder(folder.logs);
  const log = openSync(coresLog(folder), 'a');
  const [file, ...args] = program;
  spawn(file, [...args, 'host', 'train', folder.path], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: folder.path,
  }).unref();
  closeSync(log);
}

async function tasksHere(folder: SweepFolder, starts: Scheduler): Promise<ReadonlyMap<number, TrialTask>> {
  return starts === 'slurm' ? tasksOfTrials(folder) : tasksOnCores(folder);
}

/**
 * Tells how the trials of a sweep are, and sends what has come of those that are wanted: messages as far as they go, and of
 * trials that have ended all that merging needs.
 *
 * @throws SlurmError if Slurm can't be asked; the system's error
 */
async function reportOnHost(folder: SweepFolder, request: ReportRequest, write: Connection['write']): Promise<void> {
  const { have, wanted, forget, scheduler: starts } = request;
  if (!folder.exists) {
    await write(streamLine({ type: 'tasks', tasks: [] }));
    await write(streamLine({ type: 'end' }));
    return;
  }
  folder.requireOwn();
  for (const trial of forget) folder.forget(trial);
  if (starts === 'slurm') await settleIntents(folder);
  const tasks = await tasksHere(folder, starts);
  const told = wanted.flatMap((trial): HostTask[] => {
    const task = tasks.get(trial);
    return task === undefined ? [] : [{ trial, ...task, loss: lossHere(folder, trial, task, starts) }];
  });
  await write(streamLine({ type: 'tasks', tasks: told }));
  for (const bytes of submissionsOf(folder, have)) await write(bytes);
  for (const trial of wanted) {
    for (const bytes of trialFrames(folder, trial, tasks.get(trial)?.submission ?? null, have)) await write(bytes);
  }
  await write(streamLine({ type: 'end' }));
}

function lossHere(folder: SweepFolder, trial: number, task: TrialTask, starts: Scheduler): string | null {
  if (isLive(task.state ?? '') || new Attempts(folder.jobOf(trial)).foundEnd(task.submission) !== null) return null;
  return starts === 'slurm' ? lossOf(folder, trial, task) : lossOnCores(folder);
}

/** Intents, receipts and their like. */
function* submissionsOf(folder: SweepFolder, have: ReportRequest['have']): Iterable<Buffer> {
  const submissions = join(folder.path, 'submissions');
  for (const name of existsSync(submissions) ? readdirSync(submissions).sort() : []) {
    const path = `submissions/${name}`;
    const file = join(submissions, name);
    if (/^\d{4,6}\.(?:json|receipt|void)$/.test(name) && have[path] !== statSync(file).size) yield* framed(file, path);
  }
}

function* trialFrames(
  folder: SweepFolder,
  trial: number,
  submission: number | null,
  have: ReportRequest['have'],
): Iterable<Buffer> {
  const attempts = new Attempts(folder.jobOf(trial));
  const end = attempts.foundEnd(submission);
  if (end?.as === 'unreadable') {
    // Whoever merges says which line it is.
    for (const attempt of attempts.folders()) yield* spoolFrames(folder, trial, attempt, have);
    return;
  }
  const list = attempts.list();
  const continued = new Set(list.flatMap(({ from }) => from ?? []));
  for (const attempt of list) {
    const path = pathOfAttempt(folder, trial, attempt.folder);
    // A spool comes last, so that whoever has an end has what belongs to it.
    if (end !== null) {
      const checkpoints = checkpointsIn(attempt);
      const needed = new Set(checkpoints.flatMap(({ file, sha256 }) => (continued.has(sha256) ? file : [])));
      // The next part of the trial goes on from there.
      const rung = end.as === 'at_rung' && end.attempt.number === attempt.number ? checkpoints.at(-1) : undefined;
      if (rung !== undefined) needed.add(rung.file);
      for (const name of readdirSync(attempt.folder).sort()) {
        const file = join(attempt.folder, name);
        const isOther = /^(?:from|checkpoint-\d+|unnumbered.*)\.safetensors$|\.part$/.test(name) || name === spoolName;
        if (isOther && !needed.has(name)) continue;
        if (have[`${path}/${name}`] !== statSync(file).size) yield* framed(file, `${path}/${name}`);
      }
    }
    yield* spoolFrames(folder, trial, attempt.folder, have);
  }
}

function pathOfAttempt(folder: SweepFolder, trial: number, attempt: string): string {
  return `trials/${trial}/${attempt.slice(folder.jobOf(trial).length + 1)}`;
}

function* spoolFrames(
  folder: SweepFolder,
  trial: number,
  attempt: string,
  have: ReportRequest['have'],
): Iterable<Buffer> {
  const path = `${pathOfAttempt(folder, trial, attempt)}/${spoolName}`;
  const file = join(attempt, spoolName);
  if (existsSync(file)) yield* framed(file, path, have[path] ?? 0);
}
