import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import { readStore } from '../runtime/store/store.js';
import { trialMemory } from '../trial/trial-memory.js';
import type { SweepPlan } from './plan/sweep-plan.js';
import { type AskedWorkers, sweepWorkers } from './sweep-workers.js';

/** Updates a second of the last complete run of the experiment; null when there is none. */
export async function knownSpeeds(
  plan: SweepPlan,
  path: string,
  asked: AskedWorkers,
): Promise<{ readonly stepsPerSecond: () => number | null; readonly jobs: number }> {
  const speed = await lastSpeed(plan.experiment, path);
  const room = { cores: availableParallelism(), memory: physicalMemory() };
  // The data are not read for a table of what will be done.
  const trials = plan.trials.map(({ compiled }) => trialMemory(compiled.ir, plan.library));
  const { jobs } = sweepWorkers(asked, room, trials.length, { trials, data: 0, apart: false });
  return { stepsPerSecond: () => speed, jobs };
}

/** Most runs to search for a complete one. */
const looked = 20;

/** Updates a second of the last complete run of an experiment; null when there is none. @throws StoreError */
export async function lastSpeed(experiment: string, path: string): Promise<number | null> {
  if (!existsSync(path)) return null;
  return readStore(path, (store) => {
    const run = store.listRuns({ experiment, limit: looked }).find(({ status }) => status === 'complete');
    return run ? (store.findRun(run.id).stages.at(-1)?.stepsPerSecond ?? null) : null;
  });
}
