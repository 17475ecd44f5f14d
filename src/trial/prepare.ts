import type { CompiledExperiment } from '../compiler/compile.js';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { canonicalJson } from '../compiler/ir/canonical.js';
import type { World } from '../compiler/world.js';
import { onOneLine } from '../files/quoted.js';
import { numericsVersion } from '../numerics/version.js';
import { compileRecipe, type Recipe, recordingWorld, stringifyRecipe, worldOf } from '../project/recipe.js';
import type { RecordedIn } from '../project/recorded-place.js';
import {
  type Change,
  noLongerCompiles,
  otherArithmetic,
  otherBackend,
  otherWords,
  otherWordsOrData,
  Stale,
  unknownBackend,
} from '../project/stale.js';
import { UsageError } from '../project/usage-error.js';
import { type BackendName, backendNames, defaultBackend } from '../runtime/backend/backend.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { Environment } from '../runtime/provenance/environment.js';
import { trialIdentity } from '../runtime/provenance/identity.js';
import type { RunDescription, RunRecord } from '../runtime/store/records.js';
import type { Words } from '../words/word.js';
import { type DataFiles, type DataRequest, dataFileNames, dataFilesOf, loadExamples } from './data.js';
import { loadRecorded, type RecordedData, type RecordedDataOptions } from './recorded-data.js';
import { requireSaelensForm } from './saelens-form.js';
import type { GivenWeights } from './weights-file.js';

/** The experiment has errors; nothing was trained. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n'));
  }
}

/** Everything that decides the bits of a training, and what it takes to do it. */
export interface TrialSpec {
  readonly recipe: Recipe;
  /** File access for the compiler, recorded in the recipe; by default, the files that the recipe records. */
  readonly world?: World;
  /** The compiled recipe, if already known. */
  readonly compiled?: CompiledExperiment;
  readonly seed: number;
  /** Initial weights, instead of random ones. */
  readonly init?: GivenWeights | null;
  readonly backend: BackendName | 'auto';
  /** Number of backend threads, if the backend has them; null: one per core. */
  readonly threads?: number | null;
  readonly data?: DataOptions;
  readonly mostParameters?: number | null;
  readonly library: Words;
}

export interface DataOptions extends RecordedDataOptions {
  /** Location of the recorded trial, in which to look for its data; null: paths are used as written. */
  readonly where?: RecordedIn | null;
}

/** Recorded properties that a trial must match; absent ones may be anything. */
export interface Expected {
  /** Name for messages: `r12`. */
  readonly name: string;
  readonly identity?: string;
  readonly irSha256?: string;
  readonly dataSha256?: string;
  readonly backend?: string;
  readonly numerics?: string;
}

interface CompiledTrial {
  readonly recipe: Recipe;
  readonly compiled: CompiledExperiment;
  /** Warnings of the compiler. */
  readonly diagnostics: readonly Diagnostic[];
  readonly seed: number;
  readonly init: GivenWeights | null;
  readonly backend: BackendName;
  readonly library: Words;
}

/** A training with its identity; its data need not be loaded. */
export interface NamedTrial extends CompiledTrial {
  readonly dataset: { readonly name: string; readonly sha256: string };
  readonly identity: string;
}

/** A training with its data and its name. */
export interface IdentifiedTrial extends NamedTrial {
  readonly data: LoadedData;
  /** Locations of its data files, by the paths in the recipe. */
  readonly files: DataFiles;
}

/** A training that can begin, on TF.js's current backend. */
export type Trial = IdentifiedTrial;

/** A training whose experiment compiles; the data and the backend are loaded on demand. */
export interface PreparedTrial extends CompiledTrial {
  /** @throws DatasetError, Stale */
  loadData(options?: DataOptions): Promise<RecordedData>;
  /** Makes its backend TF.js's. @throws BackendUnavailable, UsageError for initial weights of another network */
  chooseBackend(): Promise<void>;
  /** With data that are known already. @throws Stale */
  named(dataset: NamedTrial['dataset']): NamedTrial;
  /** Loads the data, but not the backend. @throws DatasetError, Stale */
  identify(): Promise<IdentifiedTrial>;
  /** Loads data and backend side by side, once. @throws as the others */
  ready(): Promise<Trial>;
}

