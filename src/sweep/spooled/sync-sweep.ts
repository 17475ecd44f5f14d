import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLive, mostArrayTasks, requireAcceptable } from '../../execute/slurm/scheduler.js';
import { SlurmError } from '../../execute/slurm/slurm-error.js';
import { lastTasks, settleIntents, submitTrials, type TrialTask, tasksOfTrials } from '../../execute/slurm/submit.js';
import { SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { Attempts, type JobEnd } from '../../execute/spool/attempts.js';
import { SpoolExecutor } from '../../execute/spool/spool-executor.js';
import { lastLine } from '../../execute/spool/spool-file.js';
import { makeFolder } from '../../files/folders.js';
import { UsageError } from '../../project/usage-error.js';
import { readStore } from '../../runtime/store/store.js';
import type { SweepRecord, SweepTrialRecord } from '../../runtime/store/sweep-records.js';
import { isMissing, type ResumeRequest, resumeSweep, sweepNamed } from '../resume.js';
import type { SweepOutcome } from '../sweep.js';
import { withFolder } from './folder-lock.js';
import {
  noLonger,
  noPruning,
  type SlurmPlace,
  type SubmittedSweep,
  submittedWith,
  writingJobs,
} from './submit-sweep.js';

/** A submitted sweep after what has come of it is in the results. */
export interface SyncedSweep {
  /** `s3` */
  readonly sweep: string;
  /** All its trials, as the results have them now. */
  readonly trials: readonly SweepTrialRecord[];
  /** Trials whose end was merged just now. */
  readonly merged: readonly number[];
  /** Trials without an end that a task trains, */
  readonly running: readonly number[];
  /** or will train, */
  readonly waiting: readonly number[];
  /** or won't, with the reason. */
  readonly lost: readonly LostTrial[];
  /** Why Slurm could not be asked about its tasks; null if it could. */
  readonly unasked: SlurmError | null;
  readonly notes: readonly string[];
  /** What merging came to; null if there was nothing to merge. */
  readonly outcome: SweepOutcome | null;
}

export interface LostTrial {
  readonly trial: number;
  /** A sentence without its first capital and its end. */
  readonly reason: string;
}

/**
 * Merges the trials of a submitted sweep that have ended into the results. What is merged already is left as it is, and
 * processes that merge at one time take turns.
 *
 * @throws UsageError for a sweep that was not submitted; Stale, StoreError
 */
export async function syncSweep(request: ResumeRequest): Promise<SyncedSweep> {
  const { sweep } = await recordsOf(request);
  const folder = SweepFolder.of(request.store, sweep.id);
  if (!folder.exists) throw notSubmitted(sweep, folder);
  return withFolder(folder, () => merged({ ...request, sweep: sweep.id }, folder));
}

/** A sweep as it was merged, and what was submitted of it again; null if nothing was. */
export interface ResubmittedSweep {
  readonly synced: SyncedSweep;
  readonly submitted: SubmittedSweep | null;
}

/**
 * Merges what has ended of a sweep, and submits to Slurm what no task trains: what was never submitted, lost, and with
 * `failed` what failed.
 *
 * @throws SlurmError if Slurm can't be asked, or refuses; UsageError, and as `resumeSweep`
 */
export async function resubmitSweep(
  request: ResumeRequest,
  { settings, program }: SlurmPlace,
): Promise<ResubmittedSweep> {
  const { sweep } = await recordsOf(request);
  if (sweep.pruning !== null) throw noPruning();
  if (sweep.from !== null) throw noLonger();
  const folder = SweepFolder.of(request.store, sweep.id);
  makeFolder(folder.path);
  const own = { ...request, sweep: sweep.id };
  return withFolder(folder, async () => {
    await requireAcceptable(settings);
    const mostTasks = await mostArrayTasks();
    const synced = await merged(own, folder);
    if (synced.unasked !== null) throw synced.unasked;
    const live = new Set([...synced.running, ...synced.waiting]);
    requireNotMoved(folder, live.size);
    const wanted = ({ trial, state }: SweepTrialRecord) =>
      !live.has(trial) && (isMissing(state) || (request.failed === true && state === 'failed'));
    if (!synced.trials.some(wanted)) return { synced, submitted: null };
    const { writer, asked } = writingJobs({ store: request.store, settings, isNew: false }, request);
    const outcome = await resumeSweep({ ...own, ...asked, wanted });
    const { jobs, tasks } = await submittedWith(sweep.id, () =>
      submitTrials(folder, writer.written, { settings, program, mostTasks, perTask: settings.perTask ?? 1 }),
    );
    return { synced, submitted: { sweep: sweep.id, trials: writer.written.length, jobs, tasks, outcome } };
  });
}

/**
 * Merges what has ended of a sweep that is to be continued on this machine.
 * @throws UsageError if tasks of it are left, SlurmError if nobody knows
 */
export async function withdrawSweep(request: ResumeRequest): Promise<SyncedSweep> {
  const synced = await syncSweep(request);
  if (synced.unasked !== null) throw synced.unasked;
  const live = synced.running.length + synced.waiting.length;
  if (live === 0) return synced;
  throw new UsageError(
    `${synced.sweep} still has ${live} trials in Slurm's queue`,
    `\`aedsl sync ${synced.sweep}\` merges what has ended; \`scancel --name=…\` ends the rest (\`squeue --me\` lists the names)`,
  );
}

/** Nothing trains while spools are merged. */
const onOneThread = { jobs: 1, threads: 1, memory: Number.POSITIVE_INFINITY } as const;

function recordsOf({ store, sweep }: Pick<ResumeRequest, 'store' | 'sweep'>) {
  return readStore(store, (results) => {
    const found = sweepNamed(results, sweep);
    return { sweep: found, records: results.sweepTrials(found.id) };
  });
}

async function merged(request: ResumeRequest, folder: SweepFolder): Promise<SyncedSweep> {
  const { sweep, records } = await recordsOf(request);
  const { tasks, unasked } = await askedTasks(folder, records);
  const ends = endsOf(folder, records);
  const executor = new SpoolExecutor((trial) => folder.jobOf(trial));
  const wanted = ({ trial }: SweepTrialRecord) => ends.has(trial);
  const outcome =
    ends.size === 0 ? null : await resumeSweep({ ...request, sweep: sweep.id, ...onOneThread, executor, wanted });
  const trials = outcome?.trials ?? records;
  for (const { trial, state } of trials) {
    if (!isMissing(state) && state !== 'failed') folder.forget(trial);
  }
  const missing = trials.filter(({ state }) => isMissing(state)).map(({ trial }) => trial);
  const stateOf = (trial: number) => tasks.get(trial)?.state ?? '';
  const live = missing.filter((trial) => isLive(stateOf(trial)));
  const lost = unasked === null ? missing.filter((trial) => !isLive(stateOf(trial))) : [];
  return {
    sweep: sweep.id,
    trials,
    merged: trials.flatMap(({ trial, state }) => (ends.has(trial) && !isMissing(state) ? trial : [])),
    running: live.filter((trial) => stateOf(trial) === 'RUNNING'),
    waiting: live.filter((trial) => stateOf(trial) !== 'RUNNING'),
    lost: lost.map((trial) => ({ trial, reason: lossOf(folder, trial, tasks.get(trial)) })),
    unasked,
    notes: movedNote(folder, live.length),
    outcome,
  };
}

/** What Slurm has of each trial. Without Slurm, merging is still possible. */
async function askedTasks(
  folder: SweepFolder,
  records: readonly SweepTrialRecord[],
): Promise<{ readonly tasks: ReadonlyMap<number, TrialTask>; readonly unasked: SlurmError | null }> {
  if (!folder.exists || !records.some(({ state }) => isMissing(state) || state === 'failed')) {
    return { tasks: new Map(), unasked: null };
  }
  try {
    await settleIntents(folder);
    return { tasks: await tasksOfTrials(folder), unasked: null };
  } catch (error) {
    if (!(error instanceof SlurmError)) throw error;
    return { tasks: new Map(), unasked: error };
  }
}

/** Ends of trials that the results lack. */
function endsOf(folder: SweepFolder, records: readonly SweepTrialRecord[]): ReadonlyMap<number, JobEnd> {
  if (!folder.exists) return new Map();
  const submissions = lastTasks(
    folder.arrays().filter(({ isVoid }) => !isVoid),
    [],
  );
  const ends = new Map<number, JobEnd>();
  for (const trial of folder.trials()) {
    const record = records[trial];
    if (record === undefined || !isMissing(record.state)) continue;
    const end = new Attempts(folder.jobOf(trial)).end(submissions.get(trial)?.submission ?? null);
    if (end !== null) ends.set(trial, end);
  }
  return ends;
}

/** Why nobody trains a trial that has no end. */
function lossOf(folder: SweepFolder, trial: number, task: TrialTask | undefined): string {
  if (task === undefined) return 'it was never submitted';
  const { task: name, state } = task;
  const ended = `task ${name ?? '?'} has ended${state === null ? '' : ` (${state})`}`;
  const attempts = new Attempts(folder.jobOf(trial)).list();
  if (attempts.length > 0) return `${ended} before the trial did`;
  const log = join(folder.logs, `${name}.log`);
  const said = existsSync(log) ? lastLine(log) : null;
  return said === null
    ? `${ended} and has written nothing into ${folder.path}: its node may not see that folder`
    : `${ended} before it began: ${said.slice(0, 300)}`;
}

function movedNote(folder: SweepFolder, live: number): readonly string[] {
  if (!folder.exists) return [];
  const { folder: before } = folder.readPlan();
  if (before === folder.path || live === 0) return [];
  return [`the sweep was moved here from ${before}, where ${live} of its trials are still trained`];
}

function requireNotMoved(folder: SweepFolder, live: number): void {
  const [note] = movedNote(folder, live);
  if (note === undefined) return;
  throw new UsageError(note, 'move it back, or wait for the end of these tasks and submit again');
}

function notSubmitted({ id }: SweepRecord, { path }: SweepFolder): UsageError {
  return new UsageError(
    `${id} was not submitted to Slurm: there is no ${path}`,
    'if the results were moved, move that folder with them; `aedsl resume` continues a sweep of this machine',
  );
}
