import type { CompiledExperiment } from '../../compiler/compile.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { ownValue } from '../../compiler/ir/value.js';
import type { Source } from '../../compiler/syntax/source.js';
import { numericsVersion } from '../../numerics/version.js';
import { UsageError } from '../../project/params.js';
import { compileRecipe } from '../../project/recipe.js';
import { fileWorld } from '../../project/world.js';
import type { BackendName } from '../../runtime/backend/backend.js';
import { chooseBackend } from '../../runtime/backend/choose.js';
import type { LoadedData } from '../../runtime/datasets/load.js';
import type { LoadOptions } from '../../runtime/datasets/load_named_set.js';
import { trialIdentity } from '../../runtime/provenance/identity.js';
import { installedVersion } from '../../runtime/provenance/installed-package.js';
import { kernelsSha256 } from '../../runtime/provenance/kernels.js';
import { bestMetrics, isResult, type Measured } from '../../runtime/provenance/measured.js';
import { openStore } from '../../runtime/store/store.js';
import { StoreError } from '../../runtime/store/store-error.js';
import { ExperimentError, run } from '../../sweep/run.js';
import { loadExamples } from '../../trial/data.js';
import { failureText } from '../../trial/evaluation-end.js';
import type { Listener } from '../../trial/events.js';
import { builtinWords } from '../../words/words.js';
import { type SeedResult, SeedResults } from './seed-results.js';

/** An experiment that is to be trained with several seeds. */
export interface MeasuredSubject {
  readonly source: Source;
  /** Of the source. */
  readonly experiment: string;
  /** `rho=0.05` */
  readonly params: readonly string[];
  /** In place of the experiment's own data; null: its own. */
  readonly data: string | null;
}

export interface MeasureOptions {
  readonly seeds: readonly number[];
  readonly backend: BackendName | 'auto';
  readonly threads: number | null;
  /** The results database; null: nothing is kept. */
  readonly store: string | null;
  /** Whether a stored run of the same trial, made with the same kernels, is taken in place of training again. */
  readonly reuse: boolean;
  readonly listener: Listener;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
  readonly signal: AbortSignal;
  readonly commandLine: readonly string[];
}

/** An experiment with its data, and the engine that trains it. */
export interface Prepared {
  readonly compiled: CompiledExperiment;
  readonly data: LoadedData;
  readonly backend: BackendName;
}

/** @throws ExperimentError, UsageError, DatasetError, BackendUnavailable */
export async function prepare(
  subject: MeasuredSubject,
  options: Pick<MeasureOptions, 'backend' | 'threads' | 'onDownload' | 'onWarnings' | 'signal'>,
): Promise<Prepared> {
  const { source, experiment, params, data } = subject;
  const recipe = { sources: [source], experiment, params, data, epochs: null, maxSteps: null, files: {} };
  const { value: compiled, diagnostics } = compileRecipe(recipe, fileWorld(options.backend), {
    library: builtinWords,
  });
  if (compiled === null) throw new ExperimentError(diagnostics);
  options.onWarnings?.(diagnostics);
  const loaded = await loadExamples(compiled, {
    signal: options.signal,
    ...(options.onDownload ? { onProgress: options.onDownload } : {}),
  });
  const backend = await chooseBackend(options.backend, options.threads ? { threads: options.threads } : undefined);
  return { compiled, data: loaded, backend: backend.name };
}

/**
 * Trains an experiment with each seed to its end.
 * @returns null when it was interrupted
 * @throws what `run` and `prepare` throw
 */
export async function measure(
  subject: MeasuredSubject,
  prepared: Prepared,
  options: MeasureOptions,
): Promise<Measured | null> {
  const { compiled, data, backend } = prepared;
  const results: SeedResult[] = [];
  for (const seed of options.seeds) {
    const identity = trialIdentity({
      irSha256: compiled.hash,
      dataSha256: data.dataset.checksum,
      seed,
      backendClass: backend,
      numericsVersion,
    });
    const known = options.reuse && options.store !== null ? await storedResult(identity, options.store) : null;
    const result = known ?? (await trained(subject, seed, backend, options));
    if (result === null) return null;
    results.push(result);
  }
  return {
    experiment: compiled.hash,
    data: { name: data.dataset.name, sha256: data.dataset.checksum },
    backend,
    numerics: numericsVersion,
    kernels: backend === 'simd' ? kernelsSha256() : null,
    package: installedVersion(),
    ...new SeedResults(results).columns,
  };
}

async function trained(
  { source, experiment, params, data }: MeasuredSubject,
  seed: number,
  backend: BackendName,
  options: MeasureOptions,
): Promise<SeedResult | null> {
  const epochs: { metric: string; epoch: number; value: number }[] = [];
  const finished = await run({
    source,
    experiment,
    params,
    data,
    seed,
    backend,
    threads: options.threads,
    store: options.store,
    signal: options.signal,
    commandLine: options.commandLine,
    listener: (event) => {
      if (event.event === 'evaluation' && event.part === 'validation') {
        for (const metric of bestMetrics) {
          const value = ownValue(event.metrics, metric);
          if (value !== undefined) epochs.push({ metric, epoch: event.epoch, value });
        }
      }
      options.listener(event);
    },
  });
  finished.model?.dispose();
  const { status, metrics, weightsSha256, evaluation, failures } = finished;
  if (status === 'interrupted' || evaluation === 'pending' || weightsSha256 === null) return null;
  if (failures.length > 0) {
    const what = failures.map(failureText).join('; ');
    throw new UsageError(`seed ${seed} of ${source.path} trained, but ${what}`, 'a lock holds every result or none');
  }
  return { seed, weightsSha256, metrics: resultsOf(metrics), epochs, diverged: status !== 'complete' };
}

/** Of the latest complete run of a trial; null where there is none, or other kernels made it. */
async function storedResult(identity: string, path: string): Promise<SeedResult | null> {
  const store = await openIfThere(path);
  if (store === null) return null;
  try {
    const summary = store.findComplete(identity);
    if (summary === null || summary.weightsSha256 === null || summary.evaluation === 'failed') return null;
    // It has metrics that its experiment doesn't name.
    if (store.readLog(summary.id).some(({ event }) => event === 'evaluated_as')) return null;
    const record = store.findRun(summary.id);
    const { kernelsSha256: kernels } = JSON.parse(record.environment).package ?? {};
    if (record.backend === 'simd' && kernels !== kernelsSha256()) return null;
    const epochs = store.readEpochs(summary.id).filter(({ metric }) => bestMetrics.includes(metric));
    return {
      seed: summary.seed,
      weightsSha256: summary.weightsSha256,
      metrics: resultsOf(store.readFinal(summary.id)),
      epochs,
      diverged: false,
    };
  } finally {
    store.close();
  }
}

async function openIfThere(path: string) {
  try {
    return await openStore(path, { mode: 'read' });
  } catch (error) {
    // There is nothing to reuse yet; writing will say what else is wrong.
    if (error instanceof StoreError && (error.reason === 'missing' || error.reason === 'older_schema')) return null;
    throw error;
  }
}

function resultsOf(metrics: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => isResult(name)));
}
