import { compileRecipe, parseRecipe, worldOf } from '../project/recipe.js';
import { recordedIn, recordedPlace } from '../project/recorded-place.js';
import { type BackendName, backendNames } from '../runtime/backend/backend.js';
import { openStore } from '../runtime/store/store.js';
import { type Run, run } from '../sweep/run.js';
import type { Listener } from '../trial/events.js';
import { LoadError } from '../trial/load.js';
import { dataOf, loadRecorded } from '../trial/recorded-data.js';
import { type NamedRun, namesBundle, withNamedRun } from '../trial/run-argument.js';
import { initialWeightsOf } from '../trial/weights-file.js';
import { builtinWords } from '../words/words.js';

export interface RerunOptions {
  readonly store: string;
  /** Whether the new run is stored too. */
  readonly keep: boolean;
  /** Null: that of the run. */
  readonly backend: BackendName | 'auto' | null;
  readonly threads: number | null;
  /** Where the data are, if the person says so. */
  readonly dataFolder?: string | null;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  readonly commandLine: readonly string[];
}

export interface Rerun {
  readonly original: string;
  readonly again: Run;
  /** Whether the same weights came out to the last bit; null where one of the two did not get that far. */
  readonly identical: boolean | null;
}

/**
 * Trains a run again from what the database has of it: texts, params, seed, given weights. Its files may have changed or be
 * gone; its data is read again, and has to be what it was.
 * @param id of a run, or the path of a bundle
 * @throws StoreError, BundleError, InitialWeightsError; LoadError for a run of words that mean something else by now; what `run` throws
 */
export async function rerun(id: string, options: RerunOptions): Promise<Rerun> {
  const { original, initial } = await withNamedRun(id, options.store, readOriginal);
  const recipe = parseRecipe(original.source);
  const [source] = recipe.sources;
  const { value: compiled, diagnostics } = compileRecipe(recipe, worldOf(recipe), { library: builtinWords });
  if (compiled === null || source === undefined) {
    const [first] = diagnostics;
    const message = `${original.id} no longer compiles: ${first?.code} ${first?.message}`;
    throw new LoadError(message, 'the aedsl that made it can train it again');
  }
  if (compiled.hash !== original.ir.sha256) {
    throw new LoadError(
      `the words of ${original.id} mean something else in this version`,
      'the aedsl that made it can train it again; `aedsl show` says which that was',
    );
  }
  const { experiment, params, data, epochs, maxSteps } = recipe;
  const where = recordedIn(namesBundle(id) ? id : options.store, options.dataFolder ?? null);
  const expected = dataOf({ name: original.id, dataSha256: original.dataSha256 });
  const again = await run({
    source: { ...source, path: recordedPlace(source.path, where) },
    again: {
      path: source.path,
      data: async (experiment, load) => (await loadRecorded(experiment, expected, where, load)).data,
    },
    experiment,
    params,
    data,
    epochs,
    maxSteps,
    seed: original.seed,
    backend: options.backend ?? backendNames.find((name) => name === original.backend) ?? 'auto',
    threads: options.threads,
    store: options.keep ? options.store : null,
    world: worldOf(recipe),
    initialWeights: initial,
    listener: options.listener,
    signal: options.signal,
    commandLine: options.commandLine,
  });
  const ended = original.weightsSha256 !== null && again.weightsSha256 !== null && again.status !== 'interrupted';
  const comparable = ended && original.status !== 'interrupted';
  return {
    original: original.id,
    again,
    identical: comparable ? original.weightsSha256 === again.weightsSha256 : null,
  };
}

async function readOriginal({ store: path, id }: NamedRun) {
  const store = await openStore(path, { mode: 'read' });
  try {
    const original = store.findRun(id);
    return { original, initial: initialWeightsOf(store, original) };
  } finally {
    store.close();
  }
}
