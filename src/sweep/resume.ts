import type { CompiledExperiment } from '../compiler/compile.js';
import { comparableMetric } from '../metrics/usual-metric.js';
import { largest } from '../numerics/extremes.js';
import { parseRecipe, type Recipe } from '../project/recipe.js';
import { recordedIn, recordedPlace } from '../project/recorded-place.js';
import { sourceChanges } from '../project/source-changes.js';
import { UsageError } from '../project/usage-error.js';
import { hasEnded, type TrialState } from '../runtime/events.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import { isUnevaluated, type RunRecord } from '../runtime/store/records.js';
import { readStore, type Store } from '../runtime/store/store.js';
import type { SweepRecord, SweepTrialRecord } from '../runtime/store/sweep-records.js';
import { expectedOf, prepare, recordedBackend } from '../trial/prepare.js';
import { StoredStarts } from '../trial/stored-starts.js';
import { stateToEvaluate } from '../trial/trained-state.js';
import { givenWeights, initOf } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';
import { backendOfSweep } from './backend-of-sweep.js';
import { type TrainingSettings, withStore } from './carry-out.js';
import { PointSearch, searchFacts } from './plan/point-search.js';
import { readPruningJson } from './plan/rungs.js';
import { type PointSource, pointOf, searchedPoints } from './point-source.js';
import { type OneTrial, type Run, trainOne } from './single-run.js';
import { startedLater } from './starting-points.js';
import { lastEpochs, loadOptions, type SweepOutcome, type SweepRunSettings, trainSweep } from './sweep.js';
import { moreSeeds, sweepTrial } from './sweep-trial.js';
import { SweepTrials } from './sweep-trials.js';

export interface ResumeRequest extends SweepRunSettings {
  /** The words its trials are trained with. */
  readonly library: Words;
  readonly store: string;
  /** `s3`, a name, or `last`. */
  readonly sweep: string;
  /** Also the trials that failed. */
  readonly failed?: boolean;
  /** Selects the trials to train; by default those without an end, and with `failed` those that failed. */
  readonly wanted?: (record: SweepTrialRecord) => boolean;
  /** Folder to search for the data, besides their recorded place. */
  readonly dataFolder?: string | null;
}

/**
 * Resumes a sweep: trains missing trials and continues interrupted ones from their checkpoints, nothing else. It trains
 * what was stored, even if the file has changed.
 *
 * @throws UsageError if there is no such sweep, Stale, StoreError, DatasetError
 */
export async function resumeSweep(request: ResumeRequest): Promise<SweepOutcome> {
  return withStore(request.store, request, async (store) => {
    const sweep = sweepNamed(store, request.sweep);
    store.requireFree(sweep.id);
    const records = store.sweepTrials(sweep.id);
    const wanted =
      request.wanted ?? (({ state }) => isMissing(state) || (request.failed === true && state === 'failed'));
    const backend = recordedBackend(sweep);
    await backendOfSweep(backend);
    const recipe = store.sweepRecipe(sweep.id, 0);
    const database = recordedIn(request.store, request.dataFolder ?? null);
    const sweepTrials = await trialsOf(sweep, store, request);
    const stored = await sweepTrials.ofRecords(records, { store, sweepId: sweep.id }, wanted);
    const begin = records.filter((record) => record.runId === null && wanted(record)).map(({ trial }) => trial);
    const { trials, notes } =
      sweep.from === null ? { trials: stored, notes: [] } : startedLater(store, sweep.from, stored, new Set(begin));
    const added = store
      .sweepActions(sweep.id)
      .reduce((sum, { action }) => sum + (action.do === 'add_seeds' ? action.seeds : 0), 0);
    const pruning = sweep.pruning === null ? null : readPruningJson(sweep.pruning);
    return trainSweep(request, {
      dataFolder: database.dataFolder,
      library: request.library,
      notes: [...(recipe === null ? [] : sourceChanges(parseRecipe(recipe), sweep.id, database)), ...notes],
      store,
      writer: store.continueSweep(sweep.id),
      trials,
      before: records,
      planned: records.length - added,
      wanted,
      memory: sweepTrials.memory,
      forced: sweep.forced,
      pruning,
      points: sweep.search === null ? null : pointsOf(sweep, sweep.search, records.length, store, sweepTrials),
      epochs:
        pruning === null
          ? 0
          : epochsOf(
              trials.map(({ recipe }) => recipe),
              request.library,
            ),
      about: {
        name: sweep.name,
        experiment: sweep.experiment,
        backend,
        data: sweepTrials.dataNames.join(', '),
        axes: sweep.axes,
        objective: sweep.objective,
        ...(sweep.moreObjectives.length === 0 ? {} : { moreObjectives: sweep.moreObjectives }),
        ...(sweep.search === null ? {} : { search: searchFacts(sweep.search) }),
        comparable: comparableMetric([
          ...sweepTrials.lossStatements,
          ...store.trials.lossStatements(records.flatMap(({ runId }) => runId ?? [])),
        ]),
      },
      shownId: sweep.id,
    });
  });
}

