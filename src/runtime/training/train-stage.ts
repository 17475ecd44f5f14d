import { lossSettles, termsChange } from '../../compiler/ir/changing-loss.js';
import type { TrainStage } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import { stageLength } from '../../compiler/ir/stage-length.js';
import { plainArguments } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import { isLargeStep, memoryNeed } from '../../compiler/library/memory.js';
import { reached } from '../../compiler/library/schedule-values.js';
import type { ScheduleTime, StageLength } from '../../compiler/library/word.js';
import { layerPlace, named } from '../../metrics/metric-name.js';
import { finalLoss } from '../../metrics/usual-metric.js';
import { weightKey } from '../lowering/network.js';
import { BatchOrder } from './batch-order.js';
import { type BatchRequest, BatchTensors } from './batch-tensors.js';
import { diagnose } from './diagnostics.js';
import { firstNonFinite } from './divergence.js';
import { type NoiseSource, NoiseStreams } from './drawn-noise.js';
import { nothingSeen, type StopProgress, type StopRule, stopRule } from './early-stopping.js';
import { type EpochSums, epochMeans, noBatches, withBatch } from './epoch-means.js';
import { evaluate, evaluateTwice } from './evaluation.js';
import { firstFilterShape } from './filter-structure.js';
import { type IdleTerms, idleAt, tellIdle } from './idle-terms.js';
import { type MeasuredLayer, measuredLayers } from './measured-layers.js';
import type { Metrics } from './metrics.js';
import { Pacing } from './pacing.js';
import { type Resampled, Resampler } from './resampling.js';
import { scoped } from './scope.js';
import { startedAs, stepsPerEpoch, type TrainSettings, trainSettings } from './stage-settings.js';
import type { BestWeights, TrainProgress } from './state.js';
import { StepSeries } from './step-series.js';
import type { StageEnd, StageRun, StageView, TrialContext } from './trial-context.js';
import { updateRuleOf } from './update-rule.js';
import { type Moment, type Observe, type StepReport, type TensorBatch, type UpdateRule, Updater } from './updater.js';
import { numberIn } from './weight-store.js';
import type { StepWitness } from './witness.js';

/** Steps per epoch from which reallocating a step's memory after an evaluation is negligible. */
const LONG_EPOCH = 100;

/** A stage that trains the whole network on the experiment's loss. */
export class TrainStageRun implements StageRun {
  readonly #context: TrialContext;
  readonly #settings: TrainSettings;
  readonly #rule: UpdateRule;
  readonly #updater: Updater;
  readonly #order: BatchOrder;
  readonly #position = { step: 0, firstExample: 0 };
  readonly #noise: NoiseSource;
  readonly #batches: BatchTensors;
  readonly #stop: StopRule;
  /** Null without `resample`. */
  readonly #resampler: Resampler | null;
  readonly #layers: readonly MeasuredLayer[];
  readonly #filters: Shape | null;
  readonly #stepsPerEpoch: number;
  readonly #length: StageLength;
  /** Whether a step takes so much memory that it is freed whenever something else is computed. */
  readonly #isLarge: boolean;
  /** Epochs until validation losses are comparable; 0 if the loss never changes. */
  readonly #lossSettles: number;
  readonly #termsChange: boolean;
  readonly #series: StepSeries;
  readonly #pacing: Pacing;
  #isBetweenSteps = false;
  #step: number;
  #sums: EpochSums;
  #stopProgress: StopProgress;
  #best: BestWeights | null;
  #idle: IdleTerms;
  #epochBegan: { readonly at: number; readonly step: number };

