import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pruning } from '../compiler/expand/pruning.js';
import type { Executor } from '../execute/executor.js';
import { LocalExecutor } from '../execute/local/local-executor.js';
import { largest } from '../numerics/extremes.js';
import { UsageError } from '../project/params.js';
import { recordedIn, recordedPath } from '../project/recorded-place.js';
import { sourcePlaces } from '../project/source-changes.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import type { Ended, Listener, Started, SweepControls } from '../runtime/events.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import { commitProblem } from '../runtime/provenance/git-state.js';
import type { Writer } from '../runtime/store/records.js';
import { openStore, type WritableStore } from '../runtime/store/store.js';
import type { SweepTrialRecord, SweepWriter } from '../runtime/store/sweep-records.js';
import type { CheckpointPolicy } from '../trial/checkpointer.js';
import { startingWeights } from '../trial/starting-weights.js';
import { encodedTrainedState, requireTrainedFiles } from '../trial/trained-state.js';
import type { SweepMemory } from '../trial/trial-memory.js';
import type { Words } from '../words/word.js';
import { backendOfSweep } from './backend-of-sweep.js';
import { rungEpochs } from './plan/rungs.js';
import type { SweepPlan } from './plan/sweep-plan.js';
import { SweepRun } from './sweep-run.js';
import { SweepTrials } from './sweep-trials.js';
import { sweepWorkers } from './sweep-workers.js';
import type { SweepTrial } from './trial-run.js';

/** How a sweep is run, whatever it trains. */
export interface SweepRunSettings {
  /** Trials that train at one time; as many as there are cores by default, and never more. */
  readonly jobs?: number | null;
  /** Of each trial; by default the cores are divided among the trials that train at one time. */
  readonly threads?: number | null;
  /** Threads that may compute at one time, over all trials; as many as the machine has cores by default. */
  readonly cores?: number;
  /** Bytes that all trials may take at one time, with their data; what the machine has by default. */
  readonly memory?: number;
  /** When trials are checkpointed; every 30 seconds by default. */
  readonly checkpoints?: CheckpointPolicy;
  /** Whether the last checkpoint of a complete trial stays, so that it can train longer. */
  readonly keepCheckpoints?: boolean;
  readonly listener?: Listener;
  /** Given what a person may ask of the sweep, once it runs. */
  readonly onControls?: (controls: SweepControls) => void;
  /** Ends the sweep after the running steps. */
  readonly signal?: AbortSignal;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Another process writes the database: called once, when it has to be waited for. */
  readonly onWait?: (writer: Writer | null) => void;
  /** As it is recorded. */
  readonly commandLine?: readonly string[];
  /** Whether small pictures are made while trials train. */
  readonly previews?: boolean;
  /** Where trials train; on this machine's cores by default. */
  readonly executor?: Executor;
}

export interface SweepRequest extends SweepRunSettings {
  readonly plan: SweepPlan;
  /** The results database; null: nothing is kept. */
  readonly store: string | null;
  readonly name?: string | null;
  readonly backend?: BackendName | 'auto';
  /** A safetensors file, or a bundle, with weights that all trials start from in place of drawn ones. */
  readonly init?: string | null;
  /** Trials that are complete already are trained again, and compared. */
  readonly force?: boolean;
}

/** A trial of a sweep and how it ended, as the last line of `--json` tells of a run. */
export interface SweepOutcome extends Ended {
  readonly trials: readonly SweepTrialRecord[];
}

export const defaultCheckpoints: CheckpointPolicy = { seconds: 30, epochs: null };

/**
 * Trains the trials of a plan, several at a time. The sweep is in the database, durably, before anything that trains is
 * loaded.
 *
 * @throws StoreError, DatasetError, BackendUnavailable
 */
export async function runSweep(request: SweepRequest): Promise<SweepOutcome> {
  const { plan, commandLine = [] } = request;
  const name = sweepName(request.name ?? null, plan);
  const backend = await backendOfSweep(request.backend ?? 'auto');
  const folder = experimentFolder(plan.source.path);
  const sources = plan.trials[0]?.recipe.sources ?? [];
  const environment = await collectEnvironment(folder, commandLine, sourcePlaces(sources, plan.source.path));
  const database = request.store === null ? null : recordedIn(request.store);
  const init = request.init ? await startingWeights(request.init) : null;
  const sweepTrials = new SweepTrials({
    library: plan.library,
    backend,
    environment,
    load: loadOptions(request),
    init,
    database,
  });
  const trials = await sweepTrials.ofPlan(plan.trials);
  return withStore(request, async (store) => {
    const writer = store.startSweep({
      name,
      experiment: plan.experiment,
      file: database === null ? plan.source.path : recordedPath(plan.source.path, database.path),
      backend,
      axes: plan.axes,
      objective: plan.objective,
      pruning: plan.pruning && JSON.stringify(plan.pruning),
      forced: request.force === true,
      command: commandLine.join(' '),
      trials: trials.map(({ parameters, seed, identity, recipe }) => ({ parameters, seed, identity, recipe })),
    });
    const epochs = largest(plan.trials.map(({ compiled }) => lastEpochs(compiled.ir.stages)));
    const uncommitted = environment.git?.commit || request.store === null ? null : commitProblem(folder);
    return carryOut(request, {
      library: plan.library,
      notes: uncommitted === null ? [] : [`no commit is kept with the runs: ${uncommitted}`],
      store,
      writer,
      trials,
      before: [],
      planned: trials.length,
      wanted: () => true,
      memory: sweepTrials.memory,
      forced: request.force === true,
      pruning: plan.pruning,
      epochs,
      about: {
        name,
        experiment: plan.experiment,
        backend,
        data: sweepTrials.dataNames.join(', '),
        axes: plan.axes,
        objective: plan.objective,
        comparable: plan.comparable,
      },
      shownId: request.store === null ? null : writer.id,
    });
  });
}

