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
import { datasetBytes, type SweepMemory, trialMemory } from '../trial/trial-memory.js';
import { type GivenWeights, initOf } from '../trial/weights-file.js';
import type { Words } from '../words/word.js';
import type { PlannedTrial } from './plan/sweep-plan.js';
import { type SweepTrial, sweepTrial } from './sweep-trial.js';

/** What all trials of a sweep have in common. */
export interface SweepContext {
  readonly library: Words;
  readonly backend: BackendName;
  readonly environment: Environment;
  readonly load: LoadOptions;
  /** What all trials of a new sweep start from in place of drawn weights. */
  readonly init: GivenWeights | null;
  /** The database that the trials are kept in; null where they are not. */
  readonly database: RecordedIn | null;
}

/** A recipe as the results keep it. */
interface Recorded {
  readonly recipe: Recipe;
  readonly text: string;
}

/** Makes what a sweep trains: of a plan, or of what an earlier part of it stored. */
export class SweepTrials {
  readonly #context: SweepContext;
  readonly #names = new Set<string>();
  readonly #recipes = new Map<Recipe, Recorded>();
  readonly #losses = new Map<string, LossStatement>();
  /** Of trials that are to train, by their experiments. */
  readonly #needs = new Map<string, number>();
  readonly #wanted: number[] = [];
  /** Bytes of decoded data sets, by their checksums. */
  readonly #dataBytes = new Map<string, number>();

  constructor(context: SweepContext) {
    this.#context = context;
  }

  /** @throws DatasetError, UsageError for weights to start from that don't fit */
  async ofPlan(planned: readonly PlannedTrial[]): Promise<readonly SweepTrial[]> {
    const { backend, library, init } = this.#context;
    const trials: SweepTrial[] = [];
    const data = this.#sharedData();
    const fitting = new Set<string>();
    for (const { compiled, recipe, seed, parameters } of planned) {
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
   * Those of a stored sweep. What is to train is compiled again, and has to be the trial that it was.
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
    // All trials of a sweep start from the same weights, which its runs keep.
    const [anyRun] = runs.values();
    const init = anyRun === undefined ? null : initOf(store, store.findRun(anyRun));
    const trials: SweepTrial[] = [];
    for (const [i, record] of records.entries()) {
      const text = texts[i] ?? '';
      const { trial: number, seed, identity, runId, parameters } = record;
      // It is prepared only when a person wants more of it.
      if (!wanted(record) && runId !== null) {
        trials.push(this.#ended(record, text, runId, store));
        continue;
      }
      const expected = { name: `trial ${number} of ${sweepId}`, identity };
      const same = known.get(text);
      const like = runs.get(text);
      const parts = like === undefined ? {} : partsOf(store.findRun(like));
      const trial = same
        ? withSeed(same, seed, expected)
        : await this.#prepared(text, { seed, init, data }, { ...parts, ...expected }).identify();
      known.set(text, trial);
      this.#plan(trial);
      trials.push(this.#trial(trial, { recipe: trial.recipe, text }, trial.files, parameters));
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
      apart: this.#context.backend === 'tensorflow',
    };
  }

  /** The trials train in other processes, and what is decoded here for its checksum is given back. */
  #sharedData(): DataOptions {
    const data = new SharedData(this.#context.load);
    return { load: (request, files) => data.load(request, files), where: this.#context.database };
  }

  #plan({ compiled: { hash, ir }, data: { dataset }, library }: IdentifiedTrial): void {
    this.#dataBytes.set(dataset.checksum, datasetBytes(dataset));
    const need = this.#needs.get(hash) ?? trialMemory(ir, library);
    this.#needs.set(hash, need);
    this.#wanted.push(need);
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

  /** A trial that is over; a person may want to train it again, or with more seeds. */
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

  /** The texts of a recipe's sources are long, and many trials have the same recipe. */
  #recorded(planned: Recipe): Recorded {
    const known = this.#recipes.get(planned);
    if (known !== undefined) return known;
    const recipe = recordedRecipe(planned, this.#context.database?.path ?? null);
    const recorded = { recipe, text: stringifyRecipe(recipe) };
    this.#recipes.set(planned, recorded);
    return recorded;
  }
}

/** What the trials of one recipe have in common, whatever their seeds. */
function partsOf(run: RunRecord): Pick<Expected, 'irSha256' | 'dataSha256' | 'numerics'> {
  const { irSha256, dataSha256, numerics } = expectedOf(run);
  return { irSha256, dataSha256, numerics };
}
