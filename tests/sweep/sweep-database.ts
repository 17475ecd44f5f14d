import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ParameterValue, TrialState } from '../../src/runtime/events.js';
import { openStore, type Store } from '../../src/runtime/store/store.js';
import type { SweepDescription } from '../../src/runtime/store/sweep-records.js';
import { epoch, sampleRun, stageDone, steps, trialDone, trialStarted } from '../runtime/store/sample-run.js';

export interface SampleTrial {
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  /** `validation.loss` after each epoch. */
  readonly losses: readonly number[];
  /** `complete` by default. */
  readonly state?: TrialState;
  readonly reason?: string;
  readonly figures?: Readonly<Record<string, Uint8Array>>;
}

export interface SampleSweep extends Partial<Omit<SweepDescription, 'trials'>> {
  readonly trials: readonly SampleTrial[];
  /** Of every run. */
  readonly source?: string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** A database with these sweeps, and a run of its own where `runs` has one. */
export async function sweepDatabase(
  folder: string,
  sweeps: readonly SampleSweep[],
  runs: readonly SampleTrial[] = [],
): Promise<Store> {
  const path = join(folder, 'results.db');
  const store = await openStore(path, { mode: 'write', command: 'test', clock: () => new Date(0) });
  const train = (
    trial: SampleTrial,
    experiment: string,
    source: string,
    of: { sweep: string; trial: number } | null,
  ) => {
    const run = store.startRun({
      ...sampleRun({
        experiment,
        source,
        seed: trial.seed,
        identity: hash(JSON.stringify([experiment, trial.parameters, trial.seed])),
        ir: { sha256: hash(JSON.stringify([experiment, trial.parameters])), json: '{}' },
        parameters: [
          ...Object.entries(trial.parameters).map(([name, value]) => ({ name, value, origin: 'given' as const })),
          { name: 'hidden', value: 100, origin: 'default' as const },
        ],
      }),
      trialOf: of,
    });
    run.record(trialStarted(trial.losses.length, 10));
    trial.losses.forEach((loss, i) => {
      run.record(steps(i * 10, new Array(10).fill(loss)));
      run.record(epoch(i + 1, { 'validation.loss': loss, 'train.loss': loss + 1 }));
    });
    run.record(stageDone(trial.losses.length, trial.losses.length * 10));
    const last = trial.losses.at(-1) ?? Number.NaN;
    run.record(trialDone({ 'validation.loss': last, 'train.loss': last + 1, 'test.sse': last * 100 }));
    run.saveWeights('final', new TextEncoder().encode(JSON.stringify(trial.parameters)));
    for (const [name, png] of Object.entries(trial.figures ?? {})) run.saveFigure(name, png);
    run.finish();
    return run.id;
  };
  for (const { trials, source = '{}', ...description } of sweeps) {
    const experiment = description.experiment ?? 'sparse';
    const names = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))];
    const writer = store.startSweep({
      name: experiment,
      experiment,
      file: 'experiments/sparse.ae',
      backend: 'cpu',
      axes: names.map((name) => ({
        name,
        values: [...new Set(trials.flatMap(({ parameters }) => parameters[name] ?? []))],
      })),
      objective: { metric: 'validation.loss', goal: 'min', of: 'best' },
      pruning: null,
      command: 'aedsl sweep',
      ...description,
      trials: trials.map(({ parameters, seed }) => ({
        parameters,
        seed,
        identity: hash(JSON.stringify([experiment, parameters, seed])),
        recipe: source,
      })),
    });
    trials.forEach((trial, i) => {
      const { state = 'complete', reason = null, losses } = trial;
      if (state === 'queued') return;
      const runId = train(trial, experiment, source, { sweep: writer.id, trial: i });
      const best = Math.min(...losses.filter(Number.isFinite));
      const objective = { value: best, epoch: losses.indexOf(best) + 1 };
      writer.change({ trial: i, state, reason, runId, objective: losses.length > 0 ? objective : null });
    });
    writer.finish('complete');
  }
  for (const run of runs) train(run, 'sparse', '{}', null);
  store.close();
  return openStore(path, { mode: 'read' });
}

/** `rho` 0.1, 0.2 and 0.3 with so many seeds: the loss falls with rho, and grows with the seed by a hundredth of it. */
export function threeSettings(seeds = 3): readonly SampleTrial[] {
  return [0.1, 0.2, 0.3].flatMap((rho) =>
    Array.from({ length: seeds }, (_, i) => ({
      parameters: { rho },
      seed: i + 1,
      losses: [2 - rho, 1 - rho + (i + 1) / 100, 1.5 - rho],
    })),
  );
}
