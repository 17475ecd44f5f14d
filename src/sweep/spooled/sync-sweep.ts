import { type Queued, type QueueRequest, queueOnSlurm } from '../../execute/slurm/queue.js';
import { SlurmError } from '../../execute/slurm/slurm-error.js';
import type { TaskProgram } from '../../execute/slurm/submit.js';
import { SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { Attempts } from '../../execute/spool/attempts.js';
import { SshError } from '../../execute/ssh/ssh-error.js';
import { hostText } from '../../execute/ssh/ssh-host.js';
import { queueOnHost } from '../../execute/ssh/sweep-host.js';
import { makeFolder } from '../../files/folders.js';
import { largest } from '../../numerics/extremes.js';
import { UsageError } from '../../project/usage-error.js';
import type { SweepTrialRecord } from '../../runtime/store/sweep-records.js';
import { isMissing, type ResumeRequest } from '../resume.js';
import { withFolder } from './folder-lock.js';
import {
  merged,
  movedNote,
  type NewTrials,
  neverSubmitted,
  notSubmitted,
  recordsOf,
  type SyncedSweep,
  trialsAt,
  undecidedOf,
} from './merge-sweep.js';
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
    for (const { trial, state } of after.records) {
      const attempts = new Attempts(folder.jobOf(trial));
      // What failed because of its files would fail again.
      if (state === 'failed' && request.failed === true && isLeft(trial) && !attempts.areIntact(trial)) {
        attempts.discard();
      }
    }
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
