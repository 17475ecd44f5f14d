import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { readRegularFile } from '../../files/read-file.js';
import { isSystemError, systemCode } from '../../files/system-error.js';
import type { Queued, QueueRequest } from '../slurm/queue.js';
import type { SlurmSettings } from '../slurm/settings.js';
import type { TaskProgram, TrialTask } from '../slurm/submit.js';
import type { SweepFolder } from '../slurm/sweep-folder.js';
import { trainTrial } from '../slurm/task.js';
import { Attempts } from '../spool/attempts.js';
import { lastSaid } from '../spool/spool-file.js';

export interface CoresOptions {
  /** Trials that train at one time. */
  readonly jobs: number;
  /** aedsl, which trains each trial in a process of its own. */
  readonly program: TaskProgram;
  /** Aborted when it has to end: trials then take a checkpoint. */
  readonly end: AbortSignal;
  readonly say: (text: string) => void;
}

/** Trials that a host trains at one time. */
export function jobsOnCores({ cpus, limit }: SlurmSettings): number {
  return limit ?? Math.max(1, Math.floor(availableParallelism() / cpus));
}

/**
 * Trains what was submitted of a sweep on the cores of this host, until nothing is left. Only one process does so at a
 * time; another one ends at once, and the first finds what was submitted meanwhile.
 *
 * @throws FileError, JsonError for a folder that holds no sweep; the system's error
 */
export async function trainOnCores(folder: SweepFolder, options: CoresOptions): Promise<void> {
  while (!options.end.aborted && openTrials(folder).size > 0) {
    const held = HeldSweep.take(folder);
    if (held === null) return;
    try {
      await drain(folder, options);
    } finally {
      held.release();
    }
  }
}

