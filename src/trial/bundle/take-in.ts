import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { CompiledExperiment } from '../../compiler/compile.js';
import { canonicalJson } from '../../compiler/ir/canonical.js';
import { FileError, readRegularFile } from '../../files/read-file.js';
import { writeFile } from '../../files/write-file.js';
import { presentName, presentNames } from '../../metrics/former-names.js';
import { compileRecipe, parseRecipe, type Recipe, worldOf } from '../../project/recipe.js';
import { UsageError } from '../../project/usage-error.js';
import type { TrainingEvent } from '../../runtime/events.js';
import { runNumber } from '../../runtime/store/records.js';
import type { RunWriter } from '../../runtime/store/run-writer.js';
import { openStore, type Store, type WritableStore } from '../../runtime/store/store.js';
import { StoreError } from '../../runtime/store/store-error.js';
import { stageSettings } from '../../runtime/training/stage-settings.js';
import type { Words } from '../../words/word.js';
import type { NamedRun } from '../run-argument.js';
import { mostBundleBytes, type OpenedBundle, openBundle } from './bundle.js';
import { BundleError } from './bundle-error.js';
import { figureFile, type RunHistory } from './run-history.js';

/** @throws BundleError, UsageError when there is no such file */
export function readBundle(path: string): OpenedBundle {
  try {
    return openBundle(readRegularFile(path, mostBundleBytes), basename(path));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.reason === 'not_found')
      throw new UsageError(`there is no file '${path}'`, 'aedsl bundle RUN -o run.tgz makes one');
    throw new BundleError(error.message, { hint: 'name a run, or a bundle', cause: error });
  }
}

/**
 * Unpacks a bundle's run into a new database, under its original number, after checking the bundle.
 *
 * @param folder for the database, empty
 * @throws BundleError, UsageError, StoreError
 */
export async function unpackRun(path: string, folder: string, words: Words): Promise<Pick<NamedRun, 'store' | 'id'>> {
  const bundle = readBundle(path);
  const database = join(folder, 'results.db');
  const store = await openStore(database, { mode: 'write', command: 'aedsl' });
  try {
    return { store: database, id: addChecked(store, bundle, runNumber(bundle.manifest.run), words) };
  } finally {
    store.close();
  }
}

/** Result of importing a bundle's run. */
export interface TakenIn {
  /** Id where the bundle was made: `r12`. */
  readonly from: string;
  /** Id in these results: `r3`. */
  readonly to: string;
  /** Whether these results already had the run. */
  readonly known: boolean;
}

/** Adds the run of a bundle to a database, unless it is there. Durable. @throws BundleError, UsageError, StoreError */
export async function takeIn(path: string, database: string, command: string, words: Words): Promise<TakenIn> {
  const bundle = readBundle(path);
  const store = await openStore(database, { mode: 'write', command });
  try {
    const known = sameRun(store, bundle);
    return { from: bundle.manifest.run, to: known ?? addChecked(store, bundle, null, words), known: known !== null };
  } finally {
    store.close();
  }
}

/** A run of the same trial that began at the same moment. */
function sameRun(store: Store, { manifest, history }: OpenedBundle): string | null {
  const found = store
    .listRuns()
    .find(({ identity, started }) => identity === manifest.identity && started === history?.started);
  return found?.id ?? null;
}

/** @param number that it gets; null: the next. @throws StoreError; BundleError for numbers that no run has */
function addChecked(store: WritableStore, bundle: OpenedBundle, number: number | null, words: Words): string {
  try {
    return addRun(store, bundle, number, words);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new BundleError(`the bundle is damaged: its run cannot be stored`, { cause: error });
  }
}

function addRun(store: WritableStore, bundle: OpenedBundle, number: number | null, words: Words): string {
  const { manifest, files, run } = bundle;
  const recipe = parseRecipe(run.recipe);
  const compiled = compileRecipe(recipe, worldOf(recipe), { library: words }).value;
  const isSame = compiled?.hash === manifest.irSha256;
  const history = bundle.history ?? lesserHistory(bundle, compiled);
  const initial = files.get('initial.safetensors');
  const environment = files.get('environment.json');
  const writer = store.startRun({
    experiment: manifest.experiment,
    file: recipe.sources[0]?.path ?? null,
    source: run.recipe,
    identity: manifest.identity,
    ir: { sha256: manifest.irSha256, json: isSame ? canonicalJson(compiled.canonical) : '{}' },
    seed: manifest.seed,
    backend: manifest.backend,
    numerics: manifest.numerics,
    data: manifest.data,
    environment: environment === undefined ? '{}' : new TextDecoder().decode(environment),
    parameters: parametersOf(compiled),
    maxSteps: manifest.maxSteps,
    initialSha256: manifest.initialSha256,
    origin: { number, started: history.started },
  });
  if (initial) writer.saveWeights('initial', initial);
  recordStages(writer, bundle, history, recipe);
  recordCheckpoint(store, writer, bundle, history);
  recordEnd(writer, bundle, history);
  return writer.id;
}

