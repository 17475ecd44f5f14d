import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { systemCode, systemReason } from '../../files/system-error.js';
import { type SlurmSettings, sbatchOptions, timeSeconds } from './settings.js';
import { SlurmError, slurmComplaint } from './slurm-error.js';

/** How long a program of Slurm may take, which itself waits for a busy controller. */
const patienceMilliseconds = 120_000;
/** Characters of an answer that are read: the tasks of many arrays. */
const mostCharacters = 64 * 2 ** 20;

/** A task of an array, as the queue shows it. */
export interface QueuedTask {
  /** Number of the array's job. */
  readonly job: number;
  readonly index: number;
  /** `RUNNING`, `PENDING`, `CANCELLED`, … */
  readonly state: string;
  /** Why it does not begin, as Slurm says it; null if it only waits for its turn, or its turn has come. */
  readonly heldBack: string | null;
}

/** Reasons of tasks that wait for their turn. */
const ordinaryReasons: ReadonlySet<string> = new Set([
  '',
  'None',
  'Priority',
  'Resources',
  'BeginTime',
  'JobArrayTaskLimit',
  'Cleaning',
  'Prolog',
]);
const mostOfReason = 200;

/** An array to submit. */
export interface Submission {
  readonly settings: SlurmSettings;
  readonly name: string;
  readonly tasks: number;
  /** The script with its arguments. */
  readonly script: readonly [string, ...string[]];
  /** Working folder of the tasks. */
  readonly folder: string;
  /** Where tasks' output goes, in Slurm's pattern. */
  readonly output: string;
  /** Gets what `sbatch` prints, even if this process is gone by then. */
  readonly receipt: string;
}

const liveStates: ReadonlySet<string> = new Set([
  'PENDING',
  'RUNNING',
  'SUSPENDED',
  'CONFIGURING',
  'COMPLETING',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'RESV_DEL_HOLD',
  'RESIZING',
  'SIGNALING',
  'SPECIAL_EXIT',
  'STAGE_OUT',
  'STOPPED',
]);

/** Whether a task in this state runs, waits, or will run again. */
export function isLive(state: string): boolean {
  return liveStates.has(state);
}

/** Most tasks of an array. @throws SlurmError if there is no Slurm here */
export async function mostArrayTasks(): Promise<number> {
  const { output } = await answered('scontrol', ['show', 'config']);
  const [, most] = /^MaxArraySize\s*=\s*(\d{1,9})\s*$/m.exec(output) ?? [];
  if (most === undefined || Number(most) < 1) {
    throw new SlurmError(
      'odd_answer',
      '`scontrol show config` names no MaxArraySize',
      'is this the scontrol of Slurm?',
    );
  }
  return Number(most);
}

/** Asks whether an array with these settings would be taken, and submits nothing. @throws SlurmError */
export async function requireAcceptable(settings: SlurmSettings): Promise<void> {
  await answered('sbatch', ['--test-only', ...sbatchOptions(settings), '--array=0', '--wrap=:']);
  // Most clusters take a job that asks for more time than its partition has, and never start it.
  const { partition, time } = settings;
  if (time === null) return;
  const { output } = await answered('scontrol', ['show', 'partition', '--oneliner']);
  const longest = partitionsIn(output)
    .filter(({ name, isDefault }) => (partition === null ? isDefault : partition.split(',').includes(name)))
    .map(({ most }) => most);
  if (longest.length === 0 || longest.some((most) => timeSeconds(time) <= most)) return;
  throw new SlurmError(
    'time_limit',
    `the partition ${partition ?? 'that is the default'} has a shorter time limit than ${time}`,
    'ask for less with --time: trials continue in another task where theirs ends; `sinfo -o "%P %l"` lists the limits',
  );
}

/** Partitions as `scontrol` lists them, one a line. */
function partitionsIn(output: string) {
  return output.split('\n').flatMap((line) => {
    const words = new Map(line.split(' ').map((word) => [word.split('=')[0], word.split('=').slice(1).join('=')]));
    const [name, limit = ''] = [words.get('PartitionName'), words.get('MaxTime')];
    const most = /^[\d:-]{1,20}$/.test(limit) ? timeSeconds(limit) : Number.POSITIVE_INFINITY;
    return name === undefined ? [] : [{ name, most, isDefault: words.get('Default') === 'YES' }];
  });
}

