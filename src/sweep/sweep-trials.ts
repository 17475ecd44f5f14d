import type { CompiledExperiment } from '../compiler/compile.js';
import { canonicalJson, type LossStatement, lossStatementOf } from '../compiler/ir/canonical.js';
import { numericsVersion } from '../numerics/version.js';
import {
  compileStored,
  parseRecipe,
  type Recipe,
  RecipeError,
  recordedRecipe,
  stringifyRecipe,
} from '../project/recipe.js';
import type { RecordedIn } from '../project/recorded-place.js';
import type { LoadedData } from '../runtime/datasets/load.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import type { Environment } from '../runtime/provenance/environment.js';
import { trialIdentity } from '../runtime/provenance/identity.js';
import type { RunDescription } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import { type DataFiles, type DataRequest, dataFilesOf } from '../trial/data.js';
import { loadRecorded } from '../trial/recorded-data.js';
import { SharedData } from '../trial/shared-data.js';
import { datasetBytes, type SweepMemory, trialMemory } from '../trial/trial-memory.js';
import { builtinWords } from '../words/words.js';
import type { PlannedTrial } from './plan/sweep-plan.js';
import type { SweepTrial } from './trial-run.js';

/** What all trials of a sweep have in common. */
export interface TrialSurroundings {
  readonly backend: string;
  readonly environment: Environment;
  readonly load: LoadOptions;
  /** The database that the trials are kept in; null where they are not. */
  readonly database: RecordedIn | null;
}

interface KnownTrial {
  readonly compiled: CompiledExperiment;
  readonly recipe: Recipe;
  readonly data: { readonly name: string; readonly sha256: string };
  readonly files: DataFiles;
}

/** Makes what a sweep trains: of a plan, or of what an earlier part of it stored. */
export class SweepTrials {
  readonly #surroundings: TrialSurroundings;
  readonly #names = new Set<string>();
  readonly #recipes = new Map<Recipe, { readonly recipe: Recipe; readonly text: string }>();
  readonly #losses = new Map<string, LossStatement>();
  /** Of trials that are to train, by their experiments. */
  readonly #needs = new Map<string, number>();
  readonly #wanted: number[] = [];
  /** Bytes of decoded data sets, by their checksums. */
  readonly #dataBytes = new Map<string, number>();

