import { type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import type { ScheduleTime, StageLength } from '../../compiler/library/word.js';
import { weightKey } from '../lowering/network.js';
import type { WeightValues } from './initial-weights.js';
import type { Metrics } from './metrics.js';
import { oppositeLayer } from './opposite-layer.js';
import type { SlotValues } from './optimizer-state.js';
import { scoped } from './scope.js';
import type { TrialContext } from './trial-context.js';
import type { Moment } from './updater.js';
import { elementsOf, type WeightStore } from './weight-store.js';
import type { StepWitness } from './witness.js';

/** Keys of a layer's weights in pretraining: its own, and the bias of the reconstruction. */
export interface GreedyKeys {
  readonly weight: string;
  /** Null for a layer without a bias. */
  readonly bias: string | null;
  readonly visibleBias: string;
}

/** Records of a step: its measurements, and its rates. */
export interface GreedyStep {
  /** Recorded per step, and averaged over epochs. */
  readonly metrics: Metrics;
  readonly rates: Metrics;
}

/** Trains one layer of the encoder on the output of the layers below. */
export interface GreedyLayer {
  /**
   * One update.
   * @param input clean output of the layers below, `[batch, inputs]`
   * @param witness observes every tensor of the update
   * @returns the step's records, or null if it wasn't finite and nothing was updated
   */
  step(input: Tensor, moment: Moment, witness: StepWitness | null): GreedyStep | null;
  /** Measurements at the end of an epoch. `sample` provides clean inputs of the layer. */
  measure(sample: (part: 'train' | 'validation') => readonly Tensor[]): Metrics;
  /** The layer's current weights and optimizer slots. */
  readonly store: WeightStore;
  slots(): SlotValues;
  restore(slots: SlotValues, updates: number): void;
  dispose(): void;
}

/** Creates a layer's trainer. `values` are the weights of an interrupted one. */
export type StartGreedyLayer = (layer: LayerNode, index: number, values: WeightValues | null) => GreedyLayer;

/** @throws RangeError for a layer without weights */
export function greedyKeys(layer: LayerNode): GreedyKeys {
  const { address, weights } = layer;
  if (address === null) throw new RangeError(`the layer '${layer.word}' has nothing to pretrain`);
  const hasBias = weights.some(({ name }) => name === 'bias');
  return {
    weight: weightKey(address, 'weight'),
    bias: hasBias ? weightKey(address, 'bias') : null,
    visibleBias: weightKey(address, 'visible_bias'),
  };
}

/** Copies the trained weights to the encoder layer, and to the opposite decoder layer, if any. */
export function handOver({ experiment, weights }: TrialContext, layer: LayerNode, index: number, trained: WeightStore) {
  for (const { to, take } of gifts(experiment, layer, index)) {
    scoped(() => weights.replace(to, take(trained).clone()));
  }
}

/** The network's weights that a layer would hand over now, by key. */
export function handedOver(
  experiment: Sides,
  layer: LayerNode,
  index: number,
  trained: WeightStore,
): ReadonlyMap<string, Float32Array> {
  return scoped(() => new Map(gifts(experiment, layer, index).map(({ to, take }) => [to, elementsOf(take(trained))])));
}

type Sides = Pick<ExperimentIr, 'encoder' | 'decoder'>;

/** A weight of the network, and its value from a trained layer. */
interface WeightTransfer {
  readonly to: string;
  readonly take: (trained: WeightStore) => Tensor;
}

function gifts(experiment: Sides, layer: LayerNode, index: number): readonly WeightTransfer[] {
  const { weight, bias, visibleBias } = greedyKeys(layer);
  const own = [weight, ...(bias === null ? [] : [bias])];
  const gifts = own.map((key): WeightTransfer => ({ to: key, take: (trained) => trained.get(key) }));
  const opposite = oppositeLayer(experiment, index);
  if (opposite?.address == null) return gifts;
  for (const { name, tiedTo } of opposite.weights) {
    if (tiedTo !== null) continue;
    const to = weightKey(opposite.address, name);
    if (name === 'bias') gifts.push({ to, take: (trained) => trained.get(visibleBias) });
    if (name === 'weight') gifts.push({ to, take: (trained) => transpose(trained.get(weight)) });
  }
  return gifts;
}

/** Schedule time, which restarts with each layer of a stage. */
export function layerTime(step: number, length: StageLength, stepsPerEpoch: number): ScheduleTime {
  return { epoch: step / stepsPerEpoch, step, ...length };
}
