import type { TrialJob } from '../../execute/job.js';
import { isLive } from '../../execute/slurm/scheduler.js';
import { SlurmError } from '../../execute/slurm/slurm-error.js';
import { lastTasks, lossOf, settleIntents, type TrialTask, tasksOfTrials } from '../../execute/slurm/submit.js';
import { type HostPlace, SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { Attempts, type FoundEnd } from '../../execute/spool/attempts.js';
import { JobWriter } from '../../execute/spool/job-writer.js';
import { SpoolExecutor } from '../../execute/spool/spool-executor.js';
import type { HostTask } from '../../execute/ssh/host-side.js';
import { SshError } from '../../execute/ssh/ssh-error.js';
import { reportFromHost } from '../../execute/ssh/sweep-host.js';
import { FileError } from '../../files/read-file.js';
import { isSystemError } from '../../files/system-error.js';
import { UsageError } from '../../project/usage-error.js';
import { readStore } from '../../runtime/store/store.js';
import type { SweepRecord, SweepTrialRecord } from '../../runtime/store/sweep-records.js';
import { isMissing, type ResumeRequest, resumeSweep, sweepNamed } from '../resume.js';
import type { SweepOutcome } from '../sweep.js';
import { withFolderIfFree } from './folder-lock.js';
import { SearchRounds } from './search-rounds.js';
import type { SubmittedSweep } from './submit-sweep.js';

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
  /** Trials that wait for more than their turn. */
  readonly heldBack: readonly HeldBackTrials[];
  /** Why Slurm, or the host, could not be asked about its tasks; null if it could. */
  readonly unasked: SlurmError | SshError | null;
  readonly notes: readonly string[];
  /** Trials that wait at a rung, which those that are not there yet decide with them; null for a sweep that doesn't prune. */
  readonly rungs: readonly RungWait[] | null;
  /** Trials that pass a rung and are not submitted yet. */
  readonly goingOn: readonly number[];
  /** What merging came to; null if there was nothing to merge. */
  readonly outcome: SweepOutcome | null;
  /** Trials that could be decided by what was merged, and were submitted, also of a submission that was partly refused. */
  readonly submitted: NewTrials | null;
  /** Why trials that can be submitted by now are not; null if they are, or there are none. */
  readonly refused: SlurmError | SshError | null;
  /** The rest of a search; null for a sweep whose trials are all known. */
  readonly search: UndecidedTrials | null;
}

/** Trials that were submitted just now. */
export type NewTrials = Pick<SubmittedSweep, 'trials' | 'jobs'>;

/** Trials that wait at a rung. */
export interface RungWait {
  /** Epoch of the last stage after which they halted. */
  readonly epoch: number;
  readonly trials: readonly number[];
}

/** Trials of a search that are not decided yet. */
export interface UndecidedTrials {
  /** Trials that the sweep will have. */
  readonly planned: number;
  /** Trials without an end, on whose results the next point depends; empty if there is no next point, or it depends on none. */
  readonly waitsFor: readonly number[];
}

/** Trials whose tasks Slurm does not begin for a reason. */
export interface HeldBackTrials {
  /** As Slurm says it. */
  readonly reason: string;
  readonly trials: readonly number[];
}

export interface LostTrial {
  readonly trial: number;
  /** A sentence without its first capital and its end. */
  readonly reason: string;
}

export function undecidedOf(sweep: SweepRecord, records: readonly SweepTrialRecord[]): UndecidedTrials | null {
  if (sweep.search === null) return null;
  const { planned, waitsFor } = SearchRounds.of(sweep, records);
  return { planned, waitsFor };
}

/** Nothing trains while spools are merged. */
const onOneThread = { jobs: 1, threads: 1, memory: Number.POSITIVE_INFINITY } as const;

export function recordsOf({ store, sweep }: Pick<ResumeRequest, 'store' | 'sweep'>) {
  return readStore(store, (results) => {
    const found = sweepNamed(results, sweep);
    return { sweep: found, records: results.sweepTrials(found.id) };
  });
}

