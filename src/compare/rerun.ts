import { parseRecipe } from '../project/recipe.js';
import { recordedIn, recordedPlace } from '../project/recorded-place.js';
import { type BackendName, backendNames } from '../runtime/backend/backend.js';
import type { Listener } from '../runtime/events.js';
import { readStore } from '../runtime/store/store.js';
import { type Run, trainNewRun } from '../sweep/single-run.js';
import { expectedOf, prepare } from '../trial/prepare.js';
import { type NamedRun, namesBundle, withNamedRun } from '../trial/run-argument.js';
import { initOf } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';

export interface RerunOptions {
  /** The words the run was trained with. */
  readonly library: Words;
  readonly store: string;
  /** Whether to store the new run. */
  readonly keep: boolean;
  /** Null for the run's. */
  readonly backend: BackendName | 'auto' | null;
  readonly threads: number | null;
  /** Folder to search for the data, besides their recorded place. */
  readonly dataFolder?: string | null;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  readonly commandLine: readonly string[];
}

export interface Rerun {
  /** Its id, or the path of its bundle. */
  readonly original: string;
  readonly again: Run;
  /** Whether the weights are bit-identical; null if one of the two ended early. */
  readonly identical: boolean | null;
}

/**
 * Retrains a run from its database record: texts, params, seed and given weights. Its files may have changed or be
 * gone; its data are read again and must be the same.
 * @param id of a run, or the path of a bundle
 * @throws StoreError, BundleError, InitialWeightsError; Stale if its words mean something else now; what `run` throws
 */
export async function rerun(id: string, options: RerunOptions): Promise<Rerun> {
  const { original, init } = await withNamedRun(id, options.store, options.library, readOriginal);
  const recorded = parseRecipe(original.source);
  const [own, ...others] = recorded.sources;
  const where = recordedIn(namesBundle(id) ? id : options.store, options.dataFolder ?? null);
  const { name, irSha256, dataSha256 } = expectedOf(original);
  const prepared = prepare(
    {
      // Git needs the file's present path.
      recipe: { ...recorded, sources: [...(own ? [{ ...own, path: recordedPlace(own.path, where) }] : []), ...others] },
      library: options.library,
      seed: original.seed,
      init,
      backend: options.backend ?? backendNames.find((name) => name === original.backend) ?? 'auto',
      threads: options.threads,
      data: { where, signal: options.signal },
    },
    { name, irSha256, dataSha256 },
  );
  const { listener, signal, commandLine, store, keep } = options;
  const kept = keep ? store : null;
  const again = await trainNewRun(prepared, { store: kept, force: true, recorded, listener, signal, commandLine });
  const ended = original.weightsSha256 !== null && again.weightsSha256 !== null && again.status !== 'interrupted';
  const comparable = ended && original.status !== 'interrupted';
  return {
    original: namesBundle(id) ? id : original.id,
    again,
    identical: comparable ? original.weightsSha256 === again.weightsSha256 : null,
  };
}

function readOriginal({ store: path, id }: NamedRun) {
  return readStore(path, (store) => {
    const original = store.findRun(id);
    return { original, init: initOf(store, original) };
  });
}
