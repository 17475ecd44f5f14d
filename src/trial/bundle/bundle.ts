import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from '../../compiler/syntax/parse.js';
import { byteText, readRegularFile } from '../../files/read-file.js';
import { parseRecipe, type Recipe, stringifyRecipe } from '../../project/recipe.js';
import { type RecordedIn, recordedIn, recordedPlace } from '../../project/recorded-place.js';
import { anything, parseJson } from '../../runtime/formats/json.js';
import { trialIdentity } from '../../runtime/provenance/identity.js';
import { installedVersion } from '../../runtime/provenance/installed-package.js';
import type { CheckpointRecord, RunRecord } from '../../runtime/store/records.js';
import type { Store } from '../../runtime/store/store.js';
import { ChainFileError, decodeChain, encodeChain } from '../../runtime/training/chain-file.js';
import type { ChainState } from '../../runtime/training/hash-chain.js';
import type { WeightValues } from '../../runtime/training/initial-weights.js';
import { weightsSha256 } from '../../runtime/training/weights-sha256.js';
import { decodeCheckpoint } from '../checkpoint-file.js';
import { givenWeights, initOf, weightsOf } from '../weights-file.js';
import { type ArchivedFiles, isStored, packArchive, unpackArchive } from './archive.js';
import { BundleError } from './bundle-error.js';
import { decodeManifest, encodeManifest, type Manifest } from './manifest.js';
import { type RecordedRun, recordedCheckpoint, recordedRun } from './recorded-run.js';
import {
  decodeHistory,
  decodeSeries,
  encodeHistory,
  encodeSeries,
  figureFile,
  type HistoryCheckpoint,
  historyOf,
  mostFigures,
  type RunHistory,
  type StepSeries,
} from './run-history.js';

const manifestName = 'bundle.json';

/** All files that a bundle can have. */
const fileNames: ReadonlySet<string> = new Set([
  manifestName,
  'experiment.ae',
  'experiment.ae.lock',
  'recipe.json',
  'environment.json',
  'chain.json',
  'weights.safetensors',
  'initial.safetensors',
  'checkpoint.safetensors',
  'history.json',
  'series.safetensors',
  ...Array.from({ length: mostFigures }, (_, i) => figureFile(i + 1)),
]);

/** Unpacked. The largest model that fits has some 100 million parameters, with a checkpoint. */
const mostBytes = 2 ** 31 - 1;

/** A lock file has some kilobytes. */
const mostLockBytes = 2 ** 26;

/** Limit for the file, which adds a few bytes per 64 KiB. */
export const mostBundleBytes = mostBytes + 2 ** 20;

/**
 * Packs a run with everything needed to retrain it elsewhere and to compare the result, except for its data, of which
 * it has the checksum. The same run always gives the same `.tgz`.
 * @throws StoreError, InitialWeightsError, VerifyError for a run that cannot be trained again, BundleError for a run
 *   that is too large
 */
export function bundleRun(store: Store, id: string, where: RecordedIn = recordedIn(store.path)): Uint8Array {
  const run = store.findRun(id);
  const { name } = recordedRun(store, run.id);
  const recipe = parseRecipe(run.source);
  const files = new Map<string, Uint8Array>([
    ['recipe.json', text(run.source)],
    ['environment.json', text(run.environment)],
    ...readableText(recipe, where),
    ...storedFiles(store, run),
  ]);
  const manifest: Manifest = {
    experiment: run.experiment,
    run: name,
    seed: run.seed,
    backend: run.backend,
    numerics: run.numerics,
    complete: run.status === 'complete',
    identity: run.identity,
    irSha256: run.ir.sha256,
    data: { name: run.data, sha256: run.dataSha256 },
    maxSteps: recipe.maxSteps,
    initialSha256: run.initialSha256,
    weightsSha256: run.weightsSha256,
    package: installedVersion(),
    files: Object.fromEntries(
      [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, bytes]) => [file, sha256(bytes)]),
    ),
  };
  const size = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (size > mostBytes - 2 ** 16) {
    throw new BundleError(`${run.id} has ${byteText(size)}, more than the ${byteText(mostBytes)} of a bundle`, {
      hint: '`aedsl export` writes its weights alone',
    });
  }
  return packArchive(new Map([[manifestName, encodeManifest(manifest)], ...files]));
}