/** Ids of sweeps and runs, and the word for the newest one. */
const reservedName = /^([sr]\d+|last)$/;

/**
 * What a sweep is called: `name`, or where that is null what its plan is called.
 *
 * @throws UsageError for a name that means another sweep or run
 */
export function sweepName(name: string | null, plan: SweepPlan): string {
  if (name === null) return reservedName.test(plan.name) ? `${plan.name}-sweep` : plan.name;
  if (name.trim() === '') throw new UsageError('the name of a sweep cannot be empty', 'choose another --name');
  if (!reservedName.test(name)) return name;
  throw new UsageError(`a sweep cannot be named '${name}', which means another sweep or run`, 'choose another --name');
}

/** What a new sweep and one that goes on have in common. */
export interface SweepParts {
  readonly library: Words;
  readonly store: WritableStore;
  readonly writer: SweepWriter;
  readonly trials: readonly SweepTrial[];
  readonly before: readonly SweepTrialRecord[];
  readonly planned: number;
  readonly wanted: (record: SweepTrialRecord) => boolean;
  /** What its trials take that are to train. */
  readonly memory: SweepMemory;
  readonly forced: boolean;
  readonly pruning: Pruning | null;
  /** The most epochs that a trial's last stage has. */
  readonly epochs: number;
  readonly about: Pick<Started, 'name' | 'experiment' | 'backend' | 'data' | 'axes' | 'objective' | 'comparable'>;
  readonly shownId: string | null;
  /** Said once it runs. */
  readonly notes?: readonly string[];
}

export async function carryOut(settings: SweepRunSettings, parts: SweepParts): Promise<SweepOutcome> {
  const { trials, pruning, epochs, store, writer } = parts;
  requireTrainedFiles(
    store,
    store.sweepTrials(writer.id).flatMap((trial) => (parts.wanted(trial) ? (trial.runId ?? []) : [])),
  );
  const { signal, listener = () => {} } = settings;
  const cores = settings.cores ?? availableParallelism();
  const asked = { jobs: settings.jobs ?? null, threads: settings.threads ?? null };
  const room = { cores, memory: settings.memory ?? physicalMemory() };
  const { jobs, mostJobs, threads, note } = sweepWorkers(asked, room, trials.length, parts.memory);
  const executor = settings.executor ?? new LocalExecutor(new URL('../execute/trial-host.js', import.meta.url));
  const sweep = new SweepRun({
    ...parts,
    executor,
    pruning: pruning && { rule: pruning, rungs: rungEpochs(pruning, epochs) },
    jobs,
    mostJobs,
    threads,
    cores,
    policy: settings.checkpoints ?? defaultCheckpoints,
    keptCheckpoints: settings.keepCheckpoints === true ? 1 : 0,
    previews: settings.previews === true,
    trainedState: encodedTrainedState,
    moreSeeds,
    listener,
    clock: () => performance.now(),
  });
  const interrupt = () => sweep.interrupt();
  try {
    settings.onControls?.(sweep);
    signal?.addEventListener('abort', interrupt);
    const running = sweep.run();
    if (signal?.aborted === true) sweep.interrupt();
    for (const text of [...(note === null ? [] : [note]), ...(parts.notes ?? [])])
      listener({ event: 'note', trial: null, text });
    const done = await running;
    return { ...done, trials: store.sweepTrials(writer.id) };
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await executor.close();
  }
}

/** Opens the store, or one that is gone afterwards. */
export async function withStore<T>(
  { store: path, commandLine = [], onWait }: SweepRunSettings & { readonly store: string | null },
  use: (store: WritableStore) => Promise<T>,
): Promise<T> {
  const folder = path === null ? mkdtempSync(join(tmpdir(), 'aedsl-sweep-')) : null;
  const place = path ?? join(folder ?? '.', 'results.db');
  try {
    const command = commandLine.join(' ');
    const store = await openStore(place, { mode: 'write', command, ...(onWait ? { onWait } : {}) });
    try {
      return await use(store);
    } finally {
      store.close();
    }
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}

export function loadOptions({ onDownload, signal }: SweepRunSettings): LoadOptions {
  return { ...(onDownload ? { onProgress: onDownload } : {}), ...(signal ? { signal } : {}) };
}

export function lastEpochs(stages: CompiledStages): number {
  const epochs = stages.at(-1)?.settings.epochs?.value;
  return typeof epochs === 'number' ? epochs : 0;
}

type CompiledStages = SweepPlan['trials'][number]['compiled']['ir']['stages'];

/** Trials with the parameters of one, of the seeds after the largest that it has. */
function moreSeeds(trials: readonly SweepTrial[], number: number, count: number): readonly SweepTrial[] {
  const like = trials[number];
  if (!like) return [];
  const seeds = trials.filter(({ recipe }) => recipe === like.recipe).map(({ seed }) => seed);
  const first = largest(seeds) + 1;
  return Array.from({ length: count }, (_, i) => like.withSeed(first + i));
}
