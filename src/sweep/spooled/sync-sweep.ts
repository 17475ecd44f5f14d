import type { TrialJob } from '../../execute/job.js';
import { type Queued, type QueueRequest, queueOnSlurm } from '../../execute/slurm/queue.js';
import { isLive } from '../../execute/slurm/scheduler.js';
import { SlurmError } from '../../execute/slurm/slurm-error.js';
import {
  lastTasks,
  lossOf,
  settleIntents,
  type TaskProgram,
  type TrialTask,
  tasksOfTrials,
} from '../../execute/slurm/submit.js';
import { type HostPlace, SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { Attempts, type FoundEnd } from '../../execute/spool/attempts.js';
import { JobWriter } from '../../execute/spool/job-writer.js';
import { SpoolExecutor } from '../../execute/spool/spool-executor.js';
import type { HostTask } from '../../execute/ssh/host-side.js';
import { SshError } from '../../execute/ssh/ssh-error.js';
import { hostText } from '../../execute/ssh/ssh-host.js';
import { queueOnHost, reportFromHost } from '../../execute/ssh/sweep-host.js';
import { makeFolder } from '../../files/folders.js';
import { FileError } from '../../files/read-file.js';
import { isSystemError } from '../../files/system-error.js';
import { largest } from '../../numerics/extremes.js';
import { UsageError } from '../../project/usage-error.js';
import { readStore } from '../../runtime/store/store.js';
import type { SweepRecord, SweepTrialRecord } from '../../runtime/store/sweep-records.js';
import { isMissing, type ResumeRequest, resumeSweep, sweepNamed } from '../resume.js';
import type { SweepOutcome } from '../sweep.js';
import { withFolder, withFolderIfFree } from './folder-lock.js';
import { SearchRounds } from './search-rounds.js';
import {
  followingOf,
  handedIn,
  noLonger,
  type Site,
  type SubmitPlace,
  type SubmittedSweep,
  siteFor,
  submitMore,
  trialsSubmitted,
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

/**
 * Merges the trials of a submitted sweep that have ended into the results, and submits those that only now can be: the next points
 * of a search, and trials that pass a rung. The listener hears of the latter. What is merged already is left as it is, what was submitted is not submitted again, and processes that do so at one
 * time take turns.
 *
 * @param program aedsl, as nodes start it; null to merge, and submit nothing
 * @throws UsageError for a sweep that was not submitted; Stale, StoreError
 */
export async function syncSweep(request: ResumeRequest, program: TaskProgram | null): Promise<SyncedSweep> {
  const { sweep } = await recordsOf(request);
  const folder = SweepFolder.of(request.store, sweep.id);
  if (!folder.exists) throw notSubmitted(sweep, folder);
  const own = { ...request, sweep: sweep.id };
  const { listener: _, ...quietly } = own;
  return withFolder(folder, async () => {
    const synced = await merged(quietly, folder);
    if (program === null) return synced;
    return synced.goingOn.length === 0
      ? withNext(own, folder, synced, program)
      : continued(own, folder, synced, program);
  });
}

/** Submits the trials that pass a rung, whose jobs are written. */
async function continued(
  { library }: ResumeRequest,
  folder: SweepFolder,
  synced: SyncedSweep,
  program: TaskProgram,
): Promise<SyncedSweep> {
  const { goingOn, outcome, running, waiting, unasked } = synced;
  const isMoved = movedNote(folder, running.length + waiting.length).length > 0;
  if (outcome === null || unasked !== null || isMoved) return synced;
  const { settings, host } = folder.readPlan();
  const takenSince = arraysSince(folder);
  try {
    const site = await siteFor({ settings, program, host: host && { ...host, folder: host.base } }, library);
    const perTask = settings.perTask ?? mostPerTask(folder);
    const submitted = await handedIn(outcome, goingOn, { site, folder, perTask, follows: 'rungs' });
    return { ...synced, waiting: [...waiting, ...goingOn], goingOn: [], submitted };
  } catch (error) {
    if (!(error instanceof SlurmError || error instanceof SshError)) throw error;
    const submitted = takenSince();
    const taken = new Set(submitted?.trials);
    return {
      ...synced,
      waiting: [...waiting, ...taken],
      goingOn: goingOn.filter((trial) => !taken.has(trial)),
      submitted,
      refused: refusalIn(error),
    };
  }
}

/** @returns tells what was submitted since: earlier arrays than one that is refused are in the queue */
function arraysSince(folder: SweepFolder): () => NewTrials | null {
  const before = new Set(folder.arrays().map(({ number }) => number));
  return () => {
    const arrays = folder.arrays().filter(({ number, isVoid }) => !isVoid && !before.has(number));
    const trials = arrays.flatMap(({ tasks }) => tasks.flat());
    return trials.length === 0 ? null : { trials, jobs: arrays.flatMap(({ job }) => job ?? []) };
  };
}

/** What was refused, without what to do: `sync` says that for itself. */
function refusalIn(error: SlurmError | SshError): SlurmError | SshError {
  const { cause } = error;
  return cause instanceof SlurmError || cause instanceof SshError ? cause : error;
}

/** The most trials that a task of the sweep had. */
function mostPerTask(folder: SweepFolder): number {
  return largest([1, ...folder.arrays().flatMap(({ tasks }) => tasks.map(({ length }) => length))]);
}

/** Submits what can be submitted by now. */
async function withNext(
  request: ResumeRequest,
  folder: SweepFolder,
  synced: SyncedSweep,
  program: TaskProgram,
): Promise<SyncedSweep> {
  const { sweep, records } = await recordsOf(request);
  const isMoved = movedNote(folder, synced.running.length + synced.waiting.length).length > 0;
  if (sweep.search === null || synced.unasked !== null || isMoved) return synced;
  const before = trialsSubmitted(folder);
  const isOpen = ({ trial, state }: SweepTrialRecord) => isMissing(state) && !before.has(trial);
  if (!records.some(isOpen) && !SearchRounds.of(sweep, records).canDecide) return synced;
  const { settings, host } = folder.readPlan();
  const takenSince = arraysSince(folder);
  let submitted: NewTrials | null;
  let refused: SyncedSweep['refused'] = null;
  try {
    const site = await siteFor({ settings, program, host: host && { ...host, folder: host.base } }, request.library);
    submitted = await submitMore({ ...request, wanted: isOpen }, { folder, site, settings, follows: 'points' });
  } catch (error) {
    if (!(error instanceof SlurmError || error instanceof SshError)) throw error;
    submitted = takenSince();
    refused = refusalIn(error);
  }
  const after = await recordsOf(request);
  const missing = after.records.flatMap(({ trial, state }) => (isMissing(state) ? trial : []));
  const known = trialsSubmitted(folder);
  const lost = synced.lost.filter(({ trial }) => before.has(trial));
  return {
    ...synced,
    trials: after.records,
    waiting: [...synced.waiting, ...missing.filter((trial) => known.has(trial) && !before.has(trial))],
    lost: [...lost, ...missing.flatMap((trial) => (known.has(trial) ? [] : { trial, reason: neverSubmitted }))],
    submitted: submitted?.trials.length === 0 ? null : submitted,
    refused,
    search: undecidedOf(after.sweep, after.records),
  };
}

function undecidedOf(sweep: SweepRecord, records: readonly SweepTrialRecord[]): UndecidedTrials | null {
  if (sweep.search === null) return null;
  const { planned, waitsFor } = SearchRounds.of(sweep, records);
  return { planned, waitsFor };
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
 * @throws SlurmError, SshError if it can't be asked, or refuses; UsageError, and as `resumeSweep`
 */
export async function resubmitSweep(request: ResumeRequest, place: SubmitPlace): Promise<ResubmittedSweep> {
  const { sweep } = await recordsOf(request);
  if (sweep.from !== null) throw noLonger();
  const folder = SweepFolder.of(request.store, sweep.id);
  makeFolder(folder.path);
  const own = { ...request, sweep: sweep.id };
  return withFolder(folder, async () => {
    const site = await siteFor(place, request.library);
    const synced = await merged(own, folder);
    if (synced.unasked !== null) throw synced.unasked;
    const live = new Set([...synced.running, ...synced.waiting]);
    requireHere(folder, site, live.size);
    const atRung = trialsAt(synced.rungs);
    const isLeft = (trial: number) => !live.has(trial) && !atRung.has(trial);
    const isOpen = ({ state }: SweepTrialRecord) => isMissing(state) || (request.failed === true && state === 'failed');
    // Rungs are decided by all trials, also by those that are trained by now.
    const wanted = (record: SweepTrialRecord) => isOpen(record) && (sweep.pruning !== null || isLeft(record.trial));
    const after = await recordsOf(own);
    const canDecide = sweep.search !== null && SearchRounds.of(after.sweep, after.records).canDecide;
    const hasLeft = synced.trials.some((record) => isOpen(record) && isLeft(record.trial));
    if (!hasLeft && !canDecide) return { synced, submitted: null };
    const handing = { folder, site, settings: place.settings, follows: followingOf(sweep) };
    const submitted = await submitMore({ ...own, wanted }, handing, isLeft);
    return { synced, submitted };
  });
}

/**
 * Merges what has ended of a sweep that is to be continued on this machine.
 * @throws UsageError if tasks of it are left, SlurmError if nobody knows
 */
export async function withdrawSweep(request: ResumeRequest): Promise<SyncedSweep> {
  const synced = await syncSweep(request, null);
  if (synced.unasked !== null) throw synced.unasked;
  const live = synced.running.length + synced.waiting.length;
  if (live === 0) return synced;
  const { host } = SweepFolder.of(request.store, synced.sweep).readPlan();
  if (host !== null) {
    throw new UsageError(
      `${synced.sweep} still has ${live} trials on ${hostText(host)}`,
      `\`aedsl sync ${synced.sweep}\` merges what has ended`,
    );
  }
  throw new UsageError(
    `${synced.sweep} still has ${live} trials in Slurm's queue`,
    `\`aedsl sync ${synced.sweep}\` merges what has ended; \`scancel --name=…\` ends the rest (\`squeue --me\` lists the names)`,
  );
}

/**
 * Holds, releases, stops or prefers trials of a submitted sweep, as far as its scheduler can.
 * @throws UsageError for a sweep that was not submitted; SlurmError, SshError, StoreError
 */
export async function queueSweep(
  { store, sweep: name }: Pick<ResumeRequest, 'store' | 'sweep'>,
  asked: QueueRequest,
): Promise<Queued & { readonly sweep: string }> {
  const { sweep, records } = await recordsOf({ store, sweep: name });
  const folder = SweepFolder.of(store, sweep.id);
  if (!folder.exists) throw notSubmitted(sweep, folder);
  const unknown = asked.trials?.find((trial) => records[trial] === undefined);
  if (unknown !== undefined) {
    throw new UsageError(`${sweep.id} has no trial ${unknown}`, `\`aedsl ls ${sweep.id}\` lists its trials`);
  }
  const { host } = folder.readPlan();
  const queue = () => (host === null ? queueOnSlurm(folder, asked) : queueOnHost(folder, host, asked));
  return { sweep: sweep.id, ...(await withFolder(folder, queue)) };
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

function trialsAt(rungs: SyncedSweep['rungs']): ReadonlySet<number> {
  return new Set(rungs?.flatMap(({ trials }) => trials));
}

const neverSubmitted = 'it was never submitted';

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

function movedNote(folder: SweepFolder, live: number, lost = 0): readonly string[] {
  if (!folder.exists) return [];
  const { folder: before, host } = folder.readPlan();
  if (before === folder.path || live + lost === 0 || host !== null) return [];
  if (live === 0) return [`the sweep was moved here from ${before}, where its tasks looked for it`];
  return [`the sweep was moved here from ${before}, where ${live} of its trials are still trained`];
}

/** @throws UsageError if trials are trained where the rest would not be submitted */
function requireHere(folder: SweepFolder, site: Site, live: number): void {
  const before = folder.exists ? folder.readPlan().host : null;
  const isSame = before?.base === site.host?.base && before?.destination === site.host?.destination;
  if (folder.exists && !isSame && live > 0) {
    throw new UsageError(
      `${live} trials are still trained ${before === null ? 'by the Slurm of this machine' : `on ${hostText(before)}`}`,
      'wait for their end, or stop them there; then submit the rest elsewhere',
    );
  }
  const [note] = site.host === null ? movedNote(folder, live) : [];
  if (note === undefined) return;
  throw new UsageError(note, 'move it back, or wait for the end of these tasks and submit again');
}

export function notSubmitted({ id }: SweepRecord, { path }: SweepFolder): UsageError {
  return new UsageError(
    `${id} was not submitted to Slurm: there is no ${path}`,
    'if the results were moved, move that folder with them; `aedsl resume` continues a sweep of this machine',
  );
}
