import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Executor } from '../../src/execute/executor.js';
import { LocalExecutor } from '../../src/execute/local/local-executor.js';
import { openStore } from '../../src/runtime/store/store.js';
import type { SweepOptions } from '../../src/sweep/plan/sweep-options.js';
import { planSweep, type SweepPlan } from '../../src/sweep/plan/sweep-plan.js';
import { runSweep, type SweepOutcome, type SweepRequest } from '../../src/sweep/sweep.js';
import { builtinWords } from '../../src/words/words.js';

/** Small enough that a trial takes a fraction of a second. */
export const smallExperiment = `experiment small {
  param rate = 0.01
  param units = 8
  data digits(take=240, validation=40, test=40) { center_crop(12) }
  encoder { code: dense(units, activation=sigmoid) }
  decoder { dense(input.size, activation=sigmoid) }
  loss mse()
  train adam(lr=rate) { epochs = 6  batch = 20 }
}
`;

/** The trials train in processes, which run what \`npm run build\` made. */
export function builtExecutor(): Executor {
  return new LocalExecutor(pathToFileURL(resolve('dist/src/execute/trial-host.js')));
}

export async function inResults<T>(use: (database: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-sweep-test-'));
  try {
    return await use(join(folder, 'results.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Planned = Omit<SweepOptions, 'source' | 'library'>;

/** A sweep of the small experiment. */
export function planOf(options: Planned): SweepPlan {
  const planned = planSweep({ library: builtinWords, source: { path: 'small.ae', text: smallExperiment }, ...options });
  if (planned.value === null) throw new Error(JSON.stringify(planned.diagnostics.map(({ message }) => message)));
  return planned.value;
}

export async function sweepOf(plan: Planned, request: Omit<SweepRequest, 'plan'>): Promise<SweepOutcome> {
  return runSweep({ executor: builtExecutor(), plan: planOf(plan), ...request });
}

/** State and hash of the weights of each trial. */
export async function hashes(database: string, sweep = 's1'): Promise<readonly string[]> {
  const store = await openStore(database, { mode: 'read' });
  try {
    return store
      .sweepTrials(sweep)
      .map(({ state, runId }) => `${state} ${runId === null ? '' : store.findRun(runId).weightsSha256}`);
  } finally {
    store.close();
  }
}
