import { resultsPlace } from '../project/project.js';
import { parseRecipe } from '../project/recipe.js';
import { recordedIn } from '../project/recorded-place.js';
import type { BackendName } from '../runtime/backend/backend.js';
import type { RunRecord } from '../runtime/store/records.js';
import { readStore } from '../runtime/store/store.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import type { Words } from '../words/word.js';
import { builtinWords } from '../words/words.js';
import { Model } from './model.js';
import { expectedOf, type PreparedTrial, prepare, type TrialSpec } from './prepare.js';
import { type NamedRun, withNamedRun } from './run-argument.js';
import { storedWeights } from './weights-file.js';

export interface LoadModelOptions {
  /** The results database; by default the one named by AEDSL_DB, else `results.db` in the current folder's project. */
  readonly store?: string;
  readonly backend?: BackendName | 'auto';
  /** The words it was trained with; the package's by default. */
  readonly library?: Words;
}

/** A stored run that cannot be used as a model. */
export class LoadError extends Error {
  override readonly name = 'LoadError';

  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** A run with its trial, compiled again from the record. */
export interface StoredTrial {
  readonly run: RunRecord;
  readonly trial: PreparedTrial;
  /** Includes the transforms' statistics of the training part. */
  readonly weights: WeightValues;
}

export interface StoredTrialOptions extends Pick<TrialSpec, 'library'> {
  /** Backend of the model. */
  readonly backend?: BackendName | 'auto';
  /** Folder to search for its data, besides their recorded place. */
  readonly dataFolder?: string | null;
}

/**
 * Loads the trained model of a run.
 * @param id as listed by `aedsl ls`, `last`, or the path of a bundle
 * @throws StoreError, LoadError for a run without weights, Stale if its words mean something else now
 */
export async function load(id: string, options: LoadModelOptions = {}): Promise<Model> {
  const { store = resultsPlace().path, library = builtinWords, backend = 'auto' } = options;
  const { trial, weights } = await loadStored(id, store, { library, backend });
  await trial.chooseBackend();
  return new Model(trial.compiled.ir, weights, trial.library);
}

/**
 * @param id of a run, or the path of a bundle
 * @throws StoreError, BundleError, LoadError for a run without weights; Stale
 */
export function loadStored(id: string, path: string, options: StoredTrialOptions): Promise<StoredTrial> {
  return withNamedRun(id, path, options.library, (named) => loadNamed(named, options));
}

/** @throws as {@link loadStored} */
export function loadNamed(
  { store: path, id, container }: NamedRun,
  { backend = 'auto', dataFolder = null, library }: StoredTrialOptions,
): Promise<StoredTrial> {
  return readStore(path, (store) => {
    const run = store.findRun(id);
    const { name, irSha256, dataSha256 } = expectedOf(run);
    const where = recordedIn(container, dataFolder);
    const trial = prepare(
      { library, recipe: parseRecipe(run.source), seed: run.seed, backend, data: { where } },
      { name, irSha256, dataSha256 },
    );
    const weights = storedWeights(store, run.id);
    if (weights === null) {
      throw new LoadError(`${run.id} has no weights (${run.status})`, 'a run has them once it has ended');
    }
    return { run, trial, weights };
  });
}
