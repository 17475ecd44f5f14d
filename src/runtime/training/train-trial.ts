import type { ExperimentIr } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { stageLength } from '../../compiler/ir/stage-length.js';
import { evaluationChunk, probeSize } from '../../compiler/library/memory.js';
import { named } from '../../metrics/metric-name.js';
import { DatasetError } from '../datasets/dataset-error.js';
import type { Statistic } from '../datasets/fit.js';
import type { Split } from '../datasets/split.js';
import type { TrainingEvent, TrialDone } from '../events.js';
import type { Network } from '../lowering/network.js';
import { networkOf } from '../lowering/network-of-experiment.js';
import { objectiveOf } from '../lowering/objective.js';
import { backendStream } from './backend-stream.js';
import { withCenters } from './data-center.js';
import { evaluate } from './evaluation.js';
import type { Examples } from './examples.js';
import { examplesOf } from './examples-of-data.js';
import { type ChainOptions, type ChainState, HashChain } from './hash-chain.js';
import { initialWeights, misfitOf, type WeightValues } from './initial-weights.js';
import { layerTargets } from './measured-layers.js';
import { MetricReader, type Metrics } from './metrics.js';
import { scheduleEnd, stageSettings } from './stage-settings.js';
import { startStage } from './start-stage.js';
import type { StageProgress, TrainingState } from './state.js';
import type { TrainedLibrary } from './trained-words.js';
import type { StageEnd, StageView, TrialContext } from './trial-context.js';
import { TrialRecord } from './trial-record.js';
import { WeightStore } from './weight-store.js';
import { weightsSha256 } from './weights-sha256.js';

/** Everything that a trial depends on, and its listeners. TF.js's current backend computes it. */
export interface TrialInput {
  readonly experiment: ExperimentIr;
  /** The experiment's data. */
  readonly data: Split;
  readonly seed: number;
  readonly library: TrainedLibrary;
  /** Name of the backend, for the event. */
  readonly backend: string;
  readonly emit: (event: TrainingEvent) => void;
  /** Receives what the person should know of the training, such as a loss term that moves no weight. */
  readonly note?: (text: string) => void;
  /** Milliseconds since an arbitrary moment, for rates and durations. */
  readonly clock: () => number;
  /** Ends the trial after the running step. */
  readonly signal?: AbortSignal;
  /** Most updates per stage. */
  readonly maxSteps?: number;
  /** Initial weights that replace drawn ones, by key; any number of them. */
  readonly init?: WeightValues;
  /** Resumes a trial of the same experiment, data and seed. */
  readonly resumeFrom?: TrainingState;
  readonly checkpoints?: Checkpoints;
  readonly observer?: Observer;
  /** Listeners of the hash chain, and further steps to witness. */
  readonly chain?: Omit<ChainOptions, 'state'>;
  /**
   * Called once, when training is over and before the model is measured, so that a later failure loses no weights. Not
   * called for an interrupted trial, or one resumed after its last stage.
   */
  readonly onTrained?: (trained: EndedTraining) => void;
  /**
   * Computes more metrics of the test part, without its prefix, from the kept weights and the transforms' statistics of
   * the training part. Called once, if there is a test part.
   */
  readonly measure?: (weights: WeightValues) => Promise<Measurements>;
  /**
   * The same of the validation part. Called whenever the last stage evaluates it, or once after stages that never do. A
   * trial that is only measured again has those of its epochs already. Not interrupted, so that a resumed trial has measured what one that was not has.
   */
  readonly measureValidation?: (weights: WeightValues) => Promise<Measurements>;
}

/** Measurements and pictures of a trained model, and those that failed. */
export interface Measurements {
  readonly metrics: Metrics;
  readonly failures: readonly EvaluationFailure[];
  /** Whether the signal came before the last of them. */
  readonly unfinished: boolean;
}

/** An evaluation or a picture that failed. The trained weights are unaffected. */
export interface EvaluationFailure {
  /** `linear_probe`, `pca_2`, `filters(code)`; `test` for the losses of the test part. */
  readonly what: string;
  readonly reason: string;
}

