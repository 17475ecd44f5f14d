import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readJob } from '../command/job-folder.js';
import { Attempts, checkpointsIn } from '../spool/attempts.js';
import { requeue } from './scheduler.js';
import type { TaskProgram } from './submit.js';
import type { SweepFolder } from './sweep-folder.js';

/** Times that a trial is started in a task, if its process dies. */
const mostStarts = 2;

export interface TaskOptions {
  readonly submission: number;
  /** Index in the array. */
  readonly index: number;
  /** Slurm's name of the task, such as `1234_5`. */
  readonly task: string | null;
  /** aedsl, which trains each trial in a process of its own. */
  readonly program: TaskProgram;
  /** Aborted shortly before the time limit. */
  readonly timeLimit: AbortSignal;
  /** Aborted when the task has to end. */
  readonly end: AbortSignal;
  readonly say: (text: string) => void;
  /** Puts the task back in the queue. */
  readonly requeue?: (task: string) => Promise<void>;
}

export type TaskEnd = 'done' | 'requeued' | 'halted';

/**
 * Trains the trials of a task one after another, each in a process of its own, which is started once more from its last
 * checkpoint if it dies. Shortly before the time limit, the running trial takes a checkpoint, and the task goes back to
 * the queue.
 *
 * @throws FileError, JsonError for a folder that holds no such task; SlurmError if it can't be put back in the queue
 */
export async function runTask(folder: SweepFolder, options: TaskOptions): Promise<TaskEnd> {
  const { submission, index, task, timeLimit, end } = options;
  const trials = folder.readIntent(submission).tasks[index];
  if (trials === undefined) throw new RangeError(`submission ${submission} has no task ${index}`);
  let isFirst = true;
  for (const trial of trials) {
    const job = folder.jobFileOf(trial);
    const attempts = new Attempts(folder.jobOf(trial));
    // What is merged already has no files any more.
    if (!existsSync(job) || attempts.isOver(submission)) continue;
    if (!timeLimit.aborted && !end.aborted) {
      await trainTrial(trial, job, attempts, { ...options, isFirst });
      isFirst = false;
    }
    if (attempts.isOver(submission)) continue;
    if (end.aborted || task === null) return 'halted';
    await (options.requeue ?? requeue)(task);
    return 'requeued';
  }
  return 'done';
}

/** Trains a trial until it ends, or the task has to. */
export async function trainTrial(
  trial: number,
  job: string,
  attempts: Attempts,
  options: Omit<TaskOptions, 'requeue' | 'index'> & { readonly isFirst: boolean },
): Promise<void> {
  const { submission, task, timeLimit, end, say, isFirst } = options;
  for (let starts = 0; starts < mostStarts; starts++) {
    const how = await trained(job, options);
    if (end.aborted || attempts.isOver(submission)) return;
    if (timeLimit.aborted) {
      // The first trial of a task had its whole time.
      if (isFirst && !endedAnEpoch(attempts)) {
        attempts.fail(readJob(job), options, {
          reason: 'the time limit of its task is shorter than an epoch',
          hint: 'give it more with --time',
        });
      }
      return;
    }
    say(`trial ${trial}: its process ${how}`);
  }
  attempts.fail(readJob(job), options, {
    reason: `its process died ${mostStarts} times${task === null ? '' : `; the log of task ${task} says more`}`,
    hint: 'if memory ran out, give it more with --memory',
  });
}

/** Whether the last attempt got past the end of an epoch. */
function endedAnEpoch(attempts: Attempts): boolean {
  const all = attempts.list();
  const last = all.at(-1);
  if (last === undefined) return false;
  const before = all.flatMap(checkpointsIn).find(({ sha256 }) => sha256 === last.from);
  return checkpointsIn(last).some(
    ({ stage, epochs }) => stage > (before?.stage ?? 0) || epochs > (before?.epochs ?? 0),
  );
}

/** @returns how the process ended, in words */
function trained(
  job: string,
  {
    program,
    submission,
    timeLimit,
    end,
    say,
  }: Pick<TaskOptions, 'program' | 'submission' | 'timeLimit' | 'end' | 'say'>,
): Promise<string> {
  const [file, ...args] = program;
  return new Promise((resolve) => {
    const child = spawn(file, [...args, 'work', job, '--spool', '--submission', String(submission)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const halt = () => ask(child);
    timeLimit.addEventListener('abort', halt);
    end.addEventListener('abort', halt);
    const over = (how: string) => {
      timeLimit.removeEventListener('abort', halt);
      end.removeEventListener('abort', halt);
      resolve(how);
    };
    child.once('error', (error) => {
      say(`${file} cannot be started: ${error.message}`);
      over('could not be started');
    });
    child.once('exit', (code, signal) => over(signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
  });
}

function ask(child: ChildProcess): void {
  child.kill('SIGTERM');
}