  /**
   * @param progress of an earlier part of the stage, whose weights are the context's
   * @throws UnknownWord, RangeError for settings that no batch fits
   */
  constructor(stage: TrainStage, context: TrialContext, progress: TrainProgress | null) {
    const { experiment, network, evaluator, examples, weights, library, seed, clock } = context;
    this.#context = context;
    this.#settings = trainSettings(stage.settings);
    this.#rule = updateRuleOf(stage.optimizer, this.#settings.clip, library);
    this.#stop = stopRule(this.#settings.stop, library);
    const { resample } = this.#settings;
    this.#resampler = resample === null ? null : new Resampler(resample, context);
    this.#stepsPerEpoch = stepsPerEpoch(this.#settings, examples.count('train'));
    this.#length = stageLength(stage, examples.count('train'));
    this.#lossSettles = lossSettles(experiment, this.#length, library);
    this.#termsChange = termsChange(experiment);
    this.#isLarge = isLargeStep(memoryNeed(experiment, library).step);
    this.#updater = new Updater(network, evaluator.objective, this.#rule, weights, context.starts);
    this.#order = new BatchOrder(examples.count('train'), this.#settings.shuffle, seed, 'data');
    this.#noise = new NoiseStreams(seed).at(this.#position);
    this.#batches = new BatchTensors(examples, { clean: false, sizes: network });
    this.#layers = measuredLayers(experiment, library);
    this.#filters = firstFilterShape(experiment);
    this.#step = progress?.step ?? 0;
    this.#sums = progress?.sums ?? noBatches;
    this.#stopProgress = progress?.stop ?? nothingSeen;
    this.#best = progress?.best ?? null;
    this.#idle = progress?.idle ?? {};
    if (progress) this.#updater.restore(progress.slots, progress.step);
    this.#series = new StepSeries('train', this.#step);
    this.#pacing = new Pacing(clock);
    this.#epochBegan = { at: clock(), step: this.#step };
  }

