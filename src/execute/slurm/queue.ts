import { isLive, scancel, scontrol } from './scheduler.js';
import { settleIntents, type TrialTask, tasksOfTrials } from './submit.js';
import type { SweepFolder } from './sweep-folder.js';

/** What can be done to trials that were submitted. */
export const queueActions = ['hold', 'release', 'stop', 'first'] as const;

export type QueueAction = (typeof queueActions)[number];

export interface QueueRequest {
  readonly action: QueueAction;
  /** Null for all. */
  readonly trials: readonly number[] | null;
}

/** What was done. */
export interface Queued {
  /** Trials of the tasks that it was done to, ascending: a task may have several. */
  readonly trials: readonly number[];
  readonly tasks: number;
  /** What could not be done, in sentences. */
  readonly notes: readonly string[];
}

/** Places that a task gives way to others of the same user. */
const niceness = 100;

/**
 * Holds, releases or stops tasks of Slurm, or lets others of the sweep give way to them. A held task that trains goes back
 * to the queue, and continues later from its last checkpoint; a stopped one takes a checkpoint and ends.
 *
 * @throws SlurmError
 */
export async function queueOnSlurm(folder: SweepFolder, { action, trials }: QueueRequest): Promise<Queued> {
  await settleIntents(folder);
  const tasks = await tasksOfTrials(folder);
  const wanted = tasksWith(tasks, (trial) => trials === null || trials.includes(trial));
  switch (action) {
    case 'hold': {
      const [running, waiting] = parted(wanted, ({ state }) => state === 'RUNNING');
      await scontrol(['hold'], namesOf(waiting));
      await scontrol(['requeuehold'], namesOf(running));
      return done(wanted, tasks);
    }
    case 'release':
      await scontrol(['release'], namesOf(wanted));
      return done(wanted, tasks);
    case 'stop':
      await scancel(namesOf(wanted));
      return done(wanted, tasks);
    case 'first': {
      const chosen = new Set(namesOf(wanted));
      const others = tasksWith(tasks, () => true).filter(({ task, state }) => state === 'PENDING' && !chosen.has(task));
      for (const { task } of others) await scontrol(['update', `JobId=${task}`, `Nice=${niceness}`], null);
      const note = 'Slurm lets users only step back: the other tasks of the sweep that wait do';
      return { ...done(wanted, tasks), notes: others.length === 0 ? [] : [note] };
    }
  }
}

interface LiveTask {
  readonly task: string;
  readonly state: string;
}

/** Tasks that run or wait, each once. */
function tasksWith(tasks: ReadonlyMap<number, TrialTask>, isWanted: (trial: number) => boolean): readonly LiveTask[] {
  const found = new Map<string, string>();
  for (const [trial, { task, state }] of tasks) {
    if (task !== null && state !== null && isLive(state) && isWanted(trial)) found.set(task, state);
  }
  return [...found].map(([task, state]) => ({ task, state }));
}

function namesOf(tasks: readonly LiveTask[]): readonly string[] {
  return tasks.map(({ task }) => task);
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function done(wanted: readonly LiveTask[], tasks: ReadonlyMap<number, TrialTask>): Queued {
  const names = new Set<string | null>(namesOf(wanted));
  const trials = [...tasks].flatMap(([trial, { task }]) => (names.has(task) ? trial : []));
  return { trials: trials.sort((a, b) => a - b), tasks: wanted.length, notes: [] };
}