async function drain(folder: SweepFolder, { jobs, program, end, say }: CoresOptions): Promise<void> {
  const begun = new Map<number, number>();
  const next = () => {
    for (const [trial, submission] of openTrials(folder)) {
      if (begun.get(trial) === submission) continue;
      begun.set(trial, submission);
      return { trial, submission };
    }
    return null;
  };
  const worker = async () => {
    for (let asked = next(); asked !== null && !end.aborted; asked = next()) {
      const { trial, submission } = asked;
      const timeLimit = new AbortController().signal;
      const options = { submission, task: null, program, timeLimit, end, say, isFirst: false };
      await trainTrial(trial, folder.jobFileOf(trial), new Attempts(folder.jobOf(trial)), options);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** Trials without an end, and the submission that asked for each last. */
function openTrials(folder: SweepFolder): ReadonlyMap<number, number> {
  const open = new Map<number, number>();
  for (const { number, tasks, isVoid } of folder.arrays()) {
    if (isVoid) continue;
    for (const trial of tasks.flat()) {
      const isOpen = existsSync(folder.jobFileOf(trial)) && new Attempts(folder.jobOf(trial)).foundEnd(number) === null;
      if (isOpen) open.set(trial, number);
      else open.delete(trial);
    }
  }
  return open;
}

/** What this host's cores have of each trial that was submitted. */
export function tasksOnCores(folder: SweepFolder): ReadonlyMap<number, TrialTask> {
  const isLive = HeldSweep.isHeld(folder);
  const tasks = new Map<number, TrialTask>();
  for (const { number, tasks: trials, isVoid } of folder.arrays()) {
    if (isVoid) continue;
    for (const trial of trials.flat()) {
      const attempts = new Attempts(folder.jobOf(trial));
      const isReadable = attempts.foundEnd()?.as !== 'unreadable';
      const isBegun = isReadable && attempts.list().at(-1)?.submission === number;
      const state = isLive ? (isBegun ? 'RUNNING' : 'PENDING') : null;
      tasks.set(trial, { submission: number, task: null, state, heldBack: null });
    }
  }
  return tasks;
}

/** Why nobody trains a trial any more, as the second half of a sentence. */
export function lossOnCores(folder: SweepFolder): string {
  const log = coresLog(folder);
  const said = existsSync(log) ? lastSaid(log) : null;
  return `the process that trains the sweep has ended${said === null ? '' : `: ${said.slice(0, 300)}`}`;
}

export function coresLog(folder: SweepFolder): string {
  return join(folder.logs, 'cores.log');
}

/** Stops what trains a sweep on this host's cores, with a checkpoint of each trial. Cores have no queue to do more with. */
export function queueOnCores(folder: SweepFolder, { action, trials }: QueueRequest): Queued {
  if (action !== 'stop' || trials !== null) {
    const note = 'trials that train on the cores of a host can only be stopped, all of them at once';
    return { trials: [], tasks: 0, notes: [note] };
  }
  const pid = HeldSweep.holder(folder);
  if (pid === null) return { trials: [], tasks: 0, notes: ['nothing of the sweep trains there'] };
  const open = [...openTrials(folder).keys()].sort((a, b) => a - b);
  process.kill(pid, 'SIGTERM');
  return { trials: open, tasks: 1, notes: [] };
}

const beatMilliseconds = 10_000;
/** A process of another host with this name's home counts as ended after this time without a beat. */
const silentMilliseconds = 90_000;

/** That a process of this host trains a sweep: a file with its id, which it touches again and again. */
class HeldSweep {
  readonly #path: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(path: string) {
    this.#path = path;
    this.#beat = setInterval(() => this.#touch(), beatMilliseconds).unref();
  }

  /** @returns null if another process trains it */
  static take(folder: SweepFolder): HeldSweep | null {
    const path = pathOf(folder);
    for (;;) {
      try {
        writeFileSync(path, `${process.pid} ${hostname()}\n`, { flag: 'wx' });
        return new HeldSweep(path);
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
      if (HeldSweep.isHeld(folder)) return null;
      // Another process may take it over at the same time: one of them moves it.
      const old = `${path}.${randomBytes(4).toString('hex')}`;
      try {
        renameSync(path, old);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error;
      }
      rmSync(old, { force: true });
    }
  }

  static isHeld(folder: SweepFolder): boolean {
    const path = pathOf(folder);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) return false;
    const { pid, host } = writtenIn(path);
    if (host !== hostname()) return Date.now() - status.mtimeMs < silentMilliseconds;
    // Just created, and not written yet.
    if (pid === null) return Date.now() - status.mtimeMs < beatMilliseconds;
    return isTraining(pid, folder);
  }

  static holder(folder: SweepFolder): number | null {
    if (!existsSync(pathOf(folder))) return null;
    const { pid, host } = writtenIn(pathOf(folder));
    return pid !== null && host === hostname() && isTraining(pid, folder) ? pid : null;
  }

  release(): void {
    clearInterval(this.#beat);
    rmSync(this.#path, { force: true });
  }

  #touch(): void {
    const now = new Date();
    try {
      utimesSync(this.#path, now, now);
    } catch (error) {
      // The sweep was removed.
      if (!isSystemError(error)) throw error;
    }
  }
}

function pathOf(folder: SweepFolder): string {
  return join(folder.path, 'cores.pid');
}

function writtenIn(path: string): { readonly pid: number | null; readonly host: string } {
  const [, pid, host = ''] =
    /^(\d{1,10}) (\S{1,300})\s*$/.exec(new TextDecoder().decode(readRegularFile(path, 1000))) ?? [];
  return { pid: pid === undefined ? null : Number(pid), host: pid === undefined ? hostname() : host };
}

/** Whether a process is one that trains the sweep: ids come again. */
function isTraining(pid: number, folder: SweepFolder): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else, or none.
    if (systemCode(error) === 'EPERM' || systemCode(error) === 'ESRCH') return false;
    throw error;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder.path);
  } catch (error) {
    // A system without /proc.
    if (!isSystemError(error)) throw error;
    return !existsSync('/proc/self/cmdline');
  }
}