/** Merges what has ended of a sweep, and submits nothing. Whoever calls it holds the folder's lock. @throws Stale, StoreError */
export async function merged(request: ResumeRequest, folder: SweepFolder): Promise<SyncedSweep> {
  const { sweep, records } = await recordsOf(request);
  const { tasks, losses, unasked } = await askedTasks(folder, records);
  const { ends, endOf, submissionOf } = endsOf(folder, records);
  const next = new JobWriter((trial) => folder.jobOf(trial), {
    isLeft: (trial) => endOf(trial)?.as === 'at_rung',
    asWritten: (job) => asSubmitted(folder, job),
  });
  const executor = new SpoolExecutor({ folderOf: (trial) => folder.jobOf(trial), submissionOf, others: next });
  // Rungs are decided by all trials, also by those that are not there yet.
  const wanted = ({ trial, state }: SweepTrialRecord) => (sweep.pruning === null ? ends.has(trial) : isMissing(state));
  const merging = {
    ...request,
    sweep: sweep.id,
    ...onOneThread,
    executor,
    wanted,
    inOrder: true,
    proposes: false,
  } as const;
  const outcome = ends.size === 0 ? null : await resumeSweep(merging);
  const trials = outcome?.trials ?? records;
  for (const { trial, state } of trials) {
    if (!isMissing(state) && state !== 'failed') folder.forget(trial);
  }
  const missing = trials.filter(({ state }) => isMissing(state)).map(({ trial }) => trial);
  const stateOf = (trial: number) => tasks.get(trial)?.state ?? '';
  const passed = new Set(next.written);
  // A task may still train other trials.
  const open = missing.filter((trial) => !passed.has(trial) && ends.get(trial)?.as !== 'at_rung');
  const live = open.filter((trial) => isLive(stateOf(trial)));
  const lost = unasked === null ? open.filter((trial) => !isLive(stateOf(trial))) : [];
  return {
    sweep: sweep.id,
    trials,
    merged: trials.flatMap(({ trial, state }) => (ends.has(trial) && !isMissing(state) ? trial : [])),
    running: live.filter((trial) => stateOf(trial) === 'RUNNING'),
    waiting: live.filter((trial) => stateOf(trial) !== 'RUNNING'),
    lost: lost.map((trial) => ({ trial, reason: losses(trial) })),
    heldBack: heldBackOf(live, tasks),
    unasked,
    notes: movedNote(folder, live.length, lost.length),
    rungs:
      sweep.pruning === null
        ? null
        : waitsAt(
            missing.filter((trial) => !passed.has(trial)),
            ends,
          ),
    goingOn: next.written,
    outcome,
    submitted: null,
    refused: null,
    search: undecidedOf(sweep, trials),
  };
}

/** The next part of a trial, which is trained as those before it. @throws FileError, JsonError */
function asSubmitted(folder: SweepFolder, job: TrialJob): TrialJob {
  const { settings, checkpoints } = folder.readPlan();
  return { ...job, threads: settings.cpus, checkpoints: checkpoints ?? job.checkpoints };
}

function waitsAt(trials: readonly number[], ends: EndedTrials['ends']): readonly RungWait[] {
  const rungs = new Map<number, number[]>();
  for (const trial of trials) {
    const end = ends.get(trial);
    if (end?.as === 'at_rung') rungs.set(end.epoch, [...(rungs.get(end.epoch) ?? []), trial]);
  }
  return [...rungs].sort(([a], [b]) => a - b).map(([epoch, atRung]) => ({ epoch, trials: atRung }));
}

function heldBackOf(live: readonly number[], tasks: AskedTasks['tasks']): readonly HeldBackTrials[] {
  const reasons = new Map<string, number[]>();
  for (const trial of live) {
    const reason = tasks.get(trial)?.heldBack ?? null;
    if (reason !== null) reasons.set(reason, [...(reasons.get(reason) ?? []), trial]);
  }
  return [...reasons].map(([reason, trials]) => ({ reason, trials }));
}

export function trialsAt(rungs: SyncedSweep['rungs']): ReadonlySet<number> {
  return new Set(rungs?.flatMap(({ trials }) => trials));
}

export const neverSubmitted = 'it was never submitted';

interface AskedTasks {
  readonly tasks: ReadonlyMap<number, TrialTask>;
  /** Why nobody trains a trial without an end. */
  readonly losses: (trial: number) => string;
  readonly unasked: SlurmError | SshError | null;
}

/** Asks who trains what, and brings what has come from another host. */
async function askedTasks(folder: SweepFolder, records: readonly SweepTrialRecord[]): Promise<AskedTasks> {
  const none = { tasks: new Map<number, TrialTask>(), losses: () => '' };
  if (!folder.exists || !records.some(({ state }) => isMissing(state) || state === 'failed')) {
    return { ...none, unasked: null };
  }
  try {
    const { host } = folder.readPlan();
    if (host !== null) {
      const tasks = await broughtFrom(folder, host, records);
      return { tasks, losses: (trial) => lossOfSent(tasks.get(trial)) ?? neverSubmitted, unasked: null };
    }
    await settleIntents(folder);
    const tasks = await tasksOfTrials(folder);
    const lossIn = (trial: number) => {
      const task = tasks.get(trial);
      return task === undefined ? neverSubmitted : lossOf(folder, trial, task);
    };
    return { tasks, losses: lossIn, unasked: null };
  } catch (error) {
    if (!(error instanceof SlurmError || error instanceof SshError)) throw error;
    return { ...none, unasked: error };
  }
}

