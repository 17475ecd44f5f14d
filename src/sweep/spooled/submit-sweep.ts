import { mostArrayTasks, requireAcceptable } from '../../execute/slurm/scheduler.js';
import { leadSeconds, type SlurmSettings, timeSeconds } from '../../execute/slurm/settings.js';
import { SlurmError } from '../../execute/slurm/slurm-error.js';
import { type Submitted, submitTrials, type TaskProgram } from '../../execute/slurm/submit.js';
import { type HostPlace, SweepFolder } from '../../execute/slurm/sweep-folder.js';
import { JobWriter } from '../../execute/spool/job-writer.js';
import { SshError } from '../../execute/ssh/ssh-error.js';
import { type AskedHost, readyHost, submitOnHost } from '../../execute/ssh/sweep-host.js';
import { largest } from '../../numerics/extremes.js';
import { UsageError } from '../../project/usage-error.js';
import type { Listener } from '../../runtime/events.js';
import { durationText } from '../../text/duration-text.js';
import { modulesOf } from '../../words/outside.js';
import type { Words } from '../../words/word.js';
import { lastSpeed } from '../known-speeds.js';
import type { PlannedTrial, SweepPlan } from '../plan/sweep-plan.js';
import { type ResumeRequest, resumeSweep } from '../resume.js';
import { runSweep, type SweepOutcome, type SweepRequest, type SweepRunSettings } from '../sweep.js';
import { withFolder } from './folder-lock.js';

/** Where and how trials of a sweep are submitted. */
export interface SubmitPlace {
  readonly settings: SlurmSettings;
  /** aedsl, as nodes start it. */
  readonly program: TaskProgram;
  /** The host whose Slurm or cores train; null for the Slurm of this machine. */
  readonly host: AskedHost | null;
  /** Hears where the host will train, before anything is planned. */
  readonly foundHost?: (place: HostPlace) => void;
}

export interface SubmittedSweep extends Submitted {
  /** Null for the Slurm of this machine. */
  readonly host: HostPlace | null;
  /** `s3` */
  readonly sweep: string;
  /** Trials that were submitted. */
  readonly trials: readonly number[];
  readonly outcome: SweepOutcome;
  /** Trials that follow from the results of these, and are submitted by `sync`. */
  readonly follows: Following;
}

/** Points of a search, trials that pass a rung, or nothing. */
export type Following = 'points' | 'rungs' | null;

/**
 * Plans a sweep and submits its trials to Slurm, or to another host. The plan is stored before anything is submitted; this process may end
 * once it returns. Trials that are complete in the database are reused.
 *
 * @throws SlurmError, SshError, UsageError for what can't be submitted, and as `runSweep`
 */
export async function submitSweep(
  request: SweepRequest & { readonly store: string },
  asked: SubmitPlace,
): Promise<SubmittedSweep> {
  const { plan, store } = request;
  const { settings } = asked;
  if (request.from) throw noLonger();
  const site = await siteFor(asked, plan.library);
  const speed = await lastSpeed(plan.experiment, store);
  requireEpochs(plan, settings, speed);
  const perTask = settings.perTask ?? fittingPerTask(plan, settings, speed);
  const { jobs, folder, written } = writingJobs({ store, settings, host: site.host, isNew: true }, request);
  const outcome = await runSweep({ ...request, ...written });
  const submitted = folder();
  return withFolder(submitted, () => {
    // Another process may have submitted them since they were written.
    const known = trialsSubmitted(submitted);
    const left = jobs().filter((trial) => !known.has(trial));
    return handedIn(outcome, left, { site, folder: submitted, perTask, follows: followingOf(plan) });
  });
}

/** The kind of trials that follow from a sweep's results. */
export function followingOf({ search, pruning }: Readonly<Record<'search' | 'pruning', unknown>>): Following {
  if (search !== null) return 'points';
  return pruning === null ? null : 'rungs';
}

/**
 * Carries on a stored sweep: writes the jobs of trials that are wanted, and of those that a search decides by now, and submits them.
 * Whoever calls it holds the folder's lock.
 *
 * @param isLeft of the wanted trials, which are submitted: by default all
 * @throws SlurmError, SshError for what is refused, and as `resumeSweep`
 */
export async function submitMore(
  request: ResumeRequest,
  { folder, site, settings, follows }: Omit<HandingIn, 'perTask'> & { readonly settings: SlurmSettings },
  isLeft: (trial: number) => boolean = () => true,
): Promise<SubmittedSweep> {
  const checkpoints = request.checkpoints ?? (folder.exists ? folder.readPlan().checkpoints : null);
  const asked = checkpoints === null ? request : { ...request, checkpoints };
  const place = { store: request.store, settings, host: site.host, isNew: false };
  const { jobs, written } = writingJobs(place, asked, isLeft);
  const outcome = await resumeSweep({ ...asked, ...written });
  return handedIn(outcome, jobs(), { site, folder, perTask: settings.perTask ?? 1, follows });
}

/** Trials that were submitted, as far as is known here. @throws FileError, JsonError */
export function trialsSubmitted(folder: SweepFolder): ReadonlySet<number> {
  return new Set(folder.arrays().flatMap(({ isVoid, tasks }) => (isVoid ? [] : tasks.flat())));
}

interface HandingIn {
  readonly folder: SweepFolder;
  readonly site: Site;
  readonly perTask: number;
  readonly follows: Following;
}

/** Submits trials whose jobs are written. Whoever calls it holds the folder's lock. @throws SlurmError, SshError */
export async function handedIn(
  outcome: SweepOutcome,
  trials: readonly number[],
  { site, folder, perTask, follows }: HandingIn,
): Promise<SubmittedSweep> {
  const nothing = { jobs: [], tasks: 0 };
  const submitted =
    trials.length === 0 ? nothing : await submittedWith(outcome.id, () => site.submit(folder, trials, perTask));
  return { ...submitted, sweep: outcome.id ?? '', trials, host: site.host, outcome, follows };
}