/** Saves a trial's state now and then. */
export interface Checkpoints {
  /**
   * Called after every step.
   * @param step of the stage
   */
  due(step: number): boolean;
  save(state: TrainingState): void;
}

/** Observes a trial now and then, without affecting it. */
export interface Observer {
  /** Called after every step. */
  due(): boolean;
  /** @param view its weights include the transforms' statistics of the training part */
  show(view: TrialView): void;
}

export interface TrialView extends StageView {
  readonly stage: string;
}

export interface TrainedWeight {
  /** `encoder/0/weight` */
  readonly key: string;
  /** `encoder.0.weight`, as files name it. */
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly values: Float32Array;
}

/** The outcome of a training. */
export interface Training {
  readonly status: 'complete' | 'diverged' | 'interrupted';
  /** The last value of every metric so far, and those of the kept weights. */
  readonly metrics: Metrics;
  /** The kept weights, in structural order. */
  readonly weights: readonly TrainedWeight[];
  /** SHA-256 of the weights only. */
  readonly weightsSha256: string;
  /** The transforms' statistics of the training part, which the model needs as much as its weights. */
  readonly statistics: readonly Statistic[];
  readonly divergence: TrialDone['divergence'];
  /** The hashes of the training, from its first step on. */
  readonly chain: ChainState;
  /** Elapsed until now. */
  readonly seconds: number;
}

/** A training that wasn't interrupted. */
export interface EndedTraining extends Training {
  readonly status: 'complete' | 'diverged';
}

export interface TrialResult extends Training {
  /** State for resuming an interrupted trial; null for any other. */
  readonly state: TrainingState | null;
  /** Measurements of the test part. */
  readonly measurements: Omit<Measurements, 'metrics'>;
}

const noMeasurements: Measurements = { metrics: {}, failures: [], unfinished: false };

/**
 * Trains a trial: its stages in order, then the test with the kept weights.
 * @throws UnknownWord for a word without a lowering, RangeError for data or weights that don't fit the experiment
 */
export async function trainTrial(input: TrialInput): Promise<TrialResult> {
  const trial = new Trial(input);
  try {
    return await trial.run();
  } finally {
    trial.dispose();
  }
}

class Trial {
  readonly #input: TrialInput;
  readonly #network: Network;
  readonly #weights: WeightStore;
  readonly #record: TrialRecord;
  readonly #chain: HashChain;
  readonly #context: Omit<TrialContext, 'afterStep'>;
  readonly #began: number;
  /** What failed on the validation part, by name: the last time counts. */
  readonly #failedOnValidation = new Map<string, EvaluationFailure>();