function storedFiles(store: Store, run: RunRecord): readonly (readonly [string, Uint8Array])[] {
  const [chain] = store.listFiles(run.id, 'chain');
  const final = store.listFiles(run.id, 'weights').find(({ name }) => name === 'final');
  const initial = initOf(store, run);
  const newest = bundledCheckpoint(store, run);
  const checkpoint = newest && store.readCheckpoint(newest);
  const figures = store.listFiles(run.id, 'figure').slice(0, mostFigures);
  const series = store.listSeries(run.id).map(({ stage, metric }) => {
    return { stage, metric, ...store.readSeries(run.id, stage, metric) };
  });
  const taken = newest && checkpoint && checkpointOf(newest);
  const names = figures.map(({ name }) => name);
  store.requireFiles([...(chain ? [chain] : []), ...(final ? [final] : []), ...figures]);
  return [
    ...(chain ? [['chain.json', store.readFile(chain)] as const] : []),
    ...(final ? [['weights.safetensors', store.readFile(final)] as const] : []),
    ...(initial ? [['initial.safetensors', initial.file] as const] : []),
    ...(checkpoint ? [['checkpoint.safetensors', checkpoint] as const] : []),
    ['history.json', encodeHistory(historyOf(store, run, taken, names))],
    ...(series.length > 0 ? [['series.safetensors', encodeSeries(series)] as const] : []),
    ...figures.map((figure, i) => [figureFile(i + 1), store.readFile(figure)] as const),
  ];
}

function checkpointOf({ stage, step, epochs, seconds }: CheckpointRecord): HistoryCheckpoint {
  return { stage, step, epochs, seconds };
}

/**
 * The latest checkpoint, unless it exists by chance: in a completed run, only the checkpoint after the plan's last step
 * is independent of the time between checkpoints and of interruptions.
 */
function bundledCheckpoint(store: Store, { id, status, stages }: RunRecord): CheckpointRecord | null {
  const [newest = null] = store.checkpoints(id);
  if (newest === null || status !== 'complete') return newest;
  const last = stages.at(-1);
  return newest.stage === stages.length - 1 && last?.reason === 'complete' && newest.step === last.steps
    ? newest
    : null;
}

/** For people: the experiment's text, and the lock file beside it, if there is one. */
function readableText({ sources: [source] }: Recipe, where: RecordedIn): readonly (readonly [string, Uint8Array])[] {
  if (!source) return [];
  const lock = `${recordedPlace(source.path, where)}.lock`;
  return [
    ['experiment.ae', text(source.text)],
    ...(existsSync(lock) ? [['experiment.ae.lock', readRegularFile(lock, mostLockBytes)] as const] : []),
  ];
}

/** A bundle that was opened. */
export interface OpenedBundle {
  readonly manifest: Manifest;
  readonly run: RecordedRun;
  /** Checked by their hashes. */
  readonly files: ArchivedFiles;
  /** Null in a bundle of a version that packed none. */
  readonly history: RunHistory | null;
  readonly series: readonly StepSeries[];
}

/**
 * Reads a bundle and makes every check that is possible without training: the archive, the hash of every file, that
 * identity, weights and chain belong together, and that no two files contradict each other. Writes nothing to disk.
 * @param name of the run in messages
 * @param where location of the bundle, in which to look for its data
 * @throws BundleError
 */
