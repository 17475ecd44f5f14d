import { type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
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

/** The weights of one layer while it is pretrained: its own, and the bias of what rebuilds its input. */
export interface GreedyKeys {
  readonly weight: string;
  /** Null for a layer without a bias. */
  readonly bias: string | null;
  readonly visibleBias: string;
}

/** What is recorded of a step: what it measured, and how fast it learned. */
export interface GreedyStep {
  /** Their mean over an epoch is recorded too. */
  readonly metrics: Metrics;
  readonly rates: Metrics;
}

/** Trains one layer of the encoder by itself, on what the layers below give. */
export interface GreedyLayer {
  /**
   * One update.
   * @param input clean output of the layers below, `[batch, inputs]`
   * @param witness is shown every tensor of the update
   * @returns what is recorded of the step, or null when it was not finite and nothing was updated
   */
  step(input: Tensor, moment: Moment, witness: StepWitness | null): GreedyStep | null;
  /** What is measured once an epoch; `sample` gives clean inputs of the layer. */
  measure(sample: (part: 'train' | 'validation') => readonly Tensor[]): Metrics;
  /** The layer's weights as they are, and what the optimizer keeps. */
  readonly store: WeightStore;
  slots(): SlotValues;
  restore(slots: SlotValues, updates: number): void;
  dispose(): void;
}

/** Makes the trainer of a layer; `values` are those of an interrupted one. */
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

/** Gives the trained weights to the encoder layer, and to the decoder layer opposite, if there is one. */
export function handOver({ experiment, weights }: TrialContext, layer: LayerNode, index: number, trained: WeightStore) {
  for (const { to, take } of gifts(experiment, layer, index)) {
    scoped(() => weights.replace(to, take(trained).clone()));
  }
}

/** The weights of the network that a layer would hand over now, by key. */
export function handedOver(
  experiment: Sides,
  layer: LayerNode,
  index: number,
  trained: WeightStore,
): ReadonlyMap<string, Float32Array> {
  return scoped(() => new Map(gifts(experiment, layer, index).map(({ to, take }) => [to, elementsOf(take(trained))])));
}

type Sides = Pick<ExperimentIr, 'encoder' | 'decoder'>;

/** A weight of the network, and what it is given of a trained layer. */
interface Gift {
  readonly to: string;
  readonly take: (trained: WeightStore) => Tensor;
}

function gifts(experiment: Sides, layer: LayerNode, index: number): readonly Gift[] {
  const { weight, bias, visibleBias } = greedyKeys(layer);
  const own = [weight, ...(bias === null ? [] : [bias])];
  const gifts = own.map((key): Gift => ({ to: key, take: (trained) => trained.get(key) }));
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

/** A clock that starts over with each layer of a stage. */
export function layerTime(step: number, epochs: number, stepsPerEpoch: number): ScheduleTime {
  return { epoch: step / stepsPerEpoch, step, epochs, steps: epochs * stepsPerEpoch };
}