  constructor(input: TrialInput) {
    const { experiment, library, seed, resumeFrom, signal, maxSteps, clock } = input;
    this.#input = input;
    this.#began = clock();
    this.#network = networkOf(experiment, library);
    this.#record = new TrialRecord(input.emit, resumeFrom?.metrics ?? {});
    this.#chain = new HashChain({ ...input.chain, state: resumeFrom?.chain ?? null });
    const objective = objectiveOf(experiment.loss, library);
    const examples = examplesOf(experiment, input.data, seed, library);
    const starting = startingWeights(this.#network, examples, input);
    this.#weights = new WeightStore(this.#network.weights, starting);
    this.#context = {
      experiment,
      network: this.#network,
      weights: this.#weights,
      starts: resumeFrom && seesStart(this.#network) ? firstWeights(this.#network, examples, input) : starting,
      examples,
      evaluator: {
        network: this.#network,
        objective,
        examples,
        reader: new MetricReader(objective, this.#network.wanted, examples.rawScale),
        chunk: evaluationChunk(experiment, library),
        probe: probeSize(experiment, library),
      },
      seed,
      library,
      record: this.#record,
      chain: this.#chain,
      signal: signal ?? null,
      maxSteps: maxSteps ?? null,
      clock,
      note: input.note ?? null,
      measureValidation: async (values) => (await this.#measureValidation(values)).metrics,
    };
  }

  async run(): Promise<TrialResult> {
    const { experiment, resumeFrom } = this.#input;
    this.#announce();
    const first = resumeFrom?.stage ?? 0;
    for (const [index, stage] of experiment.stages.entries()) {
      if (index < first) continue;
      const progress = index === first ? (resumeFrom?.progress ?? null) : null;
      const { end, state } = await this.#runStage(index, progress);
      if (end.reason === 'interrupted') return this.#finish(this.#training('interrupted', null), state, noMeasurements);
      if (end.reason === 'diverged') {
        const training = this.#training('diverged', { stage: stage.name, step: end.step, layer: end.layer });
        this.#input.onTrained?.(training);
        return this.#finish(training, null, noMeasurements);
      }
    }
    if (first < experiment.stages.length) this.#input.onTrained?.(this.#training('complete', null));
    if (experiment.stages.at(-1)?.kind !== 'train') await this.#validateOnce();
    const measurements = await this.#test();
    return this.#finish(this.#training('complete', null), null, measurements);
  }

  dispose(): void {
    this.#weights.dispose();
  }

  async #runStage(
    index: number,
    resumed: StageProgress | null,
  ): Promise<{ readonly end: StageEnd; readonly state: TrainingState | null }> {
    const stage = this.#input.experiment.stages[index];
    if (!stage) throw new RangeError(`the experiment has no stage ${index}`);
    const { checkpoints, observer } = this.#input;
    const afterStep = (progress: () => StageProgress, step: number) => {
      if (checkpoints?.due(step) === true) checkpoints.save(this.#state(index, progress()));
      if (observer?.due() === true) {
        const view = run.view();
        observer.show({ ...view, stage: stage.name, weights: this.#withStatistics(view.weights) });
      }
    };
    const run = startStage(stage, { ...this.#context, afterStep }, resumed);
    try {
      const end = await run.run();
      return { end, state: end.reason === 'interrupted' ? this.#state(index, run.progress()) : null };
    } catch (error) {
      // Examples that can't be read any more: nothing of the training before is lost.
      if (error instanceof DatasetError && run.isBetweenSteps) checkpoints?.save(this.#state(index, run.progress()));
      throw error;
    } finally {
      run.dispose();
    }
  }

  #announce(): void {
    const { experiment, seed, backend } = this.#input;
    const { examples } = this.#context;
    const parts = {
      train: examples.count('train'),
      validation: examples.count('validation'),
      test: examples.count('test'),
    };
    this.#record.emit({
      event: 'trial_started',
      experiment: experiment.name,
      seed,
      backend,
      examples: parts,
      parameters: this.#network.weights.reduce(
        (n, { shape, trainable }) => n + (trainable ? elementCount(shape) : 0),
        0,
      ),
      stages: experiment.stages.map((stage) => {
        const settings = stageSettings(stage.settings);
        const layers = stage.kind === 'pretrain' ? stage.layers.length : 1;
        const epochs = settings.epochs * layers;
        return { stage: stage.name, epochs, steps: layers * stageLength(stage, parts.train).steps };
      }),
      targets: layerTargets(experiment, this.#input.library),
    });
  }

  async #measureValidation(values: WeightValues): Promise<Measurements> {
    const { measureValidation } = this.#input;
    if (measureValidation === undefined || this.#context.examples.count('validation') === 0) return noMeasurements;
    const found = await measured('evaluations', () => measureValidation(this.#withStatistics(values)));
    this.#failedOnValidation.clear();
    for (const failure of found.failures) this.#failedOnValidation.set(failure.what, failure);
    return found;
  }

  /** Measures the validation part of a trial whose last stage never does. */
  async #validateOnce(): Promise<void> {
    const last = this.#input.experiment.stages.at(-1);
    const { metrics } = await this.#measureValidation(this.#weights.values());
    if (!last || Object.keys(metrics).length === 0) return;
    const { epochs: epoch } = stageSettings(last.settings);
    const found = named({ kind: 'part', part: 'validation' }, metrics);
    this.#record.emit({ event: 'evaluation', stage: last.name, part: 'validation', epoch, metrics: found });
  }

  /** Tests the kept weights once, however they were trained. */
  async #test(): Promise<Omit<Measurements, 'metrics'>> {
    const { experiment, signal, measure } = this.#input;
    const { evaluator, examples } = this.#context;
    const last = experiment.stages.at(-1);
    const failed = [...this.#failedOnValidation.values()];
    if (!last || examples.count('test') === 0) return { ...noMeasurements, failures: failed };
    if (signal?.aborted === true) return { ...noMeasurements, failures: failed, unfinished: true };
    const { epochs } = stageSettings(last.settings);
    const time = scheduleEnd(experiment);
    const tested = await measured('test', () => ({
      ...noMeasurements,
      metrics: evaluate(evaluator, this.#weights.tensors, 'test', time),
    }));
    const more = await measured('evaluations', () => measure?.(this.#withStatistics(this.#weights.values())));
    const metrics = named({ kind: 'part', part: 'test' }, { ...tested.metrics, ...more.metrics });
    if (Object.keys(metrics).length > 0) {
      this.#record.emit({ event: 'evaluation', stage: last.name, part: 'test', epoch: epochs, metrics });
    }
    return { failures: [...failed, ...tested.failures, ...more.failures], unfinished: more.unfinished };
  }

  #withStatistics(weights: WeightValues): WeightValues {
    return new Map([
      ...weights,
      ...this.#context.examples.statistics.map(({ key, values }): readonly [string, Float32Array] => [key, values]),
    ]);
  }

  #state(stage: number, progress: StageProgress): TrainingState {
    const weights = Object.fromEntries(this.#weights.values());
    return { stage, weights, progress, metrics: this.#record.metrics, chain: this.#chain.state() };
  }

  #training<Status extends Training['status']>(
    status: Status,
    divergence: TrialDone['divergence'],
  ): Training & { readonly status: Status } {
    const values = this.#weights.values();
    return {
      status,
      metrics: this.#record.metrics,
      weights: this.#network.weights.map(({ key, shape, trainable }) => {
        const own = values.get(key);
        if (own === undefined) throw new RangeError(`the trained weights lack '${key}'`);
        return { key, name: key.replaceAll('/', '.'), shape, trainable, values: own };
      }),
      weightsSha256: weightsSha256(values),
      statistics: this.#context.examples.statistics,
      divergence,
      chain: this.#chain.state(),
      seconds: (this.#input.clock() - this.#began) / 1000,
    };
  }

  #finish(training: Training, state: TrainingState | null, measurements: Omit<Measurements, 'metrics'>): TrialResult {
    const { status, metrics, weightsSha256: sha256, divergence, seconds } = training;
    this.#record.emit({ event: 'trial_done', status, metrics, weightsSha256: sha256, divergence, seconds });
    const { failures, unfinished } = measurements;
    return { ...training, state, measurements: { failures, unfinished } };
  }
}

/** Measures a trained model. An error becomes a recorded failure, since the training is not at fault. */
async function measured(
  what: string,
  measure: () => Measurements | undefined | Promise<Measurements | undefined>,
): Promise<Measurements> {
  try {
    return (await measure()) ?? noMeasurements;
  } catch (error) {
    return { ...noMeasurements, failures: [failureOf(what, error)] };
  }
}

export function failureOf(what: string, error: unknown): EvaluationFailure {
  return { what, reason: error instanceof Error ? error.message : String(error) };
}

/** The weights of a resumed trial, or those of a new one. */
function startingWeights(network: Network, examples: Examples, input: TrialInput): WeightValues {
  if (input.resumeFrom) return new Map(Object.entries(input.resumeFrom.weights));
  return firstWeights(network, examples, input);
}

function seesStart({ weights }: Network): boolean {
  return weights.some(({ constraint }) => constraint?.seesStart === true);
}

/** What a trial begins with: drawn weights with given ones in their place. */
function firstWeights(network: Network, examples: Examples, { seed, init }: TrialInput): WeightValues {
  const misfit = init ? misfitOf(init, network) : null;
  if (misfit !== null) throw new RangeError(misfit);
  return initialWeights(network, seed, backendStream, withCenters(network, examples, init ?? new Map()));
}
