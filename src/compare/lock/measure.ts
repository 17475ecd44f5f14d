import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { ownValue } from '../../compiler/ir/value.js';
import type { Source } from '../../compiler/syntax/source.js';
import { numericsVersion } from '../../numerics/version.js';
import { UsageError } from '../../project/usage-error.js';
import { fileWorld } from '../../project/world.js';
import type { BackendName } from '../../runtime/backend/backend.js';
import type { LoadOptions } from '../../runtime/datasets/load-named-set.js';
import type { Listener } from '../../runtime/events.js';
import { recordedEngine } from '../../runtime/provenance/describe-environment.js';
import { installedVersion } from '../../runtime/provenance/installed-package.js';
import { kernelsSha256 } from '../../runtime/provenance/kernels.js';
import { bestMetrics, isResult, type Measured } from '../../runtime/provenance/measured.js';
import { openStore } from '../../runtime/store/store.js';
import { StoreError } from '../../runtime/store/store-error.js';
import { run } from '../../sweep/run.js';
import { failureText } from '../../trial/evaluation-end.js';
import { type Trial, withSeed } from '../../trial/prepare.js';
import { prepareStarted } from '../../trial/stored-starts.js';
import type { Words } from '../../words/word.js';
import { type SeedResult, SeedResults } from './seed-results.js';

/** An experiment to train with several seeds. */
export interface MeasuredSubject {
  readonly source: Source;
  /** Name within the source. */
  readonly experiment: string;
  /** `rho=0.05` */
  readonly params: readonly string[];
  /** Replaces the experiment's data; null for its own. */
  readonly data: string | null;
}

export interface MeasureOptions {
  readonly library: Words;
  readonly seeds: readonly number[];
  readonly backend: BackendName | 'auto';
  readonly threads: number | null;
  /** The results database; null to store nothing. */
  readonly store: string | null;
  /** The results in which `init=stored(…)` looks up runs; those of `store` by default. */
  readonly storedRuns?: string | null;
  /** Whether to reuse a stored run of the same trial and kernels. */
  readonly reuse: boolean;
  readonly listener: Listener;
  readonly onDownload?: NonNullable<LoadOptions['onProgress']>;
  readonly onWarnings?: (warnings: readonly Diagnostic[]) => void;
  readonly signal: AbortSignal;
  readonly commandLine: readonly string[];
}

/** Prepares the trial of the first seed. */
export async function trialOf(
  { source, experiment, params, data }: MeasuredSubject,
  options: Pick<
    MeasureOptions,
    'library' | 'seeds' | 'backend' | 'threads' | 'storedRuns' | 'onDownload' | 'onWarnings' | 'signal'
  > &
    Partial<Pick<MeasureOptions, 'store'>>,
): Promise<Trial> {
  const { library, seeds, backend, threads, onDownload, onWarnings, signal } = options;
  const [seed] = seeds;
  if (seed === undefined) throw new RangeError(`${experiment} is to be measured without a seed`);
  const prepared = await prepareStarted(
    {
      recipe: { sources: [source], experiment, params, data, epochs: null, maxSteps: null, files: {} },
      world: fileWorld(backend),
      library,
      seed,
      backend,
      threads,
      data: { signal, ...(onDownload ? { onProgress: onDownload } : {}) },
    },
    options.storedRuns ?? options.store ?? null,
  );
  onWarnings?.(prepared.diagnostics);
  return prepared.ready();
}

/**
 * Trains an experiment to its end with each seed.
 * @returns null if interrupted
 * @throws what `run` and `trialOf` throw
 */
export async function measure(
  subject: MeasuredSubject,
  trial: Trial,
  options: MeasureOptions,
): Promise<Measured | null> {
  const { compiled, data, backend, init } = trial;
  const results: SeedResult[] = [];
  for (const seed of options.seeds) {
    const { identity } = withSeed(trial, seed);
    const known = options.reuse && options.store !== null ? await storedResult(identity, options.store) : null;
    const result = known ?? (await trained(subject, seed, backend, options));
    if (result === null) return null;
    results.push(result);
  }
  return {
    experiment: compiled.hash,
    data: { name: data.dataset.name, sha256: data.dataset.checksum },
    initial: init?.sha256 ?? null,
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
    library: options.library,
    source,
    experiment,
    params,
    data,
    seed,
    backend,
    threads: options.threads,
    store: options.store,
    storedRuns: options.storedRuns ?? null,
    // Retrains even if a run is stored: it may be from other kernels.
    force: true,
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

/** The result of the latest complete run of a trial; null if there is none, or other kernels made it. */
async function storedResult(identity: string, path: string): Promise<SeedResult | null> {
  const store = await openIfThere(path);
  if (store === null) return null;
  try {
    const summary = store.findComplete(identity);
    if (summary === null || summary.weightsSha256 === null || summary.evaluation === 'failed') return null;
    // It has metrics of other evaluations than its experiment's.
    if (store.readLog(summary.id).some(({ event }) => event === 'evaluated_as')) return null;
    const record = store.findRun(summary.id);
    const { kernels } = recordedEngine(record.environment);
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
    // There is nothing to reuse; other problems will show on writing.
    if (error instanceof StoreError && (error.reason === 'missing' || error.reason === 'older_schema')) return null;
    throw error;
  }
}

function resultsOf(metrics: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => isResult(name)));
}
