import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { UsageError } from '../project/params.js';
import { compileRecipe, type Recipe, recordingWorld } from '../project/recipe.js';
import { fileWorld } from '../project/world.js';
import { loadExamples } from '../trial/data.js';
import type { Run } from '../trial/recorded-run.js';
import type { RunOptions } from '../trial/run-options.js';
import { startingWeights } from '../trial/starting-weights.js';
import { builtinWords } from '../words/words.js';

export type { Run } from '../trial/recorded-run.js';
export type { RunOptions } from '../trial/run-options.js';

/** The experiment has errors; nothing was trained. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  }
}

/**
 * Compiles an experiment, trains it, and keeps what came out. What trains is loaded while the data are: neither is there
 * before the experiment is known to be right.
 *
 * @throws ExperimentError, UsageError, DatasetError, BackendUnavailable, StoreError; LongerTrainingError for a run that
 *   this one doesn't go on from
 */
export async function run(options: RunOptions): Promise<Run> {
  const { library = builtinWords } = options;
  if (options.store === '') throw new UsageError('the path of the results is empty', 'give a path, or leave it out');
  if (options.from && !options.store) throw new UsageError('--from reads a stored run', 'leave out --no-store');
  if (options.from && (options.init || options.initialWeights))
    throw new UsageError('--from and --init both say what to start from', 'give one');
  const recording = recordingWorld(options.world ?? fileWorld(options.backend));
  const recipe: Recipe = {
    sources: [options.source],
    experiment: options.experiment ?? null,
    params: options.params ?? [],
    data: options.data ?? null,
    epochs: options.epochs ?? null,
    maxSteps: options.maxSteps ?? null,
    files: {},
  };
  const { value: compiled, diagnostics } = compileRecipe(recipe, recording.world, {
    library,
    mostParameters: options.mostParameters ?? null,
  });
  if (compiled === null) throw new ExperimentError(diagnostics);
  options.onWarnings?.(diagnostics);
  const initial = options.initialWeights ?? (options.init ? await startingWeights(options.init) : null);
  const ended = new AbortController();
  const data = (options.again?.data ?? loadExamples)(compiled, {
    ...(options.onDownload ? { onProgress: options.onDownload } : {}),
    signal: options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal,
  });
  // Whoever waits for the data is told; until then nobody does.
  data.catch(() => {});
  try {
    const { trainCompiled } = await import('../trial/compiled-run.js');
    const complete = { ...recipe, sources: [options.source, ...recording.sources], files: recording.files };
    return await trainCompiled({ options, compiled, diagnostics, recipe: complete, initial, data });
  } finally {
    // Of a run that something else kept from starting, no data are downloaded any more.
    ended.abort();
  }
}
