import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Attempts } from '../spool/attempts.js';
import { lastSaid } from '../spool/spool-file.js';
import { type QueuedTask, queuedTasks, submitArray } from './scheduler.js';
import type { SlurmSettings } from './settings.js';
import { SlurmError } from './slurm-error.js';
import type { IntendedArray, SweepFolder } from './sweep-folder.js';

/** A program that trains a task, with its first arguments. */
export type TaskProgram = readonly [string, ...string[]];

export interface SubmitOptions {
  readonly settings: SlurmSettings;
  readonly program: TaskProgram;
  /** Most tasks of an array. */
  readonly mostTasks: number;
  readonly perTask: number;
}

export interface Submitted {
  /** Numbers of the arrays' jobs. */
  readonly jobs: readonly number[];
  readonly tasks: number;
}

/**
 * Submits trials as arrays within the site's limits. An intent is written before each `sbatch`, and `sbatch` itself
 * writes the receipt, so that a process that is killed meanwhile leaves nothing that could be submitted twice.
 *
 * @throws SlurmError for an array that Slurm refuses; those before it stay
 */
export async function submitTrials(
  folder: SweepFolder,
  trials: readonly number[],
  { settings, program, mostTasks, perTask }: SubmitOptions,
): Promise<Submitted> {
  folder.writeScript(taskScript(program, folder.path, settings.setup));
  const tasks = pieces(trials, perTask);
  for (const array of pieces(tasks, mostTasks)) {
    const { number, name } = folder.intend(array);
    try {
      await submitArray({
        settings,
        name,
        tasks: array.length,
        script: [folder.script, String(number)],
        folder: folder.path,
        output: `${folder.logs.replaceAll('%', '%%')}/%A_%a.log`,
        receipt: folder.receiptPath(number),
      });
    } catch (error) {
      // What timed out may still be taken, and is looked up.
      if (error instanceof SlurmError && error.reason !== 'unreachable') folder.putVoid(number, error.message);
      throw error;
    }
  }
  const arrays = folder.arrays().slice(-Math.ceil(tasks.length / mostTasks));
  return { jobs: arrays.flatMap(({ job }) => job ?? []), tasks: tasks.length };
}

/** How long `sbatch` may take after its intent was written, if the process that started it is gone. */
const inFlightMilliseconds = 15_000;
const pollMilliseconds = 500;

/**
 * Looks up arrays that were intended and have no receipt: their submitter was killed. What Slurm does not know was
 * never submitted.
 *
 * @throws SlurmError if Slurm can't be asked
 */
export async function settleIntents(folder: SweepFolder): Promise<void> {
  for (const { number, name } of folder.arrays().filter(isOpen)) {
    for (;;) {
      const settled = folder.arrays().find((array) => array.number === number);
      if (settled === undefined || !isOpen(settled)) break;
      const [found] = await queuedTasks([name]);
      if (found !== undefined) {
        folder.putReceipt(number, found.job);
        break;
      }
      if (Date.now() - folder.intendedAt(number) > inFlightMilliseconds) {
        folder.putVoid(number, 'its submitter was killed before it was submitted');
        break;
      }
      await pause(pollMilliseconds);
    }
  }
}

function isOpen({ job, isVoid }: IntendedArray): boolean {
  return job === null && !isVoid;
}

/** What Slurm has of a trial. */
export interface TrialTask {
  /** Number of the submission that asked for it last. */
  readonly submission: number;
  /** `1234_5` */
  readonly task: string | null;
  /** Null if Slurm has forgotten it, which it only does with tasks that have ended. */
  readonly state: string | null;
  /** Why it does not begin, as Slurm says it; null if it only waits for its turn, or its turn has come. */
  readonly heldBack: string | null;
}

/** The last task of each trial that was submitted. @throws SlurmError if Slurm can't be asked */
export async function tasksOfTrials(folder: SweepFolder): Promise<ReadonlyMap<number, TrialTask>> {
  const arrays = folder.arrays().filter(({ isVoid }) => !isVoid);
  const queued = await queuedTasks(arrays.map(({ name }) => name));
  return lastTasks(arrays, queued);
}

/** As {@link tasksOfTrials}, given what Slurm says. */
export function lastTasks(
  arrays: readonly IntendedArray[],
  queued: readonly QueuedTask[],
): ReadonlyMap<number, TrialTask> {
  const known = new Map(queued.map((task) => [`${task.job}_${task.index}`, task]));
  const tasks = new Map<number, TrialTask>();
  for (const { number, job, tasks: trialsOf } of arrays) {
    for (const [index, trials] of trialsOf.entries()) {
      const task = job === null ? null : `${job}_${index}`;
      const { state = null, heldBack = null } = (task === null ? null : known.get(task)) ?? {};
      for (const trial of trials) tasks.set(trial, { submission: number, task, state, heldBack });
    }
  }
  return tasks;
}

/** Why no task of Slurm trains a trial that has no end, as the second half of a sentence. */
export function lossOf(folder: SweepFolder, trial: number, task: TrialTask): string {
  const { task: name, state } = task;
  const ended = `task ${name ?? '?'} has ended${state === null ? '' : ` (${state})`}`;
  const attempts = new Attempts(folder.jobOf(trial)).list();
  if (attempts.length > 0) return `${ended} before the trial did`;
  const log = join(folder.logs, `${name}.log`);
  const said = existsSync(log) ? lastSaid(log) : null;
  if (said !== null) return `${ended} before it began: ${said.slice(0, 300)}`;
  // A task that nobody started has no log, and Slurm soon forgets it.
  if (state === 'CANCELLED') return `${ended} before it wrote anything`;
  const unstarted = state === null ? 'it was cancelled before it began, or ' : '';
  return `${ended} and has written nothing into ${folder.path}: ${unstarted}its node may not see that folder`;
}

function pieces<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most));
}

/** Times that a task goes back to the queue before its setup lines are done. */
const mostEarlyRequeues = 5;

/**
 * The script that Slurm runs for each task. Its argument is the number of the submission. The shell stays, and passes
 * signals on: a program that is told of its time limit before it can hear that dies of it, and nothing was trained.
 */
function taskScript(program: TaskProgram, folder: string, setup: readonly string[]): string {
  return [
    '#!/bin/bash',
    '# Written by aedsl. Each task of the array trains its trials; docs/cluster.md says what the files here are.',
    'told= heard= child=',
    `trap 'told=1 heard=1; [ -z "$child" ] || kill -USR2 "$child"' USR2`,
    `trap 'heard=1; [ -n "$child" ] || exit 143; kill -TERM "$child"' TERM`,
    'again() { exec scontrol requeue "$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"; }',
    `cd ${quoted(folder)} || { echo "this node does not see the folder of the sweep" >&2; exit 4; }`,
    ...setup,
    'if [ -n "$told" ]; then',
    `  [ "\${SLURM_RESTART_COUNT:-0}" -lt ${mostEarlyRequeues} ] && again`,
    '  echo "the time limit of the task is over before the lines of its setup are" >&2',
    '  exit 4',
    'fi',
    `${program.map(quoted).join(' ')} task ${quoted(folder)} --submission "$1" &`,
    'child=$!',
    '[ -z "$told" ] || kill -USR2 "$child"',
    'while',
    '  heard=',
    '  wait "$child"',
    '  ended=$?',
    '  [ "$ended" = 127 ] && [ -n "$code" ] || code=$ended',
    '  [ -n "$heard" ]',
    'do :; done',
    '[ "$code" = $((128 + $(kill -l USR2))) ] && again',
    'exit "$code"',
    '',
  ].join('\n');
}

/** A word of a shell that stands for exactly this text. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
