import { existsSync } from 'node:fs';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';

import { TrialFailedError } from '../execute/executor.js';
import { InProcessExecutor } from '../execute/in-process.js';
import { type Recipe, recordedRecipe, stringifyRecipe } from '../project/recipe.js';
import { sourcePlaces } from '../project/source-changes.js';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import type { Ended, TrialStatus } from '../runtime/events.js';
import { collectEnvironment, experimentFolder } from '../runtime/provenance/environment.js';
import { commitProblem } from '../runtime/provenance/git-state.js';
import type { EvaluationState, RunRecord } from '../runtime/store/records.js';
import type { Store, WritableStore } from '../runtime/store/store.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { EvaluationFailure } from '../runtime/training/train-trial.js';
import { countText, memoryText } from '../text/number-text.js';
import { Model } from '../trial/model.js';
import type { Picture } from '../trial/pictures.js';
import type { PreparedTrial, Trial } from '../trial/prepare.js';
import type { TrainedTrial } from '../trial/train.js';
import { memoryOfRun } from '../trial/trial-memory.js';
import { storedWeights } from '../trial/weights-file.js';
import { carryOut, type TrainingSettings, withStore } from './carry-out.js';
import type { Opening } from './run-opening.js';
import { type SweepTrial, sweepTrial } from './sweep-trial.js';

/** How a run ended. */
export interface RunResult {
  /** Null for a run that is not stored. */
  readonly runId: string | null;
  readonly trialId: string;
  readonly status: TrialStatus;
  /** Whether a stored run had trained the same trial to its end already, so that nothing was trained. */
  readonly cached: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  readonly weightsSha256: string | null;
  /** For a run trained to the end: whether all evaluations and pictures were made. */
  readonly evaluation: EvaluationState;
  /** How it ended as a sweep of one. */
  readonly ended: Ended;
}

/** How a training came out, with what was made of it. */
export interface Run extends RunResult {
  readonly pictures: readonly Picture[];
  /** Evaluations and pictures that failed. */
  readonly failures: readonly EvaluationFailure[];
  /** Warnings of the compiler. */
  readonly diagnostics: readonly Diagnostic[];
  /** The trained model; null unless the training ended by itself, in this process. To be disposed of. */
  readonly model: Model | null;
}

/** How a new run is trained and what is kept of it. */
export interface NewRunSettings extends TrainingSettings {
  /** The results database; null: nothing is kept. */
  readonly store?: string | null;
  /** A run of fewer epochs of the last stage, to start from. */
  readonly from?: string | null;
  /** Whether it is trained although the results have a complete run of it, and compared with that. */
  readonly force?: boolean;
  /** Bytes that it may take in this process before that is noted; what the machine has by default. */
  readonly memory?: number;
  /** The recipe to record; by default, file paths are relative to the project of the results. */
  readonly recorded?: Recipe;
}

/**
 * Trains a new run, unless the results have it already.
 * @throws TrialFailedError, UsageError, DatasetError, BackendUnavailable, StoreError; Stale; LongerTrainingError if this run doesn't
 *   extend the stored one
 */
export async function trainNewRun(prepared: PreparedTrial, settings: NewRunSettings): Promise<Run> {
  const { recipe } = prepared;
  const { store: path = null, commandLine = [], force = false } = settings;
  const file = recipe.sources[0]?.path ?? '';
  const folder = experimentFolder(file);
  const [trial, environment] = await Promise.all([
    prepared.ready(),
    path === null ? null : collectEnvironment(folder, commandLine, sourcePlaces(recipe.sources, file)),
  ]);
  const uncommitted = environment !== null && !environment.git?.commit ? commitProblem(folder) : null;
  const notes = [
    ...(uncommitted === null ? [] : [`no commit is kept with the run: ${uncommitted}`]),
    ...notesOn(trial, settings.executor ? Number.POSITIVE_INFINITY : (settings.memory ?? physicalMemory())),
  ];
  const recorded = settings.recorded ?? recordedRecipe(recipe, path);
  const own = sweepTrial(trial, {
    parameters: {},
    dataFiles: trial.files,
    recorded: { recipe: recorded, text: stringifyRecipe(recorded) },
    environment,
  });
  const one = { prepared, trial, own, diagnostics: prepared.diagnostics, settings };
  if (path === null) return trainOne({ ...one, store: null, notes });
  return withStore(path, settings, async (store) => {
    const longer = settings.from ? own.longerThan(store, settings.from) : own;
    const known = force ? null : await knownRun(store, trial, file);
    const { stateToEvaluate } = await import('../trial/trained-state.js');
    const told = known?.reused === undefined ? notes : [];
    return trainOne({ ...one, own: longer, store, notes: told, stateToEvaluate, ...known });
  });
}

function notesOn({ recipe, compiled, data, library }: Trial, memory: number): readonly string[] {
  const notes: string[] = [];
  if (recipe.data !== null) {
    const { train, validation, test } = compiled.ir.data;
    notes.push(
      `data: ${recipe.data} in place of the experiment's own, ${countText(train, 'example')} to train on, ${validation} for validation, ${test} for test`,
    );
  }
  const need = memoryOfRun(compiled.ir, data, library);
  if (need > memory) {
    const text = `the run takes about ${memoryText(need)} of memory with its data, and there are ${memoryText(memory)}`;
    notes.push(`${text}: a smaller batch or less data take less`);
  }
  return notes;
}

/**
 * Finds an equivalent run in the results: a complete run of the same experiment to reuse, or one that lacks only
 * pictures or evaluations. Figures are not in a trial's identity, and other commands find a run by its experiment's
 * name.
 */
