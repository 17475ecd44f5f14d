import type { CompiledExperiment } from '../compiler/compile.js';
import { type LossStatement, lossStatement } from '../compiler/ir/canonical.js';
import { parseRecipe, type Recipe, recordedRecipe, stringifyRecipe } from '../project/recipe.js';
import type { RecordedIn } from '../project/recorded-place.js';
import type { BackendName } from '../runtime/backend/backend.js';
import type { LoadOptions } from '../runtime/datasets/load-named-set.js';
import type { Environment } from '../runtime/provenance/environment.js';
import type { RunRecord } from '../runtime/store/records.js';
import type { Store } from '../runtime/store/store.js';
import type { SweepTrialRecord } from '../runtime/store/sweep-records.js';
import type { DataFiles } from '../trial/data.js';
import {
  type DataOptions,
  type Expected,
  ExperimentError,
  expectedOf,
  type IdentifiedTrial,
  type NamedTrial,
  type PreparedTrial,
  prepare,
  requireFit,
  type TrialSpec,
  withSeed,
} from '../trial/prepare.js';
import { SharedData } from '../trial/shared-data.js';
import type { StoredStarts } from '../trial/stored-starts.js';
import { datasetBytes, type SweepMemory, trialMemory } from '../trial/trial-memory.js';
import { type GivenWeights, initOf } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';
import { parametersOf } from './plan/cells.js';
import type { PlannedTrial } from './plan/sweep-plan.js';
import type { MakeTrials } from './point-source.js';
import { type SweepTrial, sweepTrial } from './sweep-trial.js';

/** Properties shared by all trials of a sweep. */
export interface SweepContext {
  readonly library: Words;
  readonly backend: BackendName;
  readonly environment: Environment;
  readonly load: LoadOptions;
  /** Weights from `--init` for all trials; null to draw them. */
  readonly init: GivenWeights | null;
  /** What layers with `init=stored(…)` start from. */
  readonly stored: StoredStarts;
  /** The database of the trials; null if they are not stored. */
  readonly database: RecordedIn | null;
}

/** A recipe as stored in results. */
interface Recorded {
  readonly recipe: Recipe;
  readonly text: string;
}

/** Creates a sweep's trials, from a plan or from an earlier session's records. */
export class SweepTrials {
  readonly #context: SweepContext;
  readonly #names = new Set<string>();
  readonly #recipes = new Map<Recipe, Recorded>();
  readonly #losses = new Map<string, LossStatement>();
  /** Memory of trials to train, by experiment. */
  readonly #needs = new Map<string, number>();
  readonly #wanted: number[] = [];
  /** Bytes of decoded data sets, by checksum. */
  readonly #dataBytes = new Map<string, number>();

  constructor(context: SweepContext) {
    this.#context = context;
  }