/** Prepares the trials of a stored sweep. */
async function trialsOf(sweep: SweepRecord, store: Store, request: ResumeRequest): Promise<SweepTrials> {
  const database = recordedIn(request.store, request.dataFolder ?? null);
  const file = sweep.file === null ? null : recordedPlace(sweep.file, database);
  const given = store.sweepInit(sweep.id);
  return new SweepTrials({
    library: request.library,
    backend: recordedBackend(sweep),
    environment: await collectEnvironment(experimentFolder(file), request.commandLine ?? []),
    load: loadOptions(request),
    init: given === null ? null : givenWeights(given),
    stored: new StoredStarts(request.store, request.library),
    database,
  });
}

/**
 * Adds trials to a stored sweep that nobody trains here, with the seeds after the largest of their settings, and trains none.
 * @param like trials whose settings get them
 * @returns the new trials
 * @throws UsageError for a search, StoreError, Stale, DatasetError
 */
export function addSeeds(request: ResumeRequest, like: readonly number[], seeds: number): Promise<readonly number[]> {
  return withStore(request.store, request, async (store) => {
    const sweep = sweepNamed(store, request.sweep);
    if (sweep.search !== null) {
      throw new UsageError(
        `the points of ${sweep.id} are judged by the seeds that it began with`,
        'train others with `aedsl run --seed`',
      );
    }
    store.requireFree(sweep.id);
    const records = store.sweepTrials(sweep.id);
    const sweepTrials = await trialsOf(sweep, store, request);
    const trials = [...(await sweepTrials.ofRecords(records, { store, sweepId: sweep.id }, () => false))];
    const settings = new Map(like.toReversed().map((trial) => [trials[trial]?.recipe, trial]));
    const writer = store.continueSweep(sweep.id);
    for (const trial of [...settings.values()].toReversed()) {
      const added = moreSeeds(trials, trial, seeds);
      writer.add(
        added.map(({ parameters, seed, identity, recipe }) => ({ parameters, seed, identity, recipe })),
        { do: 'add_seeds', trial, seeds },
      );
      trials.push(...added);
    }
    writer.finish('interrupted');
    return Array.from({ length: trials.length - records.length }, (_, i) => records.length + i);
  });
}

/** The points of a stored search that are not decided yet. @throws JsonError */
function pointsOf(
  sweep: SweepRecord,
  search: string,
  trials: number,
  store: Store,
  sweepTrials: SweepTrials,
): PointSource {
  const { settings } = PointSearch.stored(search);
  const recipes: Recipe[] = [];
  for (let trial = 0; trial < trials; trial += settings.seeds.length) {
    const recipe = store.sweepRecipe(sweep.id, trial);
    if (recipe === null) throw new RangeError(`${sweep.id} has no trial ${trial}`);
    recipes.push(parseRecipe(recipe));
  }
  const [first] = recipes;
  if (first === undefined) throw new RangeError(`${sweep.id} has no trials`);
  return searchedPoints(
    search,
    recipes.map((recipe) => pointOf(settings, recipe)),
    sweepTrials.ofPoints(
      first,
      sweep.axes.map(({ name }) => name),
    ),
  );
}

/** @param name `s3`, a name, or `last` @throws UsageError if there is no such sweep */
export function sweepNamed(store: Store, name: string): SweepRecord {
  const sweep = store.sweep(name);
  if (sweep !== null) return sweep;
  throw new UsageError(`${store.path} has no sweep '${name}'`, '`aedsl ls` lists them; `last` is the newest');
}

/** Whether a trial has no end that holds. */
export function isMissing(state: TrialState): boolean {
  return state === 'interrupted' || !hasEnded(state);
}

/** The most epochs of a last stage. */
function epochsOf(recipes: readonly string[], library: Words): number {
  const distinct = [...new Set(recipes)];
  return largest(
    distinct.map((text) =>
      lastEpochs(prepare({ recipe: parseRecipe(text), library, seed: 1, backend: 'auto' }).compiled.ir.stages),
    ),
  );
}

export interface ContinueRunOptions extends TrainingSettings {
  /** Those that the run was trained with. */
  readonly library: Words;
  readonly store: string;
  readonly run: string;
  /** Folder to search for the data, besides their recorded place. */
  readonly dataFolder?: string | null;
}

