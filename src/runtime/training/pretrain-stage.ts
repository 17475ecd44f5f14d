import type { Tensor } from '@tensorflow/tfjs-core';
import { addressOf, type LayerNode, type PretrainStage } from '../../compiler/ir/experiment.js';
import { stageLength } from '../../compiler/ir/stage-length.js';
import type { StageLength } from '../../compiler/library/word.js';
import { layerPlace, named } from '../../metrics/metric-name.js';
import { forward, referenceKey } from '../lowering/network.js';
import { BatchOrder } from './batch-order.js';
import { type BatchRequest, BatchTensors } from './batch-tensors.js';
import { type NoiseSource, NoiseStreams } from './drawn-noise.js';
import { type EpochSums, epochMeans, noBatches, withBatch } from './epoch-means.js';
import { cleanBatch, type HostBatch, tensorBatch } from './examples.js';
import { type GreedyLayer, handedOver, handOver, layerTime, type StartGreedyLayer } from './greedy-layer.js';
import { Pacing } from './pacing.js';
import { Repeated } from './repeated.js';
import { scoped } from './scope.js';
import { type StageSettings, stageSettings, startedAs, stepsPerEpoch } from './stage-settings.js';
import type { PretrainProgress } from './state.js';
import { StepSeries } from './step-series.js';
import type { StageEnd, StageRun, StageView, TrialContext } from './trial-context.js';
import type { Moment } from './updater.js';

/** A layer of the stage, with its index in the encoder. */
interface PlacedLayer {
  readonly index: number;
  readonly node: LayerNode;
  /** `encoder.0` */
  readonly name: string;
}

/** Examples of a part on which layers are measured after each epoch. */
const mostMeasured = 2000;
const chunk = 500;

/**
 * Trains the layers of an encoder one by one, from the data up (Hinton and Salakhutdinov 2006; Bengio et al. 2006).
 * Each sees the clean data through the layers below, which stay fixed.
 */
export class PretrainStageRun implements StageRun {
  readonly #context: TrialContext;
  readonly #name: string;
  readonly #settings: StageSettings;
  readonly #layers: readonly PlacedLayer[];
  readonly #start: StartGreedyLayer;
  readonly #stepsPerEpoch: number;
  /** Of each layer. */
  readonly #length: StageLength;
  readonly #position = { step: 0, firstExample: 0 };
  readonly #noise: NoiseSource;
  readonly #batches: BatchTensors;
  /** Output of the layers below for a batch, by batch size. */
  readonly #below = new Map<number, Repeated<Tensor>>();
  readonly #series: StepSeries;
  readonly #pacing: Pacing;
  #at: number;
  #layer: GreedyLayer | null = null;
  #isBetweenSteps = false;
  #step: number;
  #sums: EpochSums;
  #totalSteps: number;
  #resumed: PretrainProgress | null;
  #epochBegan: { readonly at: number; readonly step: number };