/** What takes trials, and has been asked whether it would. */
export interface Site {
  readonly host: HostPlace | null;
  /** @throws SlurmError, SshError */
  readonly submit: (folder: SweepFolder, trials: readonly number[], perTask: number) => Promise<Submitted>;
}

/** @throws SlurmError, SshError for what would refuse; UsageError */
export async function siteFor(
  { settings, program, host: asked, foundHost = () => {} }: SubmitPlace,
  library: Words,
): Promise<Site> {
  if (asked === null) {
    await requireAcceptable(settings);
    const mostTasks = await mostArrayTasks();
    return {
      host: null,
      submit: (folder, trials, perTask) => submitTrials(folder, trials, { settings, program, mostTasks, perTask }),
    };
  }
  const [module] = modulesOf(library);
  if (module !== undefined) {
    throw new UsageError(
      `the words of ${module.name} are code of this machine, which --on ssh does not copy`,
      'start the sweep on the host itself, or define the words in the experiment',
    );
  }
  const { place } = await readyHost(asked, settings, program.at(-1) ?? '');
  foundHost(place);
  const published = library.byFamily.dataset.flatMap((word) => word.published ?? []);
  return {
    host: place,
    submit: (folder, trials, perTask) => submitOnHost(folder, place, { settings, perTask, trials }, published),
  };
}

export function noLonger(): UsageError {
  return new UsageError(
    'a sweep that continues another one (--from) cannot be submitted to Slurm or to another host',
    'train it on this machine, without --on (`resume` with --on cores), where the checkpoints are that it continues from',
  );
}

/** Makes a sweep write the jobs of all trials that are decided by now, and halt. */
function writingJobs(
  {
    store,
    settings,
    host,
    isNew,
  }: {
    readonly store: string;
    readonly settings: SlurmSettings;
    readonly host: HostPlace | null;
    readonly isNew: boolean;
  },
  { listener = () => {}, checkpoints }: SweepRunSettings,
  isLeft: (trial: number) => boolean = () => true,
) {
  let folder: SweepFolder | null = null;
  const made = (): SweepFolder => {
    if (folder === null) throw new RangeError('a sweep writes its jobs only once it has begun');
    return folder;
  };
  const writer = new JobWriter((trial) => made().jobOf(trial), { isLeft });
  const hears: Listener = (event) => {
    // Before anything of a trial.
    if (event.event === 'started' && event.id !== null) {
      folder = SweepFolder.of(store, event.id);
      if (isNew && folder.exists) throw taken(folder);
      folder.plan(event.id, settings, host, checkpoints);
    }
    listener(event);
  };
  const many = 1_000_000;
  const written = {
    executor: writer,
    jobs: many,
    cores: many * settings.cpus,
    memory: Number.POSITIVE_INFINITY,
    threads: settings.cpus,
    previews: false,
    listener: hears,
  } as const;
  return { jobs: () => writer.written, folder: made, written };
}

function taken({ path }: SweepFolder): UsageError {
  return new UsageError(
    `${path} has the jobs of another sweep, of a database that had this name`,
    'remove that folder once none of its jobs runs, and `aedsl resume` this sweep with --on slurm',
  );
}

/** Says of a refusal that the sweep is kept. @throws SlurmError */
async function submittedWith<T>(sweep: string | null, submit: () => Promise<T>): Promise<T> {
  try {
    return await submit();
  } catch (error) {
    if (!(error instanceof SlurmError || error instanceof SshError)) throw error;
    const message = `${sweep} is planned, and not all of it is submitted: ${error.message}`;
    const hint = `${error.hint}\n\`aedsl resume ${sweep}\` submits the rest`;
    if (error instanceof SshError) throw new SshError(error.reason, message, hint, { cause: error });
    throw new SlurmError(error.reason, message, hint, { cause: error });
  }
}

/** Seconds that a task should at least train, beside what it takes to start. */
const worthATask = 300;
const mostPerTask = 100;
/** Tasks that short trials are spread over, where there is no limit of tasks that run at one time. */
const leastTasks = 16;

/** How many trials a task trains, so that it is worth its start, and ends within its time. */
function fittingPerTask({ trials }: SweepPlan, { time, limit }: SlurmSettings, speed: number | null): number {
  if (speed === null) return 1;
  const seconds = largest(trials.map(({ steps }) => steps / speed));
  const most = Math.min(worthATask, time === null ? worthATask : timeSeconds(time) / 2);
  const spread = Math.ceil(trials.length / (limit ?? leastTasks));
  return Math.max(1, Math.min(mostPerTask, spread, Math.floor(most / Math.max(seconds, 1e-3))));
}

/** @throws UsageError if an earlier run says that an epoch takes longer than a task may */
function requireEpochs({ trials }: SweepPlan, { time }: SlurmSettings, speed: number | null): void {
  if (time === null || speed === null) return;
  const seconds = largest(trials.map((trial) => epochSeconds(trial, speed)));
  if (seconds <= timeSeconds(time) - leadSeconds(time)) return;
  throw new UsageError(
    `an epoch takes about ${durationText(seconds)}, as earlier runs did, and a time limit of ${time} ends before it`,
    'give more with --time',
  );
}

function epochSeconds({ steps, compiled }: PlannedTrial, speed: number): number {
  const epochs = compiled.ir.stages.reduce((sum, { settings }) => {
    const value = settings.epochs?.value;
    return sum + (typeof value === 'number' ? value : 0);
  }, 0);
  return steps / Math.max(1, epochs) / speed;
}