function parametersOf(compiled: CompiledExperiment | null) {
  return (compiled?.params ?? []).map(({ name, value, given }) => {
    return { name, value, origin: given ? ('given' as const) : ('default' as const) };
  });
}

function recordStages(
  writer: RunWriter,
  { manifest, series }: OpenedBundle,
  { stages, epochs, trainableParameters }: RunHistory,
  recipe: Recipe,
): void {
  writer.record({
    event: 'trial_started',
    experiment: manifest.experiment,
    seed: manifest.seed,
    backend: manifest.backend,
    examples: { train: 0, validation: 0, test: 0 },
    parameters: trainableParameters ?? 0,
    stages,
    targets: {},
  });
  writer.imported(`a bundle of ${manifest.run} (${recipe.sources[0]?.path ?? manifest.experiment})`);
  // All at once, as each call ends in a transaction.
  const events = stages.flatMap(
    ({ stage, epochsDone, stepsDone, stepsPerSecond, reason }): readonly TrainingEvent[] => [
      ...series
        .filter((one) => one.stage === stage)
        .map(({ metric, firstStep, values }) => {
          return { event: 'steps', stage, firstStep, series: { [presentName(metric)]: values } } as const;
        }),
      ...epochs
        .filter((one) => one.stage === stage)
        .map(
          ({ epoch, metric, value }) =>
            ({ event: 'diagnostics', stage, epoch, metrics: { [presentName(metric)]: value } }) as const,
        ),
      ...(epochsDone > 0
        ? [{ event: 'epoch', stage, epoch: epochsDone, metrics: {}, stepsPerSecond: stepsPerSecond ?? 0 } as const]
        : []),
      ...(reason === null
        ? []
        : [{ event: 'stage_done', stage, epochs: epochsDone, steps: stepsDone, reason } as const]),
    ],
  );
  writer.record(...events);
}

function recordCheckpoint(
  store: WritableStore,
  writer: RunWriter,
  { files }: OpenedBundle,
  { checkpoint }: RunHistory,
): void {
  const bytes = files.get('checkpoint.safetensors');
  if (bytes === undefined || checkpoint === null) return;
  const file = `${store.checkpointPrefix(writer.id)}-${checkpoint.stage}-${checkpoint.step}.safetensors`;
  writeFile(join(store.checkpointFolder, file), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writer.checkpoint({ ...checkpoint, file, sha256, bytes: bytes.length });
}

function recordEnd(writer: RunWriter, { files, manifest, run }: OpenedBundle, history: RunHistory): void {
  const { status, evaluation, error, divergence, figures } = history;
  const [metrics, curves] = [presentNames(history.metrics), history.curves.map(presentName)];
  const weights = files.get('weights.safetensors');
  const chain = files.get('chain.json');
  const seconds = history.seconds ?? 0;
  const { weightsSha256 } = manifest;
  if ((status === 'complete' || status === 'diverged') && weights && chain && weightsSha256 !== null) {
    writer.trained({ status, metrics, weightsSha256, divergence, seconds, weights, chain, curves });
    if (status === 'diverged') {
      writer.finish();
      return;
    }
    figures.forEach((name, i) => {
      const png = files.get(figureFile(i + 1));
      if (png) writer.saveFigure(name, png);
    });
    if (evaluation === 'pending') writer.suspend('interrupted', null);
    else writer.finish({ state: evaluation ?? 'complete', error: evaluation === 'failed' ? error : null });
    return;
  }
  if (weights) writer.saveWeights('final', weights);
  if (chain) writer.saveChain(chain);
  if (status === 'failed') writer.fail(error ?? `${run.name} failed`);
  else if (status === 'pruned' || status === 'stopped') writer.suspend(status, error);
  else if (weightsSha256 !== null) {
    writer.record({ event: 'trial_done', status: 'interrupted', metrics, weightsSha256, divergence, seconds });
    writer.finish();
  } else writer.suspend('interrupted', error);
}

/** Minimal history of a run that was packed without one: only whether it trained to its end. */
function lesserHistory({ manifest, run }: OpenedBundle, compiled: CompiledExperiment | null): RunHistory {
  const links = run.chain.links;
  const stages = (compiled?.ir.stages ?? []).map(({ name, settings }) => {
    const { epochs } = stageSettings(settings);
    const steps = links.findLast(({ stage }) => stage === name)?.step ?? 0;
    const done = { epochsDone: manifest.complete ? epochs : 0, stepsDone: steps };
    const reason = manifest.complete ? ('complete' as const) : null;
    return { stage: name, epochs, steps, ...done, stepsPerSecond: null, reason };
  });
  return {
    status: manifest.complete ? 'complete' : 'interrupted',
    evaluation: manifest.complete ? 'complete' : null,
    error: null,
    started: new Date(0).toISOString(),
    seconds: null,
    trainableParameters: null,
    divergence: null,
    stages,
    metrics: {},
    epochs: [],
    curves: [],
    checkpoint: null,
    figures: [],
  };
}
