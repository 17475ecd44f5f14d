import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pruning } from '../compiler/expand/pruning.js';
import { LocalExecutor } from '../execute/local/local-executor.js';
import { largest } from '../numerics/extremes.js';
import { recordedIn, recordedPath } from '../project/recorded-place.js';
import { sourcePlaces } from '../project/source-changes.js';
import { UsageError } from '../project/usage-error.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import type { Ended } from '../runtime/events.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import { commitProblem } from '../runtime/provenance/git-state.js';
import type { WritableStore } from '../runtime/store/store.js';
import type { SweepTrialRecord, SweepWriter } from '../runtime/store/sweep-records.js';
import { startingWeights } from '../trial/starting-weights.js';
import { StoredStarts } from '../trial/stored-starts.js';
import { requireTrainedFiles, stateToEvaluate } from '../trial/trained-state.js';
import type { SweepMemory } from '../trial/trial-memory.js';
import { backendOfSweep } from './backend-of-sweep.js';
import { carryOut, type SweepParts, type TrainingSettings, withStore } from './carry-out.js';
import { searchFacts } from './plan/point-search.js';
import { rungEpochs } from './plan/rungs.js';
import type { SweepPlan } from './plan/sweep-plan.js';
import { type PointSource, pointOf, searchedPoints } from './point-source.js';
import { startedFrom } from './starting-points.js';
import { SweepTrials } from './sweep-trials.js';
import { sweepWorkers } from './sweep-workers.js';

/** How a sweep is run, whatever it trains. */
export interface SweepRunSettings extends TrainingSettings {
  /** Parallel trials; one per core by default, and never more. */
  readonly jobs?: number | null;
  /** Most threads over all trials; the machine's cores by default. */
  readonly cores?: number;
  /** Bytes for all parallel trials with their data; the machine's memory by default. */
  readonly memory?: number;
  /** Whether to keep a complete trial's last checkpoint, so that it can train longer. */
  readonly keepCheckpoints?: boolean;
}

export interface SweepRequest extends SweepRunSettings {
  readonly plan: SweepPlan;
  /** The results database; null to store nothing. */
  readonly store: string | null;
  readonly name?: string | null;
  readonly backend?: BackendName | 'auto';
  /** A safetensors file or bundle with initial weights for all trials. */
  readonly init?: string | null;
  /** The results in which `init=stored(…)` looks up runs; those of `store` by default. */
  readonly storedRuns?: string | null;
  /** A run, or a sweep, of fewer epochs of the last stage: trials start from where theirs ended. */
  readonly from?: string | null;
  /** Whether to retrain complete trials and compare. */
  readonly force?: boolean;
}

/** A sweep's trials and how it ended, as the last line of `--json` says it. */
export interface SweepOutcome extends Ended {
  readonly trials: readonly SweepTrialRecord[];
}

/**
 * Trains a plan's trials, several in parallel. The sweep is durably stored before the engine is loaded.
 *
 * @throws StoreError, DatasetError, BackendUnavailable, ExperimentError for a trial that can't start from what it names
 */
export async function runSweep(request: SweepRequest): Promise<SweepOutcome> {
  const { plan, commandLine = [] } = request;
  const name = sweepName(request.name ?? null, plan);
  if (request.from && request.store === null) throw new UsageError('--from reads a stored run', 'leave out --no-store');
  if (request.from && request.init) throw new UsageError('--from and --init both say what to start from', 'give one');
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
    stored: new StoredStarts(request.storedRuns ?? request.store, plan.library),
    database,
  });
  const planned = await sweepTrials.ofPlan(plan.trials);
  return inResults(request.store, request, async (store) => {
    const { from, trials, notes } = request.from
      ? startedFrom(store, request.from, planned)
      : { from: null, trials: planned, notes: [] };
    const search = plan.search && JSON.stringify(plan.search);
    const writer = store.startSweep({
      name,
      experiment: plan.experiment,
      file: database === null ? plan.source.path : recordedPath(plan.source.path, database.path),
      backend,
      axes: plan.axes,
      objective: plan.objective,
      moreObjectives: plan.moreObjectives,
      pruning: plan.pruning && JSON.stringify(plan.pruning),
      search,
      forced: request.force === true,
      from,
      init: init?.file ?? null,
      command: commandLine.join(' '),
      trials: trials.map(({ parameters, seed, identity, recipe }) => ({ parameters, seed, identity, recipe })),
    });
    const epochs = largest(plan.trials.map(({ compiled }) => lastEpochs(compiled.ir.stages)));
    const uncommitted = environment.git?.commit || request.store === null ? null : commitProblem(folder);
    return trainSweep(request, {
      library: plan.library,
      notes: [...notes, ...(uncommitted === null ? [] : [`no commit is kept with the runs: ${uncommitted}`])],
      store,
      writer,
      trials,
      before: [],
      planned: trials.length,
      wanted: () => true,
      memory: sweepTrials.memory,
      forced: request.force === true,
      dataFolder: null,
      pruning: plan.pruning,
      points: search === null ? null : pointsOf(plan, search, sweepTrials),
      epochs,
      about: {
        name,
        experiment: plan.experiment,
        backend,
        data: sweepTrials.dataNames.join(', '),
        axes: plan.axes,
        objective: plan.objective,
        ...(plan.moreObjectives.length === 0 ? {} : { moreObjectives: plan.moreObjectives }),
        comparable: plan.comparable,
        ...(search === null ? {} : { search: searchFacts(search) }),
      },
      shownId: request.store === null ? null : writer.id,
    });
  });
}