  /** @throws DatasetError, UsageError or ExperimentError for weights to start from that don't fit or aren't there */
  async ofPlan(planned: readonly PlannedTrial[]): Promise<readonly SweepTrial[]> {
    const { backend, library, stored, init: given } = this.#context;
    const trials: SweepTrial[] = [];
    const data = this.#sharedData();
    const fitting = new Set<string>();
    for (const { compiled, recipe, seed, parameters } of planned) {
      const { init } = await stored.of(compiled, given);
      const prepared = prepare({ recipe, compiled, library, seed, init, backend, data });
      if (!fitting.has(compiled.hash)) await requireFit(prepared);
      fitting.add(compiled.hash);
      const trial = await prepared.identify();
      this.#plan(trial);
      trials.push(this.#trial(trial, this.#recorded(recipe), trial.files, parameters));
    }
    return trials;
  }

  /**
   * Makes the trials of a search's points: those of a trial's recipe with other values.
   * @param axes names of all that varies, in order
   */
  ofPoints(like: Recipe, axes: readonly string[]): MakeTrials {
    const { library, backend, stored, init: given } = this.#context;
    return async (names, point, seeds) => {
      const params = like.params.map((param) => {
        const place = names.findIndex((name) => param.startsWith(`${name}=`));
        return place < 0 ? param : `${names[place]}=${point[place]}`;
      });
      const data = names.includes('data') ? (point[names.indexOf('data')] ?? null) : like.data;
      const recipe: Recipe = { ...like, params, data };
      try {
        const prepared = prepare({ recipe, library, seed: seeds[0] ?? 1, backend, data: this.#sharedData() });
        const { compiled } = prepared;
        const { init } = await stored.of(compiled, given);
        const ready = prepare({
          recipe,
          compiled,
          library,
          seed: seeds[0] ?? 1,
          init,
          backend,
          data: this.#sharedData(),
        });
        await requireFit(ready);
        const first = await ready.identify();
        const recorded = this.#recorded(recipe);
        const parameters = parametersOf(compiled, data, axes);
        return seeds.map((seed) => this.#trial(withSeed(first, seed), recorded, first.files, parameters));
      } catch (error) {
        if (!(error instanceof ExperimentError)) throw error;
        return { problem: error.message.split('\n')[0] ?? 'it does not compile' };
      }
    };
  }

  /**
   * The trials of a stored sweep. Those to train are compiled again and must be unchanged.
   * @throws Stale, DatasetError
   */
  async ofRecords(
    records: readonly SweepTrialRecord[],
    { store, sweepId }: { readonly store: Store; readonly sweepId: string },
    wanted: (record: SweepTrialRecord) => boolean,
  ): Promise<readonly SweepTrial[]> {
    const texts = records.map(({ trial }) => store.sweepRecipe(sweepId, trial) ?? '');
    const runs = new Map(records.flatMap(({ runId }, i) => (runId === null ? [] : [[texts[i] ?? '', runId] as const])));
    const known = new Map<string, IdentifiedTrial>();
    const data = this.#sharedData();
    const given = this.#givenTo(store, runs);
    const trials: SweepTrial[] = [];
    for (const [i, record] of records.entries()) {
      const text = texts[i] ?? '';
      const { trial: number, seed, identity, runId, parameters } = record;
      // Prepared only if the user asks for more of it.
      if (!wanted(record) && runId !== null) {
        trials.push(this.#ended(record, text, runId, store));
        continue;
      }
      const expected = { name: `trial ${number} of ${sweepId}`, identity };
      const same = known.get(text);
      const like = runs.get(text);
      const run = like === undefined ? null : store.findRun(like);
      const parts = run === null ? {} : partsOf(run);
      const prepared = async () => {
        const init = run === null ? await this.#initOf(text, given) : initOf(store, run);
        return this.#prepared(text, { seed, init, data }, { ...parts, ...expected }).identify();
      };
      const trial = same ? withSeed(same, seed, expected) : await prepared();
      known.set(text, trial);
      this.#plan(trial);
      trials.push(this.#trial(trial, { recipe: trial.recipe, text }, trial.files, parameters));
    }
    return trials;
  }

  /** Names of the loaded data sets. */
  get dataNames(): readonly string[] {
    return [...this.#names];
  }

  /** Loss statements of the compiled trials. */
  get lossStatements(): readonly LossStatement[] {
    return [...this.#losses.values()];
  }

  /** Memory of the trials to train. */
  get memory(): SweepMemory {
    return {
      trials: this.#wanted,
      data: [...this.#dataBytes.values()].reduce((sum, bytes) => sum + bytes, 0),
      apart: this.#context.backend === 'tensorflow',
    };
  }

  /** Trials train in other processes; data decoded here for the checksum are freed. */
  #sharedData(): DataOptions {
    const { load: options, database } = this.#context;
    const data = new SharedData({ ...options, dataFolder: database?.dataFolder ?? null });
    return { load: (request, files) => data.load(request, files), where: this.#context.database };
  }

  #plan({ compiled: { hash, ir }, data, library }: IdentifiedTrial): void {
    this.#dataBytes.set(data.dataset.checksum, datasetBytes(data));
    const need = this.#needs.get(hash) ?? trialMemory(ir, library);
    this.#needs.set(hash, need);
    this.#wanted.push(need);
  }

  /** The weights that `--init` gave to all trials of a stored sweep. */
  #givenTo(store: Store, runs: ReadonlyMap<string, string>): GivenWeights | null {
    if (this.#context.init !== null) return this.#context.init;
    // Sweeps of earlier releases have them in their runs alone.
    const [[text, anyRun] = []] = runs;
    if (text === undefined || anyRun === undefined || this.#compiled(text).starts.length > 0) return null;
    return initOf(store, store.findRun(anyRun));
  }

  /** What a trial of a stored sweep starts from, if none of its runs has it. */
  async #initOf(text: string, given: GivenWeights | null): Promise<GivenWeights | null> {
    return (await this.#context.stored.of(this.#compiled(text), given)).init;
  }

  #compiled(text: string): CompiledExperiment {
    return this.#prepared(text, { seed: 1 }, { name: 'the sweep' }).compiled;
  }

  #prepared(text: string, spec: Pick<TrialSpec, 'seed' | 'init' | 'data'>, expected: Expected): PreparedTrial {
    const { backend, library } = this.#context;
    return prepare({ ...spec, recipe: parseRecipe(text), library, backend }, expected);
  }

  #trial(
    trial: NamedTrial,
    recorded: Recorded,
    dataFiles: DataFiles,
    parameters: SweepTrial['parameters'],
  ): SweepTrial {
    const { compiled, dataset } = trial;
    this.#names.add(dataset.name);
    this.#losses.set(compiled.hash, lossStatement(compiled.canonical));
    return sweepTrial(trial, { recorded, dataFiles, parameters, environment: this.#context.environment });
  }

  /** An ended trial, which the user may restart or extend with seeds. */
  #ended(record: SweepTrialRecord, text: string, runId: string, store: Store): SweepTrial {
    const { trial: number, seed, identity, parameters } = record;
    const again = (): NamedTrial => {
      const run = store.findRun(runId);
      const expected = { ...partsOf(run), name: `trial ${number}`, identity };
      return this.#prepared(text, { seed, init: initOf(store, run) }, expected).named({
        name: run.data,
        sha256: run.dataSha256,
      });
    };
    const ended = (trial: NamedTrial) => this.#trial(trial, { recipe: trial.recipe, text }, {}, parameters);
    return {
      seed,
      parameters,
      identity,
      recipe: text,
      dataFiles: {},
      quantities: [],
      from: null,
      init: () => again().init,
      describe: () => ended(again()).describe(),
      longerThan: (other, run) => ended(again()).longerThan(other, run),
      withSeed: (other) => ended(again()).withSeed(other),
    };
  }

  /** Source texts are long, and many trials share a recipe. */
  #recorded(planned: Recipe): Recorded {
    const known = this.#recipes.get(planned);
    if (known !== undefined) return known;
    const recipe = recordedRecipe(planned, this.#context.database?.path ?? null);
    const recorded = { recipe, text: stringifyRecipe(recipe) };
    this.#recipes.set(planned, recorded);
    return recorded;
  }
}

/** Properties shared by all trials of a recipe, whatever their seeds. */
function partsOf(run: RunRecord): Pick<Expected, 'irSha256' | 'dataSha256' | 'numerics'> {
  const { irSha256, dataSha256, numerics } = expectedOf(run);
  return { irSha256, dataSha256, numerics };
}
