import { readFileSync } from 'node:fs';
import type { CompiledExperiment } from '../compiler/compile.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { canonicalJson } from '../compiler/ir/canonical.js';
import { builtinLibrary } from '../compiler/library/builtin.js';
import type { Library } from '../compiler/library/library.js';
import type { Source } from '../compiler/syntax/source.js';
import { numericsVersion } from '../numerics/version.js';
import type { BackendName } from '../runtime/backend/backend.js';
import { chooseBackend } from '../runtime/backend/choose.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import type { TrainingEvent, TrialStatus } from '../runtime/events.js';
import { decodeSafetensors, encodeSafetensors, float32Tensors } from '../runtime/formats/safetensors.js';
import { builtinLowerings } from '../runtime/lowering/builtin.js';
import type { Lowerings } from '../runtime/lowering/lowering.js';
import { collectEnvironment } from '../runtime/provenance/environment.js';
import { trialIdentity } from '../runtime/provenance/identity.js';
import type { RunWriter } from '../runtime/store/run-writer.js';
import { openStore, type WritableStore } from '../runtime/store/store.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { type TrialResult, trainTrial } from '../runtime/training/train-trial.js';
import { loadExamples } from './data.js';
import { measureEvaluations } from './evaluations.js';
import type { Listener, RunResult } from './events.js';
import { History } from './history.js';
import { Model } from './model.js';
import { UsageError } from './params.js';
import { drawPictures, type Picture } from './pictures.js';
import { compileRecipe, type Recipe, recordingWorld, stringifyRecipe } from './recipe.js';
import { fileWorld } from './world.js';

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
  /** The results database; null: nothing is kept. */
  readonly store?: string | null;
  /** Words of one's own, with their lowerings: see `extendLibrary`. */
  readonly library?: Library;
  readonly lowerings?: Lowerings;
  readonly listener?: Listener;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  /** Ends the run after the running step. */
  readonly signal?: AbortSignal;
  /** What the compiler warns of, before anything trains. */
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
  /** As it is recorded. */
  readonly commandLine?: readonly string[];
}

export interface Run extends RunResult {
  readonly pictures: readonly Picture[];
  /** Warnings of the compiler. */
  readonly diagnostics: readonly Diagnostic[];
  /** The trained model; null unless the training ended by itself. To be disposed of. */
  readonly model: Model | null;
}

/** The experiment has errors; nothing was trained. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  }
}

/**
 * Compiles an experiment, trains it, and keeps what came out.
 *
 * @throws ExperimentError, UsageError, DatasetError, BackendUnavailable, StoreError
 */
export async function run(options: RunOptions): Promise<Run> {
  const { library = builtinLibrary, lowerings = builtinLowerings, listener = () => {}, seed = 1 } = options;
  const recording = recordingWorld(fileWorld());
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
  const initialWeights = options.init ? readWeights(options.init) : null;
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
  const trialId = trialIdentity({
    irSha256: compiled.hash,
    dataSha256: data.dataset.checksum,
    seed,
    backendClass: backend.name,
    numericsVersion,
  });
  const complete = { ...recipe, sources: [options.source, ...recording.sources], files: recording.files };
  const store = options.store
    ? await openStore(options.store, { mode: 'write', command: (options.commandLine ?? []).join(' ') })
    : null;
  try {
    const writer =
      store &&
      (await startRun(store, { compiled, recipe: complete, data, trialId, seed, backend: backend.name, options }));
    listener({
      event: 'run_started',
      runId: writer?.id ?? null,
      trialId,
      experiment: compiled.ir.name,
      seed,
      backend: backend.name,
      data: data.dataset.name,
    });
    return await train(compiled);

    async function train({ ir, hash }: CompiledExperiment): Promise<Run> {
      const history = new History();
      const emit = (event: TrainingEvent) => {
        history.record(event);
        writer?.record(event);
        listener(event);
      };
      const measure = (weights: WeightValues) => {
        const model = new Model(ir, weights, lowerings, library);
        try {
          return measureEvaluations({ model, weights, data, seed, library });
        } finally {
          model.dispose();
        }
      };
      try {
        const trained = await trainTrial({
          experiment: ir,
          data,
          seed,
          lowerings,
          library,
          backend: backend.name,
          emit,
          clock: () => performance.now(),
          ...(options.signal ? { signal: options.signal } : {}),
          ...(options.maxSteps ? { maxSteps: options.maxSteps } : {}),
          ...(initialWeights ? { initialWeights } : {}),
          ...(ir.evaluations.length > 0 ? { measure } : {}),
        });
        const weights: WeightValues = new Map(
          [...trained.weights, ...trained.statistics].map(({ key, values }) => [key, values]),
        );
        const model = trained.status === 'complete' ? new Model(ir, weights, lowerings, library) : null;
        const pictures = model ? await drawPictures({ model, weights, data, history, seed, library }) : [];
        writer?.saveWeights('final', weightsFile(trained, hash));
        for (const { name, png } of pictures) writer?.saveFigure(name, png);
        writer?.finish();
        return finish(trained.status, trained, pictures, model);
      } catch (error) {
        writer?.fail(error instanceof Error ? error.message : String(error));
        throw error;
      }
    }

    function finish(status: TrialStatus, trained: TrialResult, pictures: readonly Picture[], model: Model | null): Run {
      const { metrics, weightsSha256 } = trained;
      const result: RunResult = { event: 'result', runId: writer?.id ?? null, trialId, status, metrics, weightsSha256 };
      listener(result);
      return { ...result, pictures, diagnostics, model };
    }
  } finally {
    store?.close();
  }
}

interface Started {
  readonly compiled: CompiledExperiment;
  readonly recipe: Recipe;
  readonly data: LoadedData;
  readonly trialId: string;
  readonly seed: number;
  readonly backend: string;
  readonly options: RunOptions;
}

async function startRun(store: WritableStore, started: Started): Promise<RunWriter> {
  const { compiled, recipe, data, trialId, seed, backend, options } = started;
  const environment = await collectEnvironment(process.cwd(), options.commandLine ?? []);
  return store.startRun({
    experiment: compiled.ir.name,
    file: options.source.path,
    source: stringifyRecipe(recipe),
    identity: trialId,
    ir: { sha256: compiled.hash, json: canonicalJson(compiled.canonical) },
    seed,
    backend,
    numerics: numericsVersion,
    data: { name: data.dataset.name, sha256: data.dataset.checksum },
    environment: JSON.stringify(environment),
    parameters: compiled.params.map(({ name, value, given }) => ({ name, value, origin: given ? 'given' : 'default' })),
  });
}

/** Weights in structural order, with PyTorch's names and layouts; then what the transforms took from the data. */
function weightsFile(trained: TrialResult, experiment: string): Uint8Array {
  return encodeSafetensors(
    [...trained.weights, ...trained.statistics].map(({ key, shape, values }) => ({
      name: key.replaceAll('/', '.'),
      shape,
      values,
    })),
    { experiment },
  );
}

/** The weights of a file, without what was taken from its data. @throws UsageError when the file cannot be read */
function readWeights(path: string): WeightValues {
  try {
    const tensors = float32Tensors(decodeSafetensors(readFileSync(path)));
    return new Map(
      tensors
        .filter(({ name }) => !name.startsWith('data.'))
        .map(({ name, values }) => [name.replaceAll('.', '/'), values]),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `cannot start from '${path}': ${reason}`,
      'it must be a safetensors file, such as aedsl export writes',
    );
  }
}