/**
 * Prepares a training: compiles it, loads its data, chooses its backend and computes its identity. A recorded trial
 * must match the record in every known respect.
 *
 * @throws ExperimentError for a new experiment with errors; Stale for a recorded trial that has changed
 */
export function prepare(spec: TrialSpec, expected: Expected | null = null): PreparedTrial {
  const { library, seed, init = null } = spec;
  const compiled = compiledFrom(spec, library, expected);
  const backend = spec.backend === 'auto' ? defaultBackend : spec.backend;
  if (expected !== null) requireSame(expected, compiled.compiled, backend);
  const trial: CompiledTrial = { ...compiled, seed, init, backend, library };
  const loadData = (options: DataOptions = {}) => dataOf(trial, { ...spec.data, ...options }, expected);
  const chooseBackend = () => engineOf(trial, spec);
  const named = (dataset: NamedTrial['dataset']) => nameOf(trial, dataset, expected);
  const identify = async () => {
    const { data, files } = await loadData();
    const { name, checksum } = data.dataset;
    return { ...named({ name, sha256: checksum }), data, files };
  };
  let ready: Promise<Trial> | null = null;
  const load = async () => {
    // A choice still under way after an error would change the backend beneath whatever trains next.
    const [identified, chosen] = await Promise.allSettled([identify(), chooseBackend()]);
    if (identified.status === 'rejected') throw identified.reason;
    if (chosen.status === 'rejected') throw chosen.reason;
    return identified.value;
  };
  return {
    ...trial,
    loadData,
    chooseBackend,
    named,
    identify,
    ready() {
      ready ??= load();
      return ready;
    },
  };
}

/** @throws Stale for a run of a backend that this version doesn't have */
export function recordedBackend({ id, backend }: Pick<RunRecord, 'id' | 'backend'>): BackendName {
  const found = backendNames.find((known) => known === backend);
  if (found) return found;
  throw new Stale(id, [unknownBackend(backend)]);
}

/** All that is known of a run. */
export function expectedOf({ id, identity, ir, dataSha256, backend, numerics }: RunRecord): Required<Expected> {
  return { name: id, identity, irSha256: ir.sha256, dataSha256, backend, numerics };
}

/** The same training with another seed. @throws Stale if it isn't the expected one */
export function withSeed<T extends NamedTrial>(trial: T, seed: number, expected: Expected | null = null): T {
  return { ...trial, ...nameOf({ ...trial, seed }, trial.dataset, expected) };
}

/** Describes a trial's run for the results, before it trains. @param recorded its recipe, as stored in the results */
export function describeTrial(
  { compiled, recipe, dataset, seed, backend, init, identity }: NamedTrial,
  environment: Environment,
  recorded: { readonly recipe: Recipe; readonly text: string } = { recipe, text: stringifyRecipe(recipe) },
): RunDescription {
  return {
    experiment: compiled.ir.name,
    file: recorded.recipe.sources[0]?.path ?? null,
    source: recorded.text,
    identity,
    ir: { sha256: compiled.hash, json: canonicalJson(compiled.canonical) },
    seed,
    backend,
    numerics: numericsVersion,
    data: dataset,
    environment: JSON.stringify(environment),
    parameters: compiled.params.map(({ name, value, given }) => ({ name, value, origin: given ? 'given' : 'default' })),
    maxSteps: recipe.maxSteps,
    initialSha256: init?.sha256 ?? null,
  };
}

function compiledFrom(
  { recipe, world, compiled, mostParameters = null }: TrialSpec,
  library: Words,
  expected: Expected | null,
): Pick<CompiledTrial, 'recipe' | 'compiled' | 'diagnostics'> {
  if (compiled !== undefined) return { recipe, compiled, diagnostics: [] };
  const recording = recordingWorld(world ?? worldOf(recipe));
  const { value, diagnostics } = compileRecipe(recipe, recording.world, { library, mostParameters });
  if (value !== null) {
    const [own] = recipe.sources;
    const read = { sources: [...(own ? [own] : []), ...recording.sources], files: recording.files };
    return { recipe: world === undefined ? recipe : { ...recipe, ...read }, compiled: value, diagnostics };
  }
  if (expected === null) throw new ExperimentError(diagnostics);
  const [{ code, message } = { code: '', message: 'without a diagnostic' }] = diagnostics;
  throw new Stale(expected.name, [noLongerCompiles(code, message)]);
}