  async run(): Promise<StageEnd> {
    const { signal, maxSteps, record } = this.#context;
    const { epochs } = this.#settings;
    const { steps } = this.#length;
    const lastStep = Math.min(steps, maxSteps ?? Number.POSITIVE_INFINITY);
    const plan = startedAs({ epochs, steps, stepsPerEpoch: this.#stepsPerEpoch });
    record.emit({ event: 'stage_started', stage: 'train', ...plan });
    let end: StageEnd = { reason: lastStep < steps ? 'max_steps' : 'complete' };
    while (this.#step < lastStep) {
      if (signal?.aborted === true) {
        end = { reason: 'interrupted' };
        break;
      }
      if (this.#stop.stops(this.#stopProgress)) {
        end = { reason: 'early_stop' };
        break;
      }
      this.#isBetweenSteps = true;
      const layer = this.#train();
      this.#isBetweenSteps = false;
      if (layer !== null) {
        end = { reason: 'diverged', step: this.#step, layer };
        break;
      }
      const epochEnds = this.#step % this.#stepsPerEpoch === 0;
      if (epochEnds || this.#step === lastStep) await this.#endEpoch(this.#step === lastStep);
      else if (this.#pacing.isTimeToShow) this.#flush();
      this.#context.afterStep(() => this.progress(), this.#step);
      if (this.#pacing.isTimeToGiveWay) await this.#pacing.giveWay();
    }
    this.#flush();
    if (end.reason === 'interrupted' || end.reason === 'diverged') return end;
    this.#context.chain.endStage('train', this.#step, () => this.#context.weights.values());
    this.#complain();
    this.#keepBest();
    this.#tellIdle();
    const done = Math.ceil(this.#step / this.#stepsPerEpoch);
    record.emit({ event: 'stage_done', stage: 'train', epochs: done, steps: this.#step, reason: end.reason });
    return end;
  }

  progress(): TrainProgress {
    // A resumed stage doesn't report earlier steps again.
    this.#flush();
    return {
      kind: 'train',
      step: this.#step,
      slots: this.#updater.state.values(),
      sums: this.#sums,
      stop: this.#stopProgress,
      best: this.#best,
      idle: this.#idle,
    };
  }

  get isBetweenSteps(): boolean {
    return this.#isBetweenSteps;
  }

  view(): StageView {
    const epochs = Math.floor(this.#step / this.#stepsPerEpoch);
    return { weights: this.#context.weights.values(), epochs, layer: null };
  }

  dispose(): void {
    this.#batches.dispose();
    this.#updater.dispose();
  }

  /**
   * The schedule time of an update.
   * @param step number of updates before it
   */
  #timeOf(step: number): ScheduleTime {
    return { epoch: step / this.#stepsPerEpoch, step, ...this.#length };
  }

  /** The moment of the last update: epochs are reported under the loss that they were trained on. */
  get #reported(): ScheduleTime {
    return this.#timeOf(Math.max(0, this.#step - 1));
  }

  /** One update. Returns the layer where it diverged; null if it didn't. */
  #train(): string | null {
    const { chain, weights } = this.#context;
    const time = this.#timeOf(this.#step);
    const epoch = Math.floor(this.#step / this.#stepsPerEpoch);
    const indices = this.#order.batch(epoch, this.#step % this.#stepsPerEpoch, this.#settings.batch);
    this.#position.step = this.#step;
    const moment: Moment = { time, noise: this.#noise };
    const witness = chain.witness('train', this.#step + 1);
    // A witnessed step doesn't use the recording, whose memory would come on top.
    if (witness !== null && this.#isLarge) this.#updater.rest();
    const resampled = this.#resample(time, witness);
    const report = this.#update({ indices, step: this.#step, time }, moment, witness);
    if (typeof report === 'string') return report;
    this.#note(report, indices.length, time, resampled);
    this.#step++;
    if (witness !== null && this.#step >= this.#stepsPerEpoch) this.#tellIdle();
    const terms = [...report.terms, ...(resampled?.units ?? []), ...(resampled?.examples ?? [])];
    chain.add({ stage: 'train', step: this.#step, indices, terms }, witness, () => weights.values());
    return null;
  }

  /** Lets dead units start anew if that is due; null without `resample`. */
  #resample(time: ScheduleTime, witness: StepWitness | null): Resampled | null {
    if (this.#resampler === null) return null;
    if (!this.#resampler.isDue(this.#step)) return { units: [], examples: [] };
    if (this.#isLarge) this.#updater.rest();
    const slots = this.#updater.state.values();
    const resampled = this.#resampler.resample(time, slots);
    if (resampled.units.length > 0) this.#updater.restore(slots, this.#step);
    witness?.seeNumbers('resampled units', resampled.units);
    witness?.seeNumbers('resampled examples', resampled.examples);
    return resampled;
  }

  #update(request: BatchRequest, moment: Moment, witness: StepWitness | null): StepReport | string {
    const { network, weights, evaluator } = this.#context;
    const observe: Observe = (activations, target) => [evaluator.reader.squaredError(activations, target)];
    return scoped(() =>
      this.#batches.use(request, (tensors) => {
        const report = this.#updater.step(tensors, moment, observe, witness);
        if (report.updated) {
          // Not at the first step, which a person waits for.
          if (witness !== null && request.step > 0) this.#look(tensors, moment, report);
          return report;
        }
        return firstNonFinite(network, evaluator.objective, weights.tensors, tensors, moment, report);
      }),
    );
  }

  /** Looks for terms that move no weight. */
  #look(batch: TensorBatch, moment: Moment, { gradientNorm }: StepReport): void {
    if (this.#context.note === null) return;
    const found = this.#updater.termsWithoutGradient(batch, moment, gradientNorm);
    this.#idle = idleAt(this.#step + 1, found, this.#idle);
  }

  /** Tells what layers have to say of how the training ended. */
  #complain(): void {
    const { experiment, library, note, weights } = this.#context;
    if (note === null) return;
    for (const layer of [...experiment.encoder, ...experiment.decoder]) {
      const { address } = layer;
      if (address === null) continue;
      const read = (name: string) => numberIn(weights, weightKey(address, name));
      const text = knownWord(library, 'layer', layer).complaint?.(plainArguments(layer.arguments), read) ?? null;
      if (text !== null) note(`${layer.word} '${layer.label ?? layerPlace(address)}': ${text}`);
    }
  }

  #tellIdle(): void {
    const { note } = this.#context;
    if (note !== null) this.#idle = tellIdle(this.#idle, note);
  }

  #note(
    { terms, observed, gradientNorm }: StepReport,
    examples: number,
    time: ScheduleTime,
    resampled: Resampled | null,
  ): void {
    const [error = Number.NaN] = observed;
    const metrics = this.#context.evaluator.reader.metrics({ examples, terms, squaredError: error }, time);
    this.#sums = withBatch(this.#sums, metrics);
    const { lr } = this.#rule.argumentsAt(time);
    this.#series.add({
      ...metrics,
      gradient_norm: gradientNorm,
      ...(typeof lr === 'number' ? { lr } : {}),
      ...(resampled === null ? {} : { resampled: resampled.units.length }),
    });
  }

  /** Reports the epoch, then evaluates and measures layers if due, which they always are after the last epoch. */
  async #endEpoch(last: boolean): Promise<void> {
    const { record, clock, examples, evaluator, weights } = this.#context;
    const { evaluateEvery, diagnosticsEvery } = this.#settings;
    const epoch = Math.ceil(this.#step / this.#stepsPerEpoch);
    this.#flush();
    const seconds = (clock() - this.#epochBegan.at) / 1000;
    record.emit({
      event: 'epoch',
      stage: 'train',
      epoch,
      metrics: named({ kind: 'part', part: 'train' }, epochMeans(this.#sums)),
      stepsPerSecond: seconds > 0 ? (this.#step - this.#epochBegan.step) / seconds : 0,
    });
    this.#sums = noBatches;
    const evaluates = last || epoch % evaluateEvery === 0;
    const diagnoses = last || epoch % diagnosticsEvery === 0;
    const rests = this.#isLarge || this.#stepsPerEpoch >= LONG_EPOCH;
    if ((evaluates || diagnoses) && rests) this.#updater.rest();
    const trained = evaluates && this.#settings.evaluateTrain ? this.#evaluateTrain() : {};
    if (evaluates && examples.count('validation') > 0) await this.#validate(epoch, trained);
    if (Object.keys(trained).length > 0) {
      record.emit({ event: 'evaluation', stage: 'train', part: 'train', epoch, metrics: trained });
    }
    if (diagnoses) {
      const metrics = diagnose(evaluator, this.#layers, this.#filters, weights, this.#reported);
      record.emit({ event: 'diagnostics', stage: 'train', epoch, metrics });
    }
    this.#epochBegan = { at: clock(), step: this.#step };
  }

  #evaluateTrain(): Metrics {
    const { evaluator, weights } = this.#context;
    return named(
      { kind: 'part', part: 'train_evaluated' },
      evaluate(evaluator, weights.tensors, 'train', this.#reported),
    );
  }

  /** @param others metrics of the same weights */
  async #validate(epoch: number, others: Metrics): Promise<void> {
    const { evaluator, weights } = this.#context;
    const time = this.#reported;
    const compared = this.#timeOf(this.#length.steps);
    const measured = evaluateTwice(evaluator, weights.tensors, 'validation', {
      time,
      compared,
      termsChange: this.#termsChange,
    });
    const { loss = Number.NaN } = measured.compared;
    const comparable = this.#lossSettles === 0 ? {} : { [finalLoss]: loss };
    const measures = await this.#context.measureValidation(weights.values());
    const metrics = named({ kind: 'part', part: 'validation' }, { ...measured.metrics, ...comparable, ...measures });
    this.#context.record.emit({ event: 'evaluation', stage: 'train', part: 'validation', epoch, metrics });
    if (reached(time.epoch, this.#lossSettles)) {
      this.#stopProgress = this.#stop.after({ ...measured.compared, ...measures }, this.#stopProgress);
    }
    if (this.#settings.keep === 'best' && loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY)) {
      this.#best = { epoch, loss, metrics: { ...metrics, ...others }, weights: Object.fromEntries(weights.values()) };
    }
  }

  #keepBest(): void {
    if (this.#best === null) return;
    this.#context.weights.restore(new Map(Object.entries(this.#best.weights)));
    this.#context.record.correct(this.#best.metrics);
  }

  #flush(): void {
    const steps = this.#series.flush();
    if (steps) this.#context.record.emit(steps);
  }
}