  constructor(surroundings: TrialSurroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws DatasetError */
  async ofPlan(planned: readonly PlannedTrial[]): Promise<readonly SweepTrial[]> {
    const trials: SweepTrial[] = [];
    // The trials train in other processes, and what was decoded here for its checksum is given back.
    const data = new SharedData(this.#surroundings.load);
    for (const { compiled, recipe: written, seed, parameters } of planned) {
      const { recipe, text } = this.#recorded(written);
      const files = dataFilesOf(compiled);
      const known: KnownTrial = { compiled, recipe, files, data: this.#named(await data.load(compiled, files)) };
      trials.push(this.#trial(known, text, seed, parameters));
    }
    return trials;
  }

  /**
   * Those of a stored sweep. What is to train is compiled again, and has to be the trial that it was.
   * @throws RecipeError, DatasetError
   */
  async ofRecords(
    records: readonly SweepTrialRecord[],
    { store, sweepId }: { readonly store: Store; readonly sweepId: string },
    wanted: (record: SweepTrialRecord) => boolean,
  ): Promise<readonly SweepTrial[]> {
    const compiled = new Map<string, KnownTrial>();
    const trials: SweepTrial[] = [];
    const data = new SharedData(this.#surroundings.load);
    for (const record of records) {
      const text = store.sweepRecipe(sweepId, record.trial) ?? '';
      const { seed, parameters, identity, runId } = record;
      // It is described again only when a person wants more of it.
      if (!wanted(record) && runId !== null) {
        const describe = () => this.#describeAgain(runId, record, text, store);
        trials.push({ seed, parameters, identity, recipe: text, dataFiles: {}, describe });
        continue;
      }
      const known = compiled.get(text) ?? (await this.#know(text, record, data));
      compiled.set(text, known);
      const trial = this.#trial(known, text, seed, parameters);
      if (trial.identity !== identity) throw changed(record.trial, known);
      trials.push(trial);
    }
    return trials;
  }

  /** Names of the data sets that were loaded. */
  get dataNames(): readonly string[] {
    return [...this.#names];
  }

  /** Of the trials that were compiled. */
  get lossStatements(): readonly LossStatement[] {
    return [...this.#losses.values()];
  }

  /** What those take that are to train. */
  get memory(): SweepMemory {
    return {
      trials: this.#wanted,
      data: [...this.#dataBytes.values()].reduce((sum, bytes) => sum + bytes, 0),
      apart: this.#surroundings.backend === 'tensorflow',
    };
  }

  /** @throws RecipeError, DatasetError */
  async #know(text: string, { trial, seed, identity }: SweepTrialRecord, data: SharedData): Promise<KnownTrial> {
    const recipe = parseRecipe(text);
    const compiled = compileStored(recipe, builtinWords);
    const { database } = this.#surroundings;
    const files = dataFilesOf(compiled);
    if (database === null || Object.keys(files).length === 0) {
      return { recipe, compiled, files, data: this.#named(await data.load(compiled, files)) };
    }
    // The data are those with which the trial is the one that it was.
    const isIt = (sha256: string) => this.#identityOf(compiled, recipe, sha256, seed) === identity;
    const load = (request: DataRequest, places: DataFiles) => data.load(request, places);
    const found = await loadRecorded(compiled, { run: `trial ${trial}`, isIt }, database, { load });
    return { recipe, compiled, files: found.files, data: this.#named(found.data) };
  }

  #named({ dataset }: LoadedData): KnownTrial['data'] {
    this.#names.add(dataset.name);
    this.#dataBytes.set(dataset.checksum, datasetBytes(dataset));
    return { name: dataset.name, sha256: dataset.checksum };
  }

  #identityOf(compiled: CompiledExperiment, recipe: Recipe, dataSha256: string, seed: number): string {
    return trialIdentity({
      irSha256: compiled.hash,
      dataSha256,
      seed,
      backendClass: this.#surroundings.backend,
      numericsVersion,
      maxSteps: recipe.maxSteps,
    });
  }

  #trial(known: KnownTrial, recipe: string, seed: number, parameters: SweepTrial['parameters']): SweepTrial {
    const { hash, canonical, ir } = known.compiled;
    this.#losses.set(hash, lossStatementOf(canonical));
    const need = this.#needs.get(hash) ?? trialMemory(ir);
    this.#needs.set(hash, need);
    this.#wanted.push(need);
    const identity = this.#identityOf(known.compiled, known.recipe, known.data.sha256, seed);
    const describe = () => this.#describe(known, recipe, seed, identity);
    return { seed, parameters, identity, recipe, dataFiles: known.files, describe };
  }

  #describe(
    { compiled, recipe, data }: Omit<KnownTrial, 'files'>,
    text: string,
    seed: number,
    identity: string,
  ): RunDescription {
    const { backend, environment } = this.#surroundings;
    return {
      experiment: compiled.ir.name,
      file: recipe.sources[0]?.path ?? null,
      source: text,
      identity,
      ir: { sha256: compiled.hash, json: canonicalJson(compiled.canonical) },
      seed,
      backend,
      numerics: numericsVersion,
      data,
      environment: JSON.stringify(environment),
      parameters: compiled.params.map(({ name, value, given }) => ({
        name,
        value,
        origin: given ? 'given' : 'default',
      })),
      maxSteps: recipe.maxSteps,
    };
  }

  /** Of a trial that was over, and that a person wants to train again. */
  #describeAgain(runId: string, { seed, identity }: SweepTrialRecord, text: string, store: Store): RunDescription {
    const { data: name, dataSha256: sha256 } = store.findRun(runId);
    const recipe = parseRecipe(text);
    const compiled = compileStored(recipe, builtinWords);
    return this.#describe({ compiled, recipe, data: { name, sha256 } }, text, seed, identity);
  }

  /** The texts of a recipe's sources are long, and many trials have the same recipe. */
  #recorded(planned: Recipe): { readonly recipe: Recipe; readonly text: string } {
    const known = this.#recipes.get(planned);
    if (known !== undefined) return known;
    const recipe = recordedRecipe(planned, this.#surroundings.database?.path ?? null);
    const recorded = { recipe, text: stringifyRecipe(recipe) };
    this.#recipes.set(planned, recorded);
    return recorded;
  }
}

function changed(trial: number, { recipe }: KnownTrial): RecipeError {
  return new RecipeError(
    `trial ${trial} is another one by now: its data, or what the words of ${recipe.sources[0]?.path ?? 'its file'} mean, have changed`,
    'bring the data back, or start a new sweep',
  );
}