/** The points of a new sweep's search. */
function pointsOf({ trials, axes, search }: SweepPlan, text: string, sweepTrials: SweepTrials): PointSource {
  const [first] = trials;
  if (first === undefined || search === null) throw new RangeError('a search has a first point');
  const decided = trials.filter(({ seed }) => seed === first.seed).map(({ recipe }) => pointOf(search, recipe));
  return searchedPoints(
    text,
    decided,
    sweepTrials.ofPoints(
      first.recipe,
      axes.map(({ name }) => name),
    ),
  );
}

/** Ids, and the word for the newest. */
const reservedName = /^([sr]\d+|last)$/;

/**
 * A sweep's name: `name`, or the plan's if null.
 *
 * @throws UsageError for a name that means another sweep or run
 */
export function sweepName(name: string | null, plan: SweepPlan): string {
  if (name === null) return reservedName.test(plan.name) ? `${plan.name}-sweep` : plan.name;
  if (name.trim() === '') throw new UsageError('the name of a sweep cannot be empty', 'choose another --name');
  if (!reservedName.test(name)) return name;
  throw new UsageError(`a sweep cannot be named '${name}', which means another sweep or run`, 'choose another --name');
}

/** Properties that new and resumed sweeps have in common. */
interface StoredSweep
  extends Omit<
    SweepParts,
    'of' | 'workers' | 'pruning' | 'keptCheckpoints' | 'reusable' | 'compares' | 'stateToEvaluate'
  > {
  readonly store: WritableStore;
  readonly writer: SweepWriter;
  /** Memory of its trials to train. */
  readonly memory: SweepMemory;
  /** Whether trials are trained again that are complete. */
  readonly forced: boolean;
  readonly pruning: Pruning | null;
  /** Largest number of epochs of a trial's last stage. */
  readonly epochs: number;
  /** Folder of published data sets, replacing AEDSL_DATA; null to use that. */
  readonly dataFolder: string | null;
}

const host = new URL('../execute/trial-host.js', import.meta.url);

/** Trains what is missing of a sweep that the store has. */
export async function trainSweep(
  settings: SweepRunSettings,
  { memory, forced, pruning, epochs, dataFolder, ...parts }: StoredSweep,
): Promise<SweepOutcome> {
  const { trials, store, writer } = parts;
  requireTrainedFiles(
    store,
    store.sweepTrials(writer.id).flatMap((trial) => (parts.wanted(trial) ? (trial.runId ?? []) : [])),
  );
  const cores = settings.cores ?? availableParallelism();
  const asked = { jobs: settings.jobs ?? null, threads: settings.threads ?? null };
  const room = { cores, memory: settings.memory ?? physicalMemory() };
  const { ended } = await carryOut(
    settings,
    {
      ...parts,
      of: 'sweep',
      reusable: ({ identity }) => (forced ? null : (store.findComplete(identity)?.id ?? null)),
      compares: forced,
      stateToEvaluate,
      pruning: pruning && { rule: pruning, rungs: rungEpochs(pruning, epochs) },
      workers: sweepWorkers(asked, room, trials.length, memory),
      cores,
      keptCheckpoints: settings.keepCheckpoints === true ? 1 : 0,
    },
    settings.executor ?? new LocalExecutor(host, dataFolder),
  );
  return { ...ended, trials: store.sweepTrials(writer.id) };
}

/** Opens the store, or a temporary one. */
async function inResults<T>(
  path: string | null,
  settings: SweepRunSettings,
  use: (store: WritableStore) => Promise<T>,
): Promise<T> {
  if (path !== null) return withStore(path, settings, use);
  const folder = mkdtempSync(join(tmpdir(), 'aedsl-sweep-'));
  try {
    return await withStore(join(folder, 'results.db'), settings, use);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function loadOptions({ onDownload, signal }: TrainingSettings): LoadOptions {
  return { ...(onDownload ? { onProgress: onDownload } : {}), ...(signal ? { signal } : {}) };
}

export function lastEpochs(stages: CompiledStages): number {
  const epochs = stages.at(-1)?.settings.epochs?.value;
  return typeof epochs === 'number' ? epochs : 0;
}

type CompiledStages = SweepPlan['trials'][number]['compiled']['ir']['stages'];
