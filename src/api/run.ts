import type { CompiledExperiment } from '../compiler/compile.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { canonicalJson } from '../compiler/ir/canonical.js';
import { builtinLibrary } from '../compiler/library/builtin.js';
import type { Library } from '../compiler/library/library.js';
import type { Source } from '../compiler/syntax/source.js';
import type { World } from '../compiler/world.js';
import { numericsVersion } from '../numerics/version.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { chooseBackend } from '../runtime/backend/choose.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import { builtinLowerings } from '../runtime/lowering/builtin.js';
import type { Lowerings } from '../runtime/lowering/lowering.js';
import { networkOf } from '../runtime/lowering/network-of-experiment.js';
import { collectEnvironment } from '../runtime/provenance/environment.js';
import { trialIdentity } from '../runtime/provenance/identity.js';
import type { RunDescription, Writer } from '../runtime/store/records.js';
import { openStore, type WritableStore } from '../runtime/store/store.js';
import type { CheckpointPolicy } from '../runtime/sweep/checkpointer.js';
import { misfitOf } from '../runtime/training/initial-weights.js';
import { loadExamples } from './data.js';
import type { Listener } from './events.js';
import { checkpointToTrainLonger } from './longer-training.js';
import { UsageError } from './params.js';
import { compileRecipe, type Recipe, recordingWorld, stringifyRecipe } from './recipe.js';
import { type Run, trainRun } from './recorded-run.js';
import { type GivenWeights, readWeights } from './weights-file.js';
import { fileWorld } from './world.js';

export type { Run } from './recorded-run.js';

export interface RunOptions {
  readonly source: Source;
  /** Of the source; null for its first experiment. */
  readonly experiment?: string | null;
  /** `rho=0.05` */
  readonly params?: readonly string[];
  readonly seed?: number;
  readonly backend?: BackendName | 'auto';
  /** Of the backend, where it has them; one for each core by default. */
  readonly threads?: number | null;
  /** Another data set: `digits`, `idx("images.gz")`. */
  readonly data?: string | null;
  /** In place of every stage's epochs. */
  readonly epochs?: number | null;
  /** Updates after which each stage ends. */
  readonly maxSteps?: number | null;
  readonly mostParameters?: number | null;
  /** A safetensors file with weights to start from. */
  readonly init?: string | null;
  /** In place of `init`: its content. */
  readonly initialWeights?: GivenWeights | null;
  /** A run of fewer epochs of the last stage, to go on from. */
  readonly from?: string | null;
  /** The results database; null: nothing is kept. */
  readonly store?: string | null;
  /** When it is checkpointed; every 30 seconds by default. */
  readonly checkpoints?: CheckpointPolicy;
  /** What the compiler sees of other files; those on the disk by default. */
  readonly world?: World;
  /** Words of one's own, with their lowerings: see `extendLibrary`. */
  readonly library?: Library;
  readonly lowerings?: Lowerings;
  readonly listener?: Listener;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Another process writes the database: called once, when it has to be waited for. */
  readonly onWait?: (writer: Writer | null) => void;
  /** Ends the run after the running step. */
  readonly signal?: AbortSignal;
  /** What the compiler warns of, before anything trains. */
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
  /** As it is recorded. */
  readonly commandLine?: readonly string[];
}

/** The experiment has errors; nothing was trained. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  }
}

const defaultCheckpoints: CheckpointPolicy = { seconds: 30, epochs: null };

/**
 * Compiles an experiment, trains it, and keeps what came out.
 *
 * @throws ExperimentError, UsageError, DatasetError, BackendUnavailable, StoreError; LongerTrainingError for a run that
 *   this one doesn't go on from
 */
export async function run(options: RunOptions): Promise<Run> {
  const { library = builtinLibrary, lowerings = builtinLowerings, listener = () => {}, seed = 1 } = options;
  if (options.from && !options.store) throw new UsageError('--from reads a stored run', 'leave out --no-store');
  if (options.from && (options.init || options.initialWeights))
    throw new UsageError('--from and --init both say what to start from', 'give one');
  const recording = recordingWorld(options.world ?? fileWorld());
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
  const initial = options.initialWeights ?? (options.init ? readWeights(options.init) : null);
  const misfit = initial && misfitOf(initial.values, networkOf(compiled.ir, lowerings, library));
  if (misfit)
    throw new UsageError(misfit, 'the weights to begin from must be those of an experiment of the same layers');
  const data = await loadExamples(compiled.ir.data, options.source, {
    ...(options.onDownload ? { onProgress: options.onDownload } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const backend = await chooseBackend(
    options.backend ?? 'auto',
    options.threads ? { threads: options.threads } : undefined,
  );
  for (const { name, reason } of backend.missing) listener({ event: 'note', text: `${name} is not used: ${reason}` });

  if (recipe.data !== null) {
    const { train, validation, test } = compiled.ir.data;
    const text = `data: ${recipe.data} in place of the experiment's own, ${train} examples to train on, ${validation} for validation, ${test} for test`;
    listener({ event: 'note', text });
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
  const complete = { ...recipe, sources: [options.source, ...recording.sources], files: recording.files };
  const store = options.store ? await openForRun(options.store, options) : null;
  try {
    const task = { compiled, data, seed, identity, backend: backend.name, library, lowerings };
    const description = await describe(options, { ...task, recipe: complete, initialSha256: initial?.sha256 ?? null });
    const from = store && options.from ? checkpointToTrainLonger(store, options.from, description, task) : null;
    const writer = store && (from ? store.forkRun(description, from.runId, from.record) : store.startRun(description));
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
      listener({ event: 'note', text: `goes on from ${from.runId}, after ${from.record.epochs} epochs` });
    }
    return await trainRun({
      ...task,
      maxSteps: recipe.maxSteps,
      initialWeights: initial?.values ?? null,
      from,
      store,
      writer,
      policy: options.checkpoints ?? defaultCheckpoints,
      listener,
      signal: options.signal ?? new AbortController().signal,
      diagnostics,
    });
  } finally {
    store?.close();
  }
}

function openForRun(path: string, { commandLine = [], onWait }: RunOptions): Promise<WritableStore> {
  return openStore(path, { mode: 'write', command: commandLine.join(' '), ...(onWait ? { onWait } : {}) });
}

interface Described {
  readonly compiled: CompiledExperiment;
  readonly recipe: Recipe;
  readonly data: LoadedData;
  readonly identity: string;
  readonly initialSha256: string | null;
  readonly seed: number;
  readonly backend: string;
}

async function describe(options: RunOptions, described: Described): Promise<RunDescription> {
  const { compiled, recipe, data, identity, initialSha256, seed, backend } = described;
  const environment = await collectEnvironment(process.cwd(), options.commandLine ?? []);
  return {
    experiment: compiled.ir.name,
    file: options.source.path,
    source: stringifyRecipe(recipe),
    identity,
    ir: { sha256: compiled.hash, json: canonicalJson(compiled.canonical) },
    seed,
    backend,
    numerics: numericsVersion,
    data: { name: data.dataset.name, sha256: data.dataset.checksum },
    environment: JSON.stringify(environment),
    parameters: compiled.params.map(({ name, value, given }) => ({ name, value, origin: given ? 'given' : 'default' })),
    maxSteps: recipe.maxSteps,
    initialSha256,
  };
}