function lossOfSent(task: HostTask | undefined): string | null {
  return task === undefined ? null : (task.loss ?? 'what its host has of it could not be merged');
}

function broughtFrom(folder: SweepFolder, host: HostPlace, records: readonly SweepTrialRecord[]) {
  const of = (isWanted: boolean) =>
    records.flatMap(({ trial, state }) => ((isMissing(state) || state === 'failed') === isWanted ? trial : []));
  return reportFromHost(folder, host, { wanted: of(true), forget: of(false) });
}

/**
 * Brings what has come of a sweep from its host, and merges nothing. Does nothing while another process does so, or for a
 * sweep of this machine.
 *
 * @throws SlurmError, SshError, JsonError; StoreError
 */
export async function bringSweep(store: string, sweep: string): Promise<void> {
  const folder = SweepFolder.of(store, sweep);
  const { host } = folder.readPlan();
  if (host === null) return;
  const { records } = await recordsOf({ store, sweep });
  await withFolderIfFree(folder, () => broughtFrom(folder, host, records));
}

/**
 * Whether a trial of a submitted sweep has an end here that the results lack.
 * @param before what is known of it; null for nothing
 * @throws StoreError, FileError, JsonError
 */
export async function hasUnmerged(
  store: string,
  sweep: string,
  before: Pick<SyncedSweep, 'rungs' | 'goingOn'> | null,
): Promise<boolean> {
  const { records } = await recordsOf({ store, sweep });
  // Those that pass a rung have its end until they are submitted.
  const known = new Set([...trialsAt(before?.rungs ?? null), ...(before?.goingOn ?? [])]);
  try {
    const { ends } = endsOf(SweepFolder.of(store, sweep), records);
    return [...ends].some(([trial, { as }]) => as !== 'at_rung' || !known.has(trial));
  } catch (error) {
    // Another process, which holds the lock, merges a trial and removes its files.
    const isGone =
      error instanceof FileError ? error.reason === 'not_found' : isSystemError(error) && error.code === 'ENOENT';
    if (!isGone) throw error;
    return true;
  }
}

interface EndedTrials {
  /** Ends of trials that the results lack, and rungs that are not decided yet. */
  readonly ends: ReadonlyMap<number, FoundEnd>;
  /** A trial's end by now; null if it has none. */
  readonly endOf: (trial: number) => FoundEnd | null;
  /** Number of a trial's last submission; null for none. */
  readonly submissionOf: (trial: number) => number | null;
}

function endsOf(folder: SweepFolder, records: readonly SweepTrialRecord[]): EndedTrials {
  if (!folder.exists) return { ends: new Map(), endOf: () => null, submissionOf: () => null };
  const submissions = lastTasks(
    folder.arrays().filter(({ isVoid }) => !isVoid),
    [],
  );
  const submissionOf = (trial: number) => submissions.get(trial)?.submission ?? null;
  const endOf = (trial: number) => new Attempts(folder.jobOf(trial)).foundEnd(submissionOf(trial));
  const ends = new Map<number, FoundEnd>();
  for (const trial of folder.trials()) {
    const record = records[trial];
    if (record === undefined || !isMissing(record.state)) continue;
    const end = endOf(trial);
    if (end !== null) ends.set(trial, end);
  }
  return { ends, endOf, submissionOf };
}

/** Says that the sweep was moved, if that matters to trials without an end. */
export function movedNote(folder: SweepFolder, live: number, lost = 0): readonly string[] {
  if (!folder.exists) return [];
  const { folder: before, host } = folder.readPlan();
  if (before === folder.path || live + lost === 0 || host !== null) return [];
  if (live === 0) return [`the sweep was moved here from ${before}, where its tasks looked for it`];
  return [`the sweep was moved here from ${before}, where ${live} of its trials are still trained`];
}

export function notSubmitted({ id }: SweepRecord, { path }: SweepFolder): UsageError {
  return new UsageError(
    `${id} was not submitted to Slurm: there is no ${path}`,
    'if the results were moved, move that folder with them; `aedsl resume` continues a sweep of this machine',
  );
}
