import type { CompiledExperiment } from '../compiler/compile.js';
import { compileRecipe, parseRecipe, type Recipe, worldOf } from '../project/recipe.js';
import { type RecordedIn, recordedIn } from '../project/recorded-place.js';
import { resultsPlace } from '../project/results-place.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { chooseBackend } from '../runtime/backend/choose.js';
import { decodeSafetensors, float32Tensors } from '../runtime/formats/safetensors.js';
import type { RunRecord } from '../runtime/store/records.js';
import { openStore } from '../runtime/store/store.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import type { Words } from '../words/word.js';
import { builtinWords } from '../words/words.js';
import { Model } from './model.js';
import { type NamedRun, withNamedRun } from './run-argument.js';

export interface LoadModelOptions {
  /** The results database; by default what AEDSL_DB names, else `results.db` of the project around the current folder. */
  readonly store?: string;
  readonly backend?: BackendName | 'auto';
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

/** A run with the experiment that it was, compiled again from what was stored. */
export interface StoredExperiment {
  readonly run: RunRecord;
  readonly recipe: Recipe;
  /** What its data are looked for by; see `loadRecorded`. */
  readonly where: RecordedIn;
  readonly compiled: CompiledExperiment;
  /** With what the data's transforms took from the training part. */
  readonly weights: WeightValues;
}

/**
 * The trained model of a run.
 * @param id as `aedsl ls` lists it, `last`, or the path of a bundle
 * @throws StoreError, LoadError for a run without weights or of words that mean something else by now
 */
export async function load(id: string, options: LoadModelOptions = {}): Promise<Model> {
  const { library = builtinWords } = options;
  const { compiled, weights } = await loadStored(id, options.store ?? resultsPlace().path, library);
  await chooseBackend(options.backend ?? 'auto');
  return new Model(compiled.ir, weights, library);
}

/**
 * @param id of a run, or the path of a bundle
 * @param dataFolder where a person says that its data are
 * @throws StoreError, BundleError, LoadError
 */
export function loadStored(
  id: string,
  path: string,
  library: Words,
  dataFolder: string | null = null,
): Promise<StoredExperiment> {
  return withNamedRun(id, path, async (named) => {
    return { ...(await loadNamed(named, library)), where: recordedIn(named.container, dataFolder) };
  });
}

async function loadNamed({ store: path, id }: NamedRun, library: Words): Promise<Omit<StoredExperiment, 'where'>> {
  const store = await openStore(path, { mode: 'read' });
  try {
    const run = store.findRun(id);
    const recipe = parseRecipe(run.source);
    const { value: compiled, diagnostics } = compileRecipe(recipe, worldOf(recipe), { library });
    if (compiled === null) {
      const [first] = diagnostics;
      throw new LoadError(
        `${run.id} no longer compiles: ${first?.code} ${first?.message}`,
        'train it again with this version',
      );
    }
    if (compiled.hash !== run.ir.sha256) {
      throw new LoadError(
        `the words of ${run.id} mean something else in this version`,
        'train it again with this version',
      );
    }
    const file = store.listFiles(run.id, 'weights').find(({ name }) => name === 'final');
    if (!file) throw new LoadError(`${run.id} has no weights (${run.status})`, 'a run has them once it has ended');
    const tensors = float32Tensors(decodeSafetensors(store.readFile(file)));
    return {
      run,
      recipe,
      compiled,
      weights: new Map(tensors.map(({ name, values }) => [name.replaceAll('.', '/'), values])),
    };
  } finally {
    store.close();
  }
}