export function openBundle(bytes: Uint8Array, name: string, where: RecordedIn = recordedIn(name)): OpenedBundle {
  if (!isStored(bytes)) {
    throw new BundleError('the file is no bundle, or it was altered: `aedsl bundle` packs without compression');
  }
  // Stored blocks never unpack to more than their size, whatever else the file claims.
  const files = unpackArchive(bytes, fileNames, Math.min(mostBytes, bytes.length));
  // There is one way to pack some files, so that nothing can hide between them or after them.
  if (!Buffer.from(packArchive(files)).equals(bytes)) {
    throw new BundleError('the bundle was altered: it is not packed as `aedsl bundle` packs');
  }
  const manifest = decodeManifest(fileOf(files, manifestName));
  checkFiles(files, manifest);
  checkIdentity(manifest);
  checkInitial(manifest);
  const read = <T>(file: string, decode: (content: Uint8Array) => T): T =>
    decoded(file, () => decode(fileOf(files, file)));
  const optional = <T>(file: string, decode: (content: Uint8Array) => T): T | null =>
    files.has(file) ? read(file, decode) : null;
  const chain = read('chain.json', decodeChain);
  checkChain(chain, fileOf(files, 'chain.json'));
  const weights = optional('weights.safetensors', weightsOf);
  checkWeights(manifest, weights);
  const recipe = read('recipe.json', utf8);
  const parsed = read('recipe.json', () => parseRecipe(recipe));
  checkRecipe(manifest, parsed, recipe);
  checkText(files, parsed);
  const history = optional('history.json', decodeHistory);
  const series = optional('series.safetensors', decodeSeries) ?? [];
  checkHistory(files, manifest, history);
  checkSeries(history, series);
  return {
    manifest,
    files,
    history,
    series,
    run: {
      name,
      experiment: manifest.experiment,
      seed: manifest.seed,
      backend: manifest.backend,
      numerics: manifest.numerics,
      complete: manifest.complete,
      recipe,
      irSha256: manifest.irSha256,
      dataSha256: manifest.data.sha256,
      recordedIn: where,
      identity: manifest.identity,
      chain,
      weightsSha256: manifest.weightsSha256,
      weights,
      weightsFileSha256: manifest.files['weights.safetensors'] ?? null,
      init: optional('initial.safetensors', givenWeights),
      checkpoint: optional('checkpoint.safetensors', (content) => {
        const { state } = decodeCheckpoint(content, anything);
        const stage = state.chain.links.at(-1)?.stage;
        return stage === undefined ? null : recordedCheckpoint(stage, state);
      }),
      unverifiable: unverifiable(files, manifest),
    },
  };
}

function checkFiles(files: ArchivedFiles, { files: hashes }: Manifest): void {
  for (const [name, bytes] of files) {
    if (name !== manifestName && hashes[name] !== sha256(bytes)) {
      throw new BundleError(`the bundle was altered: ${name} is not what was packed`);
    }
  }
  const missing = Object.keys(hashes).find((name) => !files.has(name));
  if (missing !== undefined) throw new BundleError(`the bundle was altered: ${missing} is missing`);
}

function checkIdentity({ irSha256, data, seed, backend, numerics, maxSteps, initialSha256, identity }: Manifest): void {
  const parts = { irSha256, dataSha256: data.sha256, seed, backendClass: backend, numericsVersion: numerics };
  if (trialIdentity({ ...parts, maxSteps, initialSha256 }) !== identity) {
    throw new BundleError('the bundle was altered: its identity is not that of its experiment, data, seed and engine');
  }
}

/** The identity names the weights that a run was told to begin from, so that no others can be put in their place. */
function checkInitial({ initialSha256, files }: Manifest): void {
  if ((files['initial.safetensors'] ?? null) !== initialSha256) {
    throw new BundleError('the bundle was altered: its initial weights are not those that its identity names');
  }
}

function checkChain(chain: ChainState, bytes: Uint8Array): void {
  const { digest, links, witnesses } = chain;
  const last = links.at(-1);
  if (!last)
    throw new BundleError('the bundle has a chain without a link', { hint: 'its run ended before its first step' });
  if (digest !== last.sha256 || !Buffer.from(encodeChain(chain)).equals(bytes)) {
    throw new BundleError('the bundle was altered: chain.json is not as a run writes it');
  }
  if (witnesses.length === 0) throw new BundleError('the bundle was altered: its chain bears witness of no step');
}

