import { existsSync } from 'node:fs';
import { numericsVersion } from '../numerics/version.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { collectEnvironment } from '../runtime/provenance/environment.js';
import { readStore, type Store } from '../runtime/store/store.js';
import type { RunOutcome } from '../runtime/store/trials-reader.js';
import { backendOfSweep } from '../sweep/backend-of-sweep.js';
import type { SweepPlan } from '../sweep/plan/sweep-plan.js';
import type { SweepTrial } from '../sweep/sweep-trial.js';
import { SweepTrials } from '../sweep/sweep-trials.js';
import { startingWeights } from '../trial/starting-weights.js';
import { StoredStarts } from '../trial/stored-starts.js';

export interface Explanation {
  readonly trial: number;
  readonly trains: boolean;
  readonly reason: string;
}

/**
 * Says for each trial of a plan whether it would train, and which part of its identity no complete run has.
 * @throws StoreError, DatasetError
 */
export async function explainSweep({
  plan,
  backend,
  init = null,
  store: path,
}: {
  readonly plan: SweepPlan;
  readonly backend: BackendName | 'auto';
  /** Same as for `runSweep`. */
  readonly init?: string | null;
  readonly store: string;
}): Promise<readonly Explanation[]> {
  const environment = await collectEnvironment(process.cwd(), []);
  const sweepTrials = new SweepTrials({
    library: plan.library,
    backend: await backendOfSweep(backend),
    environment,
    load: {},
    init: init === null ? null : await startingWeights(init),
    stored: new StoredStarts(path, plan.library),
    database: null,
  });
  const trials = await sweepTrials.ofPlan(plan.trials);
  if (!existsSync(path)) return trials.map((_, trial) => ({ trial, trains: true, reason: 'nothing is stored yet' }));
  return readStore(path, (store) => {
    const known = new KnownRuns(store, plan.experiment);
    return trials.map((trial, i) => ({ trial: i, ...known.explain(trial) }));
  });
}

/** The complete runs of an experiment. */
class KnownRuns {
  readonly #store: Store;
  readonly #outcomes: readonly RunOutcome[];
  readonly #unfinished: ReadonlyMap<string, RunOutcome>;

  constructor(store: Store, experiment: string) {
    this.#store = store;
    const ids = store.listRuns({ experiment }).map(({ id }) => id);
    const outcomes = [...store.trials.outcomes(ids).values()];
    this.#outcomes = outcomes.filter(({ status }) => status === 'complete');
    this.#unfinished = new Map(
      outcomes.filter(({ status }) => status !== 'complete').map((run) => [run.identity, run]),
    );
  }

  explain(trial: SweepTrial): Omit<Explanation, 'trial'> {
    const complete = this.#store.findComplete(trial.identity);
    if (complete) return { trains: false, reason: `${complete.id} is the same trial, and complete` };
    const begun = this.#unfinished.get(trial.identity);
    if (begun) return { trains: true, reason: `${begun.id} is the same trial, but ${begun.status}` };
    const nearest = this.#nearest(trial);
    if (nearest === null) return { trains: true, reason: 'no run of this experiment is complete' };
    return { trains: true, reason: nearest.reasons.join('; ') };
  }

  #nearest(trial: SweepTrial): { readonly reasons: readonly string[] } | null {
    const described = trial.describe();
    const wanted = {
      irSha256: described.ir.sha256,
      dataSha256: described.data.sha256,
      seed: described.seed,
      backend: described.backend,
      numerics: numericsVersion,
    };
    let nearest: { readonly run: RunOutcome; readonly parts: readonly Part[] } | null = null;
    for (const run of this.#outcomes) {
      const parts = partNames.filter((part) => run[part] !== wanted[part]);
      if (nearest === null || parts.length < nearest.parts.length) nearest = { run, parts };
    }
    if (nearest === null) return null;
    const { run, parts } = nearest;
    if (parts.length === 0) return { reasons: [`${run.id} ended early, or started from other weights`] };
    return { reasons: parts.map((part) => this.#reason(part, run, trial)) };
  }

  #reason(part: Part, run: RunOutcome, trial: SweepTrial): string {
    const { data, seed, backend, parameters } = trial.describe();
    switch (part) {
      case 'irSha256': {
        const before = new Map(
          this.#store.trials
            .parameters([run.id])
            .get(run.id)
            ?.map(({ name, value }) => [name, value]),
        );
        const others = parameters.filter(({ name, value }) => String(before.get(name)) !== String(value));
        const values = others.map(({ name, value }) => `${name} ${String(value)}, not ${String(before.get(name))}`);
        return `the experiment is new: ${values.length > 0 ? values.join(', ') : 'its text differs'} (nearest: ${run.id})`;
      }
      case 'dataSha256':
        return `the data are new: ${data.name}, not what ${run.id} had of ${run.data}`;
      case 'seed':
        return `the seed is new: ${seed} (nearest: ${run.id} with ${run.seed})`;
      case 'backend':
        return `the backend is new: ${backend}, not ${run.backend}`;
      case 'numerics':
        return `the arithmetic is new: version ${numericsVersion}, not ${run.numerics}`;
    }
  }
}

const partNames = ['irSha256', 'dataSha256', 'seed', 'backend', 'numerics'] as const;
type Part = (typeof partNames)[number];
