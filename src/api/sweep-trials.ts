import type { CompiledExperiment } from '../compiler/compile.js';
import { canonicalJson, type LossStatement, lossStatementOf } from '../compiler/ir/canonical.js';
import { builtinLibrary } from '../compiler/library/builtin.js';
import { numericsVersion } from '../numerics/version.js';
import type { LoadOptions } from '../runtime/datasets/load_named_set.js';
import type { Environment } from '../runtime/provenance/environment.js';
import { trialIdentity } from '../runtime/provenance/identity.js';
import type { RunDescription } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { SweepTrial } from '../runtime/sweep/trial-run.js';
import { compileStored, parseRecipe, type Recipe, RecipeError, stringifyRecipe } from './recipe.js';
import { SharedData } from './shared-data.js';
import type { PlannedTrial } from './sweep-plan.js';

/** What all trials of a sweep have in common. */
export interface TrialSurroundings {
  readonly backend: string;
  readonly environment: Environment;
  readonly load: LoadOptions;
}

interface KnownTrial {
  readonly compiled: CompiledExperiment;
  readonly recipe: Recipe;
  readonly data: { readonly name: string; readonly sha256: string };
}

/** Makes what a sweep trains: of a plan, or of what an earlier part of it stored. */
export class SweepTrials {
  readonly #surroundings: TrialSurroundings;
  readonly #data: SharedData;
  readonly #names = new Set<string>();
  readonly #texts = new Map<Recipe, string>();
  readonly #losses = new Map<string, LossStatement>();

  constructor(surroundings: TrialSurroundings) {
    this.#surroundings = surroundings;
    this.#data = new SharedData(surroundings.load);
  }

  /** @throws DatasetError */
  async ofPlan(planned: readonly PlannedTrial[]): Promise<readonly SweepTrial[]> {
    const trials: SweepTrial[] = [];
    for (const { compiled, recipe, seed, parameters } of planned) {
      const known: KnownTrial = { compiled, recipe, data: await this.#dataOf(compiled) };
      trials.push(this.#trial(known, this.#textOf(recipe), seed, parameters));
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
    for (const record of records) {
      const text = store.sweepRecipe(sweepId, record.trial) ?? '';
      const { seed, parameters, identity, runId } = record;
      // It is described again only when a person wants more of it.
      if (!wanted(record) && runId !== null) {
        const describe = () => this.#describeAgain(runId, record, text, store);
        trials.push({ seed, parameters, identity, recipe: text, describe });
        continue;
      }
      const known = compiled.get(text) ?? (await this.#know(text));
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

  async #know(text: string): Promise<KnownTrial> {
    const recipe = parseRecipe(text);
    const compiled = compileStored(recipe, builtinLibrary);
    return { recipe, compiled, data: await this.#dataOf(compiled) };
  }

  async #dataOf(compiled: CompiledExperiment): Promise<KnownTrial['data']> {
    const { dataset } = await this.#data.load(compiled);
    this.#names.add(dataset.name);
    return { name: dataset.name, sha256: dataset.checksum };
  }

  #trial(known: KnownTrial, recipe: string, seed: number, parameters: SweepTrial['parameters']): SweepTrial {
    const { backend } = this.#surroundings;
    this.#losses.set(known.compiled.hash, lossStatementOf(known.compiled.canonical));
    const identity = trialIdentity({
      irSha256: known.compiled.hash,
      dataSha256: known.data.sha256,
      seed,
      backendClass: backend,
      numericsVersion,
      maxSteps: known.recipe.maxSteps,
    });
    return { seed, parameters, identity, recipe, describe: () => this.#describe(known, recipe, seed, identity) };
  }

  #describe({ compiled, recipe, data }: KnownTrial, text: string, seed: number, identity: string): RunDescription {
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
    const compiled = compileStored(recipe, builtinLibrary);
    return this.#describe({ compiled, recipe, data: { name, sha256 } }, text, seed, identity);
  }

  /** The texts of a recipe's sources are long, and many trials have the same recipe. */
  #textOf(recipe: Recipe): string {
    const known = this.#texts.get(recipe);
    if (known !== undefined) return known;
    const text = stringifyRecipe(recipe);
    this.#texts.set(recipe, text);
    return text;
  }
}

function changed(trial: number, { recipe }: KnownTrial): RecipeError {
  return new RecipeError(
    `trial ${trial} is another one by now: its data, or what the words of ${recipe.sources[0]?.path ?? 'its file'} mean, have changed`,
    'bring the data back, or start a new sweep',
  );
}