/**
 * Resumes an interrupted run from its last intact checkpoint; the result has the same bits as without the interruption.
 * It trains what was stored. A run that was trained but not evaluated is only evaluated.
 *
 * @throws UsageError for a run that has ended, Stale for one that would now train differently,
 *   InitialWeightsError, StoreError, DatasetError, BackendUnavailable
 */
export function resumeRun(options: ContinueRunOptions): Promise<Run> {
  return continueRun(options, ({ run, recipe, compiled }) => {
    if (isUnevaluated(run)) return { compiled, evaluates: null, notes: [] };
    if (run.status !== 'interrupted' && run.status !== 'failed' && run.status !== 'stopped') {
      throw new UsageError(
        `${run.id} is ${run.status}`,
        run.status === 'complete'
          ? `it has trained to its end; \`aedsl evaluate ${run.id}\` makes its evaluations and pictures again`
          : 'only a run that was interrupted can be gone on with',
      );
    }
    const where = recordedIn(options.store, options.dataFolder ?? null);
    return { compiled, evaluates: null, notes: sourceChanges(recipe, run.id, where) };
  });
}

/** How to resume a stored run. */
export interface Continuation extends Required<Pick<OneTrial, 'evaluates' | 'notes'>> {
  /** The run's experiment as compiled then, except for its evaluations and figures. */
  readonly compiled: CompiledExperiment;
}

/** A stored run, compiled again from what was stored. */
export interface StoredRun {
  readonly run: RunRecord;
  readonly recipe: Recipe;
  readonly compiled: CompiledExperiment;
}

/** @param choose what is done with the run. @throws as {@link resumeRun}, and what `choose` throws */
export function continueRun(options: ContinueRunOptions, choose: (stored: StoredRun) => Continuation): Promise<Run> {
  return withStore(options.store, options, async (store) => {
    const run = store.findRun(options.run);
    store.requireFree(run.id);
    const where = recordedIn(options.store, options.dataFolder ?? null);
    const prepared = prepare(
      {
        recipe: parseRecipe(run.source),
        library: options.library,
        seed: run.seed,
        init: initOf(store, run),
        backend: recordedBackend(run),
        threads: options.threads ?? null,
        data: { where, ...loadOptions(options) },
      },
      expectedOf(run),
    );
    const { recipe } = prepared;
    const { compiled, evaluates, notes } = choose({ run, recipe, compiled: prepared.compiled });
    const trial = { ...(await prepared.ready()), compiled };
    const recorded = { recipe, text: run.source };
    const own = sweepTrial(trial, { parameters: {}, dataFiles: trial.files, recorded, environment: null });
    return trainOne({
      prepared,
      trial,
      own,
      diagnostics: [],
      store,
      resumed: run,
      evaluates,
      stateToEvaluate,
      notes,
      settings: options,
    });
  });
}

/** A sweep or run to resume. */
export type Unfinished =
  | { readonly kind: 'sweep'; readonly sweep: string }
  | { readonly kind: 'run'; readonly run: string };

/** Most runs to search for an interrupted one. */
const looked = 100;

/**
 * @param what `s3` or a sweep's name, `r12` or a run's other name; null: the latest interrupted sweep or run
 * @throws UsageError if there is none, StoreError
 */
export function unfinished(path: string, what: string | null): Promise<Unfinished> {
  return readStore(path, (store) => (what === null ? newest(store) : named(store, what)));
}

function named(store: Store, what: string): Unfinished {
  const sweep = what === 'last' ? null : store.sweep(what);
  if (sweep) return { kind: 'sweep', sweep: sweep.id };
  if (/^s\d+$/.test(what)) {
    throw new UsageError(`${store.path} has no sweep '${what}'`, '`aedsl ls` lists the sweeps and runs');
  }
  const run = store.findRun(what);
  // Within its sweep it has its rungs and its place.
  return run.sweep === null ? { kind: 'run', run: run.id } : { kind: 'sweep', sweep: run.sweep };
}

function newest(store: Store): Unfinished {
  const sweep = store.sweeps(looked).find(({ status }) => status === 'interrupted');
  const run = store
    .listRuns({ limit: looked })
    .find(({ status, evaluation }) => status === 'interrupted' || evaluation === 'pending');
  if (sweep && (!run || sweep.updated >= run.updated)) return { kind: 'sweep', sweep: sweep.id };
  if (run) return named(store, run.id);
  throw new UsageError('nothing was interrupted', '`aedsl ls` lists the sweeps and runs; name one of them');
}
