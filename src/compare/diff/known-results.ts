import type { CompiledExperiment } from '../../compiler/compile.js';
import { DatasetError } from '../../runtime/datasets/dataset-error.js';
import { recordedEngine } from '../../runtime/provenance/describe-environment.js';
import { trialIdentity } from '../../runtime/provenance/identity.js';
import { bestMetrics, isResult, type Measured } from '../../runtime/provenance/measured.js';
import type { RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { loadExamples } from '../../trial/data.js';
import { ExperimentError } from '../../trial/prepare.js';
import type { Words } from '../../words/word.js';
import { SeedResults } from '../lock/seed-results.js';
import type { SnapshotWorld } from './snapshot-world.js';
import type { ResultSet, Version } from './version.js';

/** Most runs of an experiment to search for results. */
const mostRuns = 500;

/** Adds the database's knowledge to a version: runs of locked results, and unlocked results. */
export async function withKnownRuns(
  version: Version,
  store: Store | null,
  world: SnapshotWorld,
  words: Words,
): Promise<Version> {
  if (store === null) return version;
  const locked = version.results.map((set) => ({ ...set, runs: runsOf(set.measured, store) }));
  if (version.compiled === null) return { ...version, results: locked };
  const { hash } = version.compiled;
  const initial = await initialOf(version.compiled, store, words);
  const current = locked.some(
    ({ params, measured }) => params.length === 0 && measured.experiment === hash && measured.initial === initial,
  );
  if (current || initial === 'unknown') return { ...version, results: locked };
  const stored = await storedResults(version, initial, store, world, words);
  if (stored === null) return { ...version, results: locked };
  return { ...version, results: [stored, ...locked.filter(({ params }) => params.length > 0)] };
}

function runsOf(measured: Measured, store: Store): readonly (string | null)[] {
  return measured.seeds.map((seed) => {
    const { experiment: irSha256, data, initial, backend: backendClass, numerics: numericsVersion } = measured;
    const parts = { irSha256, dataSha256: data.sha256, seed, backendClass, numericsVersion };
    const identity = trialIdentity({ ...parts, initialSha256: initial });
    return store.findComplete(identity)?.id ?? null;
  });
}

/** The hash of what an experiment's layers start from; null if all its weights are drawn. */
async function initialOf(compiled: CompiledExperiment, store: Store, words: Words): Promise<string | 'unknown' | null> {
  if (compiled.starts.length === 0) return null;
  const { StoredStarts } = await import('../../trial/stored-starts.js');
  try {
    const { init } = await new StoredStarts(store.path, words).of(compiled, null);
    return init?.sha256 ?? null;
  } catch (error) {
    if (error instanceof ExperimentError) return 'unknown';
    throw error;
  }
}

/**
 * The complete runs of a version's experiment on its data with the data and engine of the latest one.
 * @param initial what they start from
 */
async function storedResults(
  version: Version,
  initial: string | null,
  store: Store,
  world: SnapshotWorld,
  words: Words,
): Promise<ResultSet | null> {
  const { name, compiled } = version;
  const records = store
    .listRuns({ experiment: name, limit: mostRuns })
    .filter(({ status }) => status === 'complete')
    .map(({ id }) => store.findRun(id))
    .filter((run) => run.ir.sha256 === compiled?.hash && run.initialSha256 === initial)
    .filter((run) => run.stages.every(({ reason }) => reason !== 'max_steps'));
  if (records.length === 0) return null;
  const dataSha256 = await dataOf(version, world, words);
  const latest = records.find((run) => dataSha256 === 'any' || run.dataSha256 === dataSha256);
  if (latest === undefined) return null;
  const alike = records.filter(
    ({ dataSha256, backend, numerics }) =>
      dataSha256 === latest.dataSha256 && backend === latest.backend && numerics === latest.numerics,
  );
  const bySeed = new Map([...alike].reverse().map((run) => [run.seed, run]));
  return measuredRuns([...bySeed.values()], store);
}

/**
 * Completes a version with the checksum of its current data, if its data files differ from the previous version's and
 * its lock doesn't: other files may hold the same values.
 */
export async function withDataNow(
  version: Version,
  before: Version,
  world: SnapshotWorld,
  words: Words,
): Promise<Version> {
  const areOthers = [...version.dataFiles].some(([path, sha256]) => (before.dataFiles.get(path) ?? sha256) !== sha256);
  const known = new Set(before.results.map(({ measured }) => measured.data.sha256));
  if (!areOthers || !version.results.some(({ measured }) => known.has(measured.data.sha256))) return version;
  const dataNow = await dataOf(version, world, words);
  if (dataNow === null || dataNow === 'any') return version;
  // A param selected a section with other data.
  const isOwn = ({ params, from }: ResultSet) => from === 'lock' && !params.some((param) => param.startsWith('data='));
  return { ...version, results: version.results.map((set) => (isOwn(set) ? { ...set, dataNow } : set)) };
}

/**
 * The checksum of a version's data, if they are files that may differ between versions; `any` for a data set that is
 * the same everywhere; null if they cannot be read.
 */
async function dataOf({ compiled }: Version, world: SnapshotWorld, words: Words): Promise<string | null> {
  if (compiled === null) return null;
  const { dataset } = compiled.ir.data;
  const parameters = Object.values(words.find('dataset', dataset.word)?.parameters ?? {});
  if (!parameters.some((parameter) => parameter.type === 'text' && parameter.path)) return 'any';
  const onDisk = { ...compiled.dataFrom, path: world.placeOnDisk(compiled.dataFrom) };
  try {
    const data = await loadExamples({ ir: compiled.ir, dataFrom: onDisk, library: words }, {});
    return data.dataset.checksum;
  } catch (error) {
    if (error instanceof DatasetError) return null;
    throw error;
  }
}

/** A result set from runs of one experiment, one for each seed. */
export function measuredRuns(runs: readonly RunRecord[], store: Store): ResultSet | null {
  const sorted = [...runs].sort((a, b) => a.seed - b.seed);
  const [first] = sorted;
  if (first === undefined) return null;
  const { columns } = new SeedResults(
    sorted.map((run) => ({
      seed: run.seed,
      weightsSha256: run.weightsSha256 ?? '',
      metrics: Object.fromEntries(Object.entries(store.readFinal(run.id)).filter(([metric]) => isResult(metric))),
      epochs: store.readEpochs(run.id).filter(({ metric }) => bestMetrics.includes(metric)),
      diverged: run.status === 'diverged',
    })),
  );
  const { version, kernels } = recordedEngine(first.environment);
  return {
    params: [],
    from: 'results',
    recomputed: first.ir.sha256,
    runs: sorted.map(({ id }) => id),
    measured: {
      experiment: first.ir.sha256,
      data: { name: first.data, sha256: first.dataSha256 },
      initial: first.initialSha256,
      backend: first.backend,
      numerics: first.numerics,
      kernels: first.backend === 'simd' ? kernels : null,
      package: version,
      ...columns,
    },
  };
}