  /**
   * @param start creates a layer's trainer
   * @param progress of an earlier part of the stage
   * @throws RangeError for layers that don't exist, or settings that no batch fits
   */
  constructor(stage: PretrainStage, context: TrialContext, start: StartGreedyLayer, progress: PretrainProgress | null) {
    const { experiment, examples, seed, clock } = context;
    this.#context = context;
    this.#name = stage.name;
    this.#settings = stageSettings(stage.settings);
    this.#stepsPerEpoch = stepsPerEpoch(this.#settings, examples.count('train'));
    this.#length = stageLength(stage, examples.count('train'));
    this.#start = start;
    this.#noise = new NoiseStreams(seed).at(this.#position);
    this.#batches = new BatchTensors(examples, { clean: true, sizes: context.network });
    this.#layers = stage.layers.map((index) => {
      const node = experiment.encoder[index];
      if (!node || node.address === null) throw new RangeError(`the encoder has no layer ${index} to pretrain`);
      return { index, node, name: layerPlace(node.address) };
    });
    this.#at = progress?.layer ?? 0;
    this.#step = progress?.step ?? 0;
    this.#sums = progress?.sums ?? noBatches;
    this.#totalSteps = progress?.totalSteps ?? 0;
    this.#resumed = progress;
    this.#series = new StepSeries(stage.name, this.#totalSteps);
    this.#pacing = new Pacing(clock);
    this.#epochBegan = { at: clock(), step: this.#totalSteps };
  }

  async run(): Promise<StageEnd> {
    const { record, maxSteps } = this.#context;
    const epochs = this.#settings.epochs * this.#layers.length;
    const { steps: whole } = this.#length;
    const plan = startedAs({ epochs, steps: whole * this.#layers.length, stepsPerEpoch: this.#stepsPerEpoch });
    record.emit({ event: 'stage_started', stage: this.#name, ...plan });
    const lastStep = Math.min(whole, maxSteps ?? Number.POSITIVE_INFINITY);
    while (this.#at < this.#layers.length) {
      const ended = await this.#trainLayer(lastStep);
      if (ended !== null) return ended;
    }
    const reason = lastStep < whole ? 'max_steps' : 'complete';
    record.emit({ event: 'stage_done', stage: this.#name, epochs, steps: this.#totalSteps, reason });
    return { reason };
  }

  progress(): PretrainProgress {
    // A resumed stage doesn't report earlier steps again.
    this.#flush();
    return {
      kind: 'pretrain',
      step: this.#step,
      slots: this.#layer?.slots() ?? {},
      sums: this.#sums,
      layer: this.#at,
      values: Object.fromEntries(this.#layer?.store.values() ?? []),
      totalSteps: this.#totalSteps,
    };
  }

  get isBetweenSteps(): boolean {
    return this.#isBetweenSteps;
  }

  view(): StageView {
    const { experiment, weights } = this.#context;
    const epochs = this.#at * this.#settings.epochs + Math.floor(this.#step / this.#stepsPerEpoch);
    const placed = this.#layers[this.#at];
    if (!placed || this.#layer === null) return { weights: weights.values(), epochs, layer: null };
    const given = handedOver(experiment, placed.node, placed.index, this.#layer.store);
    return { weights: new Map([...weights.values(), ...given]), epochs, layer: placed.index };
  }

  dispose(): void {
    this.#layer?.dispose();
    this.#layer = null;
    for (const below of this.#below.values()) below.dispose();
    this.#below.clear();
    this.#batches.dispose();
  }

  /** @returns why the stage ends with this layer; null if it continues with the next */
  async #trainLayer(lastStep: number): Promise<StageEnd | null> {
    const placed = this.#layers[this.#at];
    if (!placed) throw new RangeError(`the stage has no layer ${this.#at}`);
    const { seed, examples, signal } = this.#context;
    const layer = this.#begin(placed);
    const order = new BatchOrder(examples.count('train'), this.#settings.shuffle, seed, addressOf(placed.node));
    while (this.#step < lastStep) {
      if (signal?.aborted === true) {
        this.#flush();
        return { reason: 'interrupted' };
      }
      const epoch = Math.floor(this.#step / this.#stepsPerEpoch);
      const indices = order.batch(epoch, this.#step % this.#stepsPerEpoch, this.#settings.batch);
      this.#isBetweenSteps = true;
      const hasTrained = this.#train(placed, layer, indices);
      this.#isBetweenSteps = false;
      if (!hasTrained) {
        this.#flush();
        return { reason: 'diverged', step: this.#totalSteps, layer: placed.name };
      }
      const last = this.#step === lastStep;
      if (last || this.#step % this.#stepsPerEpoch === 0) this.#endEpoch(placed, layer);
      else if (this.#pacing.isTimeToShow) this.#flush();
      if (last) break;
      this.#context.afterStep(() => this.progress(), this.#totalSteps);
      if (this.#pacing.isTimeToGiveWay) await this.#pacing.giveWay();
    }
    this.#context.chain.endStage(this.#name, this.#totalSteps, () => layer.store.values());
    handOver(this.#context, placed.node, placed.index, layer.store);
    this.dispose();
    this.#at++;
    this.#step = 0;
    this.#sums = noBatches;
    if (signal?.aborted === true && this.#at < this.#layers.length) return { reason: 'interrupted' };
    return null;
  }

  #begin({ node, index }: PlacedLayer): GreedyLayer {
    const resumed = this.#resumed;
    this.#resumed = null;
    const going = resumed !== null && resumed.step > 0;
    const layer = this.#start(node, index, going ? new Map(Object.entries(resumed.values)) : null);
    if (going) layer.restore(resumed.slots, resumed.step);
    this.#layer = layer;
    return layer;
  }

  #train({ index }: PlacedLayer, layer: GreedyLayer, indices: Uint32Array): boolean {
    const time = layerTime(this.#step, this.#length, this.#stepsPerEpoch);
    this.#position.step = this.#step;
    const moment: Moment = { time, noise: this.#noise };
    const witness = this.#context.chain.witness(this.#name, this.#totalSteps + 1, this.#step === 0);
    const done = scoped(() =>
      this.#withInput(index, { indices, step: this.#step, time }, (input) => layer.step(input, moment, witness)),
    );
    if (done === null) return false;
    this.#sums = withBatch(this.#sums, done.metrics);
    this.#series.add({ ...done.metrics, ...done.rates });
    this.#step++;
    this.#totalSteps++;
    const terms = Object.values(done.metrics);
    this.#context.chain.add({ stage: this.#name, step: this.#totalSteps, indices, terms }, witness, () =>
      layer.store.values(),
    );
    return true;
  }

  /** Passes the output of the layers below for a clean batch to `use`. */
  #withInput<R>(index: number, request: BatchRequest, use: (input: Tensor) => R): R {
    const count = request.indices.length;
    return this.#batches.use(request, ({ input, condition }) => {
      const below = this.#below.get(count) ?? new Repeated<Tensor>();
      this.#below.set(count, below);
      const compute = () => {
        const output = this.#outputBelow(index, input, condition);
        // Without layers below it is the batch itself, which must not be disposed of.
        return { value: output, tensors: output === input ? [] : [output] };
      };
      return below.use([input, condition, index, ...this.#context.weights.tensors.values()], compute, use);
    });
  }

  #inputOf(index: number, batch: HostBatch): Tensor {
    const { input, condition } = tensorBatch(cleanBatch(batch), {
      ...this.#context.network,
      wanted: this.#context.network.input,
    });
    return this.#outputBelow(index, input, condition);
  }

  /** Output of the layers below for clean examples. */
  #outputBelow(index: number, examples: Tensor, condition: Tensor | null): Tensor {
    const { network, weights } = this.#context;
    const key = referenceKey({ block: 'encoder', index, head: null });
    const node = network.nodes.find((candidate) => candidate.key === key);
    if (!node) throw new RangeError(`the network has no layer '${key}'`);
    const below = network.nodes.slice(0, network.nodes.indexOf(node));
    const activations = forward({ ...network, nodes: below, output: node.source }, examples, {
      weights: weights.tensors,
      condition,
      training: false,
      sampling: false,
      time: layerTime(0, this.#length, this.#stepsPerEpoch),
      noise: new NoiseStreams('evaluation').at({ step: 0, firstExample: 0 }),
      update: () => {},
    });
    return activations.output;
  }

  #endEpoch(placed: PlacedLayer, layer: GreedyLayer): void {
    const { record, clock } = this.#context;
    this.#flush();
    const seconds = (clock() - this.#epochBegan.at) / 1000;
    const measured = scoped(() => layer.measure((part) => this.#sample(placed.index, part)));
    record.emit({
      event: 'epoch',
      stage: this.#name,
      epoch: this.#at * this.#settings.epochs + Math.ceil(this.#step / this.#stepsPerEpoch),
      metrics: named(
        { kind: 'pretraining', stage: this.#name, layer: placed.name },
        { ...epochMeans(this.#sums), ...measured },
      ),
      stepsPerSecond: seconds > 0 ? (this.#totalSteps - this.#epochBegan.step) / seconds : 0,
    });
    this.#sums = noBatches;
    this.#epochBegan = { at: clock(), step: this.#totalSteps };
  }

  /** The first examples of a part, at most as many as the validation part has, if it has any. */
  #sample(index: number, part: 'train' | 'validation'): readonly Tensor[] {
    const { examples } = this.#context;
    const validation = examples.count('validation');
    const count = Math.min(mostMeasured, examples.count(part), validation > 0 ? validation : mostMeasured);
    const time = layerTime(this.#step, this.#length, this.#stepsPerEpoch);
    return Array.from({ length: Math.ceil(count / chunk) }, (_, i) => {
      const first = i * chunk;
      const batch = examples.evaluationBatch(part, first, Math.min(chunk, count - first), time);
      return this.#inputOf(index, batch);
    });
  }

  #flush(): void {
    const steps = this.#series.flush();
    if (steps) this.#context.record.emit(steps);
  }
}