async function knownRun(store: Store, { compiled, identity }: Trial, file: string): Promise<Partial<OneTrial> | null> {
  const known = store.findComplete(identity, { experiment: compiled.ir.name });
  if (known === null) return null;
  const pictures = store.listFiles(known.id, 'figure');
  const files = [...pictures, ...store.listFiles(known.id, 'weights'), ...store.listFiles(known.id, 'chain')];
  if (!files.every(({ path }) => existsSync(path))) return null;
  const { pictureNames } = await import('../trial/pictures.js');
  const drawn = new Set(pictures.map(({ name }) => name));
  const lacks = pictureNames(compiled.ir).some((name) => !drawn.has(name));
  if (known.evaluation !== 'failed' && !lacks) return { reused: known.id };
  return { resumed: store.findRun(known.id), evaluates: { as: lacks ? file : null } };
}

/** The trial of a run, with what its run is. */
export interface OneTrial {
  readonly prepared: PreparedTrial;
  /** The trial that was prepared, ready to train. */
  readonly trial: Trial;
  readonly own: SweepTrial;
  /** Warnings of the compiler. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null if nothing is stored. */
  readonly store: WritableStore | null;
  /** A complete run that takes its place. */
  readonly reused?: string;
  /** The stored run to resume. */
  readonly resumed?: RunRecord;
  /** Whether a run that is evaluated already is evaluated again, and the file that asks for it. */
  readonly evaluates?: Opening['evaluates'];
  /** The run's store. */
  readonly stateToEvaluate?: Opening['stateToEvaluate'];
  readonly notes: readonly string[];
  readonly settings: TrainingSettings;
}

/** State that an executor in this process leaves in memory. */
interface Outcome {
  trained: TrainedTrial | null;
  thrown: { readonly error: unknown } | null;
}

/** Trains one trial as a sweep of one, and keeps what comes out. @throws what the training throws, TrialFailedError */
export async function trainOne(one: OneTrial): Promise<Run> {
  const { prepared, trial, own, store, notes, settings, diagnostics, reused = null, resumed, evaluates = null } = one;
  const { compiled, backend, dataset, library } = trial;
  const outcome: Outcome = { trained: null, thrown: null };
  const inProcess = () =>
    new InProcessExecutor({
      library,
      prepared: () => ({ ...prepared, ready: async () => trial }),
      onEnded: (trained) => {
        outcome.trained = trained;
      },
      onThrown: (error) => {
        outcome.thrown = { error };
      },
    });
  const { name: experiment } = compiled.ir;
  const { ended, sweep } = await carryOut(
    settings,
    {
      of: 'run',
      shownId: null,
      library,
      store,
      writer: null,
      trials: [own],
      before: resumed ? [recordOf(own, resumed)] : [],
      planned: 1,
      wanted: () => true,
      evaluates,
      reusable: () => reused,
      compares: resumed === undefined || evaluates === null,
      stateToEvaluate: one.stateToEvaluate ?? (() => null),
      pruning: null,
      points: null,
      keptCheckpoints: 1,
      haltedFiles: () => filesOf(outcome.trained),
      workers: { jobs: 1, mostJobs: 1, threads: settings.threads ?? null, note: null },
      about: {
        name: experiment,
        experiment,
        backend,
        data: dataset.name,
        axes: [],
        objective: null,
        comparable: 'loss',
      },
      notes,
    },
    settings.executor ?? inProcess(),
  );
  if (outcome.thrown !== null) throw outcome.thrown.error;
  if (store !== null && reused !== null) return { ...cachedRun(store, reused, trial), diagnostics, ended };
  const { runId, state, reason, end, trainedAs, metrics, weightsSha256, failures } = sweep.trialRun(0);
  if (state === 'failed') throw new TrialFailedError(`the trial failed: ${reason}`);
  const status = end?.status ?? trainedAs ?? 'interrupted';
  return {
    runId,
    trialId: trial.identity,
    status,
    cached: false,
    metrics: metrics ?? {},
    weightsSha256,
    evaluation:
      status !== 'complete' ? null : end?.unfinished ? 'pending' : failures.length > 0 ? 'failed' : 'complete',
    pictures: end?.pictures ?? [],
    failures,
    diagnostics,
    model: outcome.trained?.model ?? null,
    ended,
  };
}

/** Files that an interrupted run stores besides its checkpoint, so that its model can be used. */
function filesOf(trained: TrainedTrial | null) {
  if (trained === null || trained.result.status !== 'interrupted') return null;
  return { weights: trained.weightsFile, chain: trained.chainFile };
}

function recordOf({ parameters, seed, identity }: SweepTrial, { id, status }: RunRecord): SweepTrialRecord {
  const results = { reason: null, objective: null, objectiveEpoch: null };
  return { trial: 0, parameters, seed, identity, state: status, runId: id, ...results };
}

function cachedRun(
  store: Store,
  id: string,
  { compiled, identity, library }: Trial,
): Omit<Run, 'diagnostics' | 'ended'> {
  const { weightsSha256, evaluation } = store.findRun(id);
  const weights = storedWeights(store, id);
  return {
    runId: id,
    trialId: identity,
    status: 'complete',
    cached: true,
    metrics: store.readFinal(id),
    weightsSha256,
    evaluation,
    pictures: store.listFiles(id, 'figure').map((file) => ({ name: file.name, png: store.readFile(file) })),
    failures: [],
    model: weights && new Model(compiled.ir, weights, library),
  };
}