/** Submits an array. The number of its job is in its receipt. @throws SlurmError, the system's error */
export async function submitArray(submission: Submission): Promise<void> {
  const { settings, name, tasks, script, folder, output, receipt } = submission;
  const limit = settings.limit === null ? '' : `%${settings.limit}`;
  const args = [
    '--parsable',
    ...sbatchOptions(settings),
    `--job-name=${name}`,
    `--array=0-${tasks - 1}${limit}`,
    `--chdir=${folder}`,
    `--output=${output}`,
    '--open-mode=append',
    ...script,
  ];
  const file = openSync(receipt, 'wx');
  try {
    await answered('sbatch', args, file);
  } finally {
    closeSync(file);
  }
}

/** Tasks of the arrays with these names that Slurm still knows, ended ones too. @throws SlurmError */
export async function queuedTasks(names: readonly string[]): Promise<readonly QueuedTask[]> {
  if (names.length === 0) return [];
  const { output } = await answered('squeue', [
    '--noheader',
    '--array',
    '--states=all',
    `--name=${names.join(',')}`,
    '--format=%F|%K|%T|%r',
  ]);
  return output.split('\n').flatMap((line): QueuedTask[] => {
    const [, job, index, state, reason] = /^(\d{1,12})\|(\d{1,9})\|([A-Z_]{1,40})\|(.*)$/.exec(line) ?? [];
    if (job === undefined || index === undefined || state === undefined || reason === undefined) return [];
    return [{ job: Number(job), index: Number(index), state, heldBack: state === 'PENDING' ? told(reason) : null }];
  });
}

function told(reason: string): string | null {
  const text = reason.replace(/[^ -~]/g, '?').trim();
  return ordinaryReasons.has(text) ? null : text.slice(0, mostOfReason);
}

/** Puts a job back in the queue, which ends the process that asks. @throws SlurmError */
export async function requeue(job: string): Promise<void> {
  await answered('scontrol', ['requeue', job]);
}

/** Most tasks that one command names: its arguments have a limit. */
const mostNamed = 200;

/** Tells Slurm something of tasks. @param tasks to name after it; null if it names its own @throws SlurmError */
export async function scontrol(args: readonly string[], tasks: readonly string[] | null): Promise<void> {
  if (tasks === null) await answered('scontrol', args);
  else for (const named of inPieces(tasks)) await answered('scontrol', [...args, named.join(',')]);
}

/** Ends tasks. @throws SlurmError */
export async function scancel(tasks: readonly string[]): Promise<void> {
  for (const named of inPieces(tasks)) await answered('scancel', named);
}

function inPieces(tasks: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(tasks.length / mostNamed) }, (_, i) =>
    tasks.slice(i * mostNamed, (i + 1) * mostNamed),
  );
}

interface Answer {
  readonly output: string;
}

/** @param file to write its output to, in place of returning it */
function answered(program: string, args: readonly string[], file: number | null = null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // In a group of its own: Ctrl-C must not end it between the submission and its receipt.
    const child = spawn(program, args, {
      stdio: ['ignore', file ?? 'pipe', 'pipe'],
      detached: true,
    });
    // Unlike Node's own, it does not keep a process alive whose program could not be started.
    const timer = setTimeout(() => child.kill(), patienceMilliseconds).unref();
    let output = '';
    let complaint = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < mostCharacters) output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < mostCharacters) complaint += text;
    });
    child.once('error', (error) => {
      const reason = systemCode(error) === 'ENOENT' ? 'there is no such program here' : systemReason(error);
      reject(
        new SlurmError(
          'not_installed',
          `cannot run ${program}: ${reason}`,
          'run this on a login node of the cluster, where `sinfo` works; some need `module load slurm` first',
          { cause: error },
        ),
      );
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve({ output });
      else reject(slurmComplaint(program, signal === null ? complaint : `it timed out\n${complaint}`));
    });
  });
}
