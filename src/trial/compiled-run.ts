import type { CompiledExperiment } from '../compiler/compile.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { canonicalJson } from '../compiler/ir/canonical.js';
import { memoryText } from '../compiler/ir/memory.js';
import { onOneLine } from '../files/quoted.js';
import { numericsVersion } from '../numerics/version.js';
import { UsageError } from '../project/params.js';
import { type Recipe, recordedRecipe, stringifyRecipe } from '../project/recipe.js';
import { sourcePlaces } from '../project/source-changes.js';
import { chooseBackend } from '../runtime/backend/choose.js';
import { physicalMemory } from '../runtime/backend/most-memory.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import { networkOf } from '../runtime/lowering/network-of-experiment.js';
import { collectEnvironment, type Environment, experimentFolder } from '../runtime/provenance/environment.js';
import { commitProblem } from '../runtime/provenance/git-state.js';
import { trialIdentity } from '../runtime/provenance/identity.js';
import type { RunDescription } from '../runtime/store/records.js';
import type { WritableStore } from '../runtime/store/store.js';
import { misfitOf } from '../runtime/training/initial-weights.js';
import { countText } from '../text/number-text.js';
import { builtinWords } from '../words/words.js';
import type { CheckpointPolicy } from './checkpointer.js';
import { checkpointToTrainLonger } from './longer-training.js';
import { type Run, trainRun } from './recorded-run.js';
import type { RunOptions } from './run-options.js';
import { memoryOfRun } from './trial-memory.js';
import type { GivenWeights } from './weights-file.js';

/** A run whose experiment is right. */
export interface CompiledRun {
  readonly options: RunOptions;
  readonly compiled: CompiledExperiment;
  /** With every text that was read. */
  readonly recipe: Recipe;
  readonly initial: GivenWeights | null;
  /** On their way. */
  readonly data: Promise<LoadedData>;
  readonly diagnostics: readonly Diagnostic[];
}

const defaultCheckpoints: CheckpointPolicy = { seconds: 30, epochs: null };

/**
 * Trains a compiled experiment, and keeps what came out.
 *
 * @throws UsageError, DatasetError, BackendUnavailable, StoreError; LongerTrainingError for a run that this one doesn't go
 *   on from
 */
export async function trainCompiled(run: CompiledRun): Promise<Run> {
  const { options, compiled, recipe, initial, diagnostics } = run;
  const { library = builtinWords, listener = () => {}, seed = 1 } = options;
  const misfit = initial && misfitOf(initial.values, networkOf(compiled.ir, library), initial.shapes);
  if (misfit)
    throw new UsageError(
      onOneLine(misfit),
      'the weights to begin from must be those of an experiment of the same layers',
    );
  const folder = experimentFolder(options.source.path);
  const [data, backend, environment] = await Promise.all([
    run.data,
    chooseBackend(options.backend ?? 'auto', options.threads ? { threads: options.threads } : undefined),
    options.store
      ? collectEnvironment(folder, options.commandLine ?? [], sourcePlaces(recipe.sources, options.source.path))
      : null,
  ]);
  const uncommitted = environment !== null && !environment.git?.commit ? commitProblem(folder) : null;
  if (uncommitted !== null) listener({ event: 'note', text: `no commit is kept with the run: ${uncommitted}` });
  if (recipe.data !== null) {
    const { train, validation, test } = compiled.ir.data;
    const text = `data: ${recipe.data} in place of the experiment's own, ${countText(train, 'example')} to train on, ${validation} for validation, ${test} for test`;
    listener({ event: 'note', text });
  }
  const [need, there] = [memoryOfRun(compiled.ir, data.dataset), options.memory ?? physicalMemory()];
  if (need > there) {
    const text = `the run takes about ${memoryText(need)} of memory with its data, and there are ${memoryText(there)}`;
    listener({ event: 'note', text: `${text}: a smaller batch or less data take less` });
  }
  const identity = trialIdentity({
    irSha256: compiled.hash,
    dataSha256: data.dataset.checksum,
    seed,
    backendClass: backend.name,
    numericsVersion,
    maxSteps: recipe.maxSteps,
    initialSha256: initial?.sha256 ?? null,
  });
  const task = { compiled, data, seed, identity, backend: backend.name, library };
  const description = environment && describe(run, { ...task, environment });
  const kept = options.store && description ? { store: await openForRun(options.store, options), description } : null;
  try {
    const from =
      kept && options.from ? checkpointToTrainLonger(kept.store, options.from, kept.description, task) : null;
    const writer =
      kept &&
      (from ? kept.store.forkRun(kept.description, from.runId, from.record) : kept.store.startRun(kept.description));
    if (initial) writer?.saveWeights('initial', initial.file);
    listener({
      event: 'run_started',
      runId: writer?.id ?? null,
      trialId: identity,
      experiment: compiled.ir.name,
      seed,
      backend: backend.name,
      data: data.dataset.name,
    });
    if (from) {
      listener({ event: 'note', text: `goes on from ${from.runId}, after ${countText(from.record.epochs, 'epoch')}` });
    }
    return await trainRun({
      ...task,
      maxSteps: recipe.maxSteps,
      initialWeights: initial?.values ?? null,
      from,
      store: kept?.store ?? null,
      writer,
      policy: options.checkpoints ?? defaultCheckpoints,
      listener,
      signal: options.signal ?? new AbortController().signal,
      diagnostics,
    });
  } finally {
    kept?.store.close();
  }
}

/** SQLite is loaded for a run that is kept. */
async function openForRun(path: string, { commandLine = [], onWait }: RunOptions): Promise<WritableStore> {
  const { openStore } = await import('../runtime/store/store.js');
  return openStore(path, { mode: 'write', command: commandLine.join(' '), ...(onWait ? { onWait } : {}) });
}

interface Described {
  readonly data: LoadedData;
  readonly identity: string;
  readonly seed: number;
  readonly backend: string;
  readonly environment: Environment;
}

function describe({ options, compiled, recipe, initial }: CompiledRun, described: Described): RunDescription {
  const { data, identity, seed, backend, environment } = described;
  const [own, ...others] = recipe.sources;
  const recorded =
    options.again && own
      ? { ...recipe, sources: [{ ...own, path: options.again.path }, ...others] }
      : recordedRecipe(recipe, options.store ?? null);
  return {
    experiment: compiled.ir.name,
    file: recorded.sources[0]?.path ?? options.source.path,
    source: stringifyRecipe(recorded),
    identity,
    ir: { sha256: compiled.hash, json: canonicalJson(compiled.canonical) },
    seed,
    backend,
    numerics: numericsVersion,
    data: { name: data.dataset.name, sha256: data.dataset.checksum },
    environment: JSON.stringify(environment),
    parameters: compiled.params.map(({ name, value, given }) => ({ name, value, origin: given ? 'given' : 'default' })),
    maxSteps: recipe.maxSteps,
    initialSha256: initial?.sha256 ?? null,
  };
}