/** The recipe decides what is retrained, so the manifest must not contradict it. */
function checkRecipe({ experiment, maxSteps }: Manifest, recipe: Recipe, json: string): void {
  const [source] = recipe.sources;
  const name = recipe.experiment ?? (source && parse(source).value?.experiments[0]?.name.name);
  if (maxSteps !== recipe.maxSteps || (name !== undefined && name !== experiment)) {
    throw new BundleError('the bundle was altered: bundle.json and recipe.json are of different runs');
  }
  // A recipe from an earlier version may have fewer keys than today's, never more. A repeated key is read once.
  const [written, known]: readonly [unknown, unknown] = [parseJson(json), parseJson(stringifyRecipe(recipe))];
  if (JSON.stringify(written) !== json || !isDeepStrictEqual(Object.assign({}, known, written), known)) {
    throw new BundleError('the bundle was altered: recipe.json is not as a run writes it');
  }
}

function checkText(files: ArchivedFiles, { sources: [source] }: Recipe): void {
  const shown = files.get('experiment.ae');
  if (shown && (!source || !Buffer.from(shown).equals(text(source.text)))) {
    throw new BundleError(
      'the bundle was altered: experiment.ae is not the text that is trained, which is in recipe.json',
    );
  }
}

function checkHistory(files: ArchivedFiles, { complete }: Manifest, history: RunHistory | null): void {
  const figures = [...files.keys()].filter((name) => name.startsWith('figure-')).length;
  const named = history?.figures.filter((_, i) => files.has(figureFile(i + 1))).length ?? 0;
  if (history === null ? figures > 0 : figures !== named || named !== history.figures.length) {
    throw new BundleError('the bundle was altered: its pictures are not those that history.json names');
  }
  if (history !== null && (history.status === 'complete') !== complete) {
    throw new BundleError('the bundle was altered: bundle.json and history.json are of different runs');
  }
}

/** A database takes everything once. */
function checkSeries(history: RunHistory | null, series: readonly StepSeries[]): void {
  const { stages = [], epochs = [], figures = [] } = history ?? {};
  const known = new Set(stages.map(({ stage }) => stage));
  const named = [
    stages.map(({ stage }) => stage),
    epochs.map(({ stage, epoch, metric }) => JSON.stringify([stage, epoch, metric])),
    series.map(({ stage, metric }) => JSON.stringify([stage, metric])),
    figures,
  ];
  if (named.some((names) => new Set(names).size < names.length)) {
    throw new BundleError('the bundle was altered: it says something twice of how its run went');
  }
  if ([...epochs, ...series].some(({ stage }) => !known.has(stage))) {
    throw new BundleError('the bundle was altered: it has metrics of a stage that its run does not have');
  }
}

/** Parts of a bundle that retraining cannot verify. */
function unverifiable(files: ArchivedFiles, { complete }: Manifest): readonly string[] {
  const shown = [
    'environment.json',
    'experiment.ae.lock',
    'checkpoint.safetensors',
    'history.json',
    'series.safetensors',
  ];
  return [
    ...shown.filter((name) => files.has(name)),
    ...(files.has(figureFile(1)) ? ['its pictures'] : []),
    ...(complete ? [] : ['what chain.json has after its last link', 'that the run ended there']),
    'run, data.name and package in bundle.json',
  ];
}

function checkWeights({ complete, weightsSha256: expected }: Manifest, weights: WeightValues | null): void {
  if (weights === null && complete) {
    throw new BundleError('the bundle was altered: its run is complete, and its weights are missing');
  }
  if (weights === null || (!complete && expected === null)) return;
  if (weightsSha256(weights) !== expected) {
    throw new BundleError('the bundle was altered: its weights are not those that its hash is of');
  }
}

function decoded<T>(file: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const known = error instanceof ChainFileError || error instanceof Error;
    throw new BundleError(`the bundle is damaged: ${file}: ${known ? error.message : String(error)}`, { cause: error });
  }
}

function fileOf(files: ArchivedFiles, name: string): Uint8Array {
  const bytes = files.get(name);
  if (!bytes) throw new BundleError(`the bundle has no ${name}`);
  return bytes;
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
