import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import type { Recipe } from '../project/recipe.js';
import { UsageError } from '../project/usage-error.js';
import { fileWorld } from '../project/world.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { prepareStarted } from '../trial/stored-starts.js';
import type { GivenWeights } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';
import { builtinWords } from '../words/words.js';
import type { NewRunSettings, Run } from './single-run.js';

export { ExperimentError } from '../trial/prepare.js';
export type { Run, RunResult } from './single-run.js';

export interface RunOptions extends Omit<NewRunSettings, 'recorded'> {
  readonly source: Source;
  /** An experiment of the source; null for its first. */
  readonly experiment?: string | null;
  /** `rho=0.05` */
  readonly params?: readonly string[];
  readonly seed?: number;
  readonly backend?: BackendName | 'auto';
  /** Another data set: `digits`, `idx("images.gz")`. */
  readonly data?: string | null;
  /** In place of every stage's epochs. */
  readonly epochs?: number | null;
  /** Updates after which each stage ends. */
  readonly maxSteps?: number | null;
  readonly mostParameters?: number | null;
  /** Weights to start from: a safetensors file, a bundle, or the content of a file. */
  readonly init?: string | GivenWeights | null;
  /** The results in which `init=stored(…)` looks up runs; those of `store` by default. */
  readonly storedRuns?: string | null;
  /** The compiler's view of other files; the disk by default. */
  readonly world?: World;
  /** The words that the experiment may use; by default, those of the package. See `extendLibrary`. */
  readonly library?: Words;
  /** Called with the compiler's warnings before anything trains. */
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
}

/**
 * Compiles an experiment, trains it, and stores the results; a trial that the results already have complete is not
 * retrained unless `force` is set. Code for training is loaded alongside the data, and only once the experiment has
 * compiled.
 *
 * @throws ExperimentError, UsageError, DatasetError, BackendUnavailable, StoreError; LongerTrainingError if this run
 *   doesn't extend the stored one
 */
export async function run(options: RunOptions): Promise<Run> {
  if (options.store === '') throw new UsageError('the path of the results is empty', 'give a path, or leave it out');
  if (options.from && !options.store) throw new UsageError('--from reads a stored run', 'leave out --no-store');
  if (options.from && options.init) throw new UsageError('--from and --init both say what to start from', 'give one');
  const init = typeof options.init === 'string' ? await readInit(options.init) : (options.init ?? null);
  const ended = new AbortController();
  const recipe: Recipe = {
    sources: [options.source],
    experiment: options.experiment ?? null,
    params: options.params ?? [],
    data: options.data ?? null,
    epochs: options.epochs ?? null,
    maxSteps: options.maxSteps ?? null,
    files: {},
  };
  const prepared = await prepareStarted(
    {
      recipe,
      world: options.world ?? fileWorld(options.backend),
      seed: options.seed ?? 1,
      init,
      backend: options.backend ?? 'auto',
      threads: options.threads ?? null,
      mostParameters: options.mostParameters ?? null,
      library: options.library ?? builtinWords,
      data: {
        ...(options.onDownload ? { onProgress: options.onDownload } : {}),
        signal: options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal,
      },
    },
    options.storedRuns ?? options.store ?? null,
  );
  options.onWarnings?.(prepared.diagnostics);
  // Whoever awaits the data handles its errors; until then nobody does.
  prepared.ready().catch(() => {});
  try {
    const { trainNewRun } = await import('./single-run.js');
    return await trainNewRun(prepared, options);
  } finally {
    // Stops downloading data for a run that never started.
    ended.abort();
  }
}

async function readInit(path: string): Promise<GivenWeights> {
  const { startingWeights } = await import('../trial/starting-weights.js');
  return startingWeights(path);
}