function requireSame({ name, irSha256, backend, numerics }: Expected, { hash }: CompiledExperiment, own: BackendName) {
  const changes: readonly Change[] = [
    ...(irSha256 === undefined || irSha256 === hash ? [] : [otherWords(hash, irSha256)]),
    ...(backend === undefined || backend === own ? [] : [otherBackend(own, backend)]),
    ...(numerics === undefined || numerics === numericsVersion ? [] : [otherArithmetic(numericsVersion, numerics)]),
  ];
  if (changes.length > 0) throw new Stale(name, changes);
}

async function dataOf(
  trial: CompiledTrial,
  { where = null, load, ...options }: DataOptions,
  expected: Expected | null,
): Promise<RecordedData> {
  const request: DataRequest = { ...trial.compiled, library: trial.library };
  if (where === null || expected === null) {
    const files = dataFilesOf(request);
    return { files, data: await (load ? load(request, files) : loadExamples(request, options)) };
  }
  const { name, dataSha256, identity } = expected;
  if (dataSha256 !== undefined || identity === undefined) {
    const isIt = (sha256: string) => dataSha256 === undefined || sha256 === dataSha256;
    return loadRecorded(request, { run: name, isIt }, where, { ...options, ...(load ? { load } : {}) });
  }
  // Nothing is known of the data but that they make the trial the one that it was.
  const seen: string[] = [];
  const isIt = (sha256: string) => {
    seen.push(sha256);
    return identityOf(trial, sha256) === identity;
  };
  try {
    return await loadRecorded(request, { run: name, isIt }, where, { ...options, ...(load ? { load } : {}) });
  } catch (error) {
    if (!(error instanceof Stale)) throw error;
    const change = changeBehind(trial, seen, identity);
    throw new Stale(name, change.part === 'data' ? [change, ...error.changes] : [change]);
  }
}

/** Finds what changed in a trial of which only the identity is known. */
function changeBehind(trial: CompiledTrial, dataSha256: readonly string[], identity: string): Change {
  const older = Array.from({ length: Number(numericsVersion) - 1 }, (_, i) => String(i + 1));
  const numerics = older.find((version) =>
    dataSha256.some((sha256) => identityOf(trial, sha256, version) === identity),
  );
  if (numerics !== undefined) return otherArithmetic(numericsVersion, numerics);
  const isAlways = dataFileNames({ ...trial.compiled, library: trial.library }).length === 0;
  return isAlways ? otherWords(trial.compiled.hash) : otherWordsOrData;
}

/** @throws UsageError for weights to start from that are of another network */
export async function requireFit({ compiled, library, init }: Pick<CompiledTrial, 'compiled' | 'library' | 'init'>) {
  if (init === null) return;
  const [{ networkOf }, { misfitOf }] = await Promise.all([
    import('../runtime/lowering/network-of-experiment.js'),
    import('../runtime/training/initial-weights.js'),
  ]);
  const misfit = misfitOf(init.values, networkOf(compiled.ir, library), init.shapes);
  if (misfit === null) {
    if (init.saelens !== undefined) requireSaelensForm(init.saelens, compiled.ir, library);
    return;
  }
  throw new UsageError(
    onOneLine(misfit),
    'the weights to begin from must be those of an experiment of the same layers',
  );
}

async function engineOf(trial: CompiledTrial, { threads = null }: TrialSpec) {
  const [{ chooseBackend }] = await Promise.all([import('../runtime/backend/choose.js'), requireFit(trial)]);
  await chooseBackend(trial.backend, threads === null ? undefined : { threads });
}

function nameOf(trial: CompiledTrial, dataset: NamedTrial['dataset'], expected: Expected | null): NamedTrial {
  const identity = identityOf(trial, dataset.sha256);
  if (expected?.identity !== undefined && expected.identity !== identity) {
    throw new Stale(expected.name, [changeBehind(trial, [dataset.sha256], expected.identity)]);
  }
  return { ...trial, dataset, identity };
}

function identityOf(
  { compiled, recipe, seed, backend, init }: CompiledTrial,
  dataSha256: string,
  numerics: string = numericsVersion,
): string {
  return trialIdentity({
    irSha256: compiled.hash,
    dataSha256,
    seed,
    backendClass: backend,
    numericsVersion: numerics,
    maxSteps: recipe.maxSteps,
    initialSha256: init?.sha256 ?? null,
  });
}
