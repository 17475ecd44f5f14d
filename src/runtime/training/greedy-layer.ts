import { type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { LayerNode } from '../../compiler/ir/experiment.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { weightKey } from '../lowering/network.js';
import type { WeightValues } from './initial-weights.js';
import type { Metrics } from './metrics.js';
import { oppositeLayer } from './opposite-layer.js';
import type { SlotValues } from './optimizer-state.js';
import { scoped } from './scope.js';
import type { TrialContext } from './trial-context.js';
import type { Moment } from './updater.js';
import type { WeightStore } from './weight-store.js';
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
export function handOver(context: TrialContext, layer: LayerNode, index: number, trained: WeightStore): void {
  const { experiment, weights } = context;
  const keys = greedyKeys(layer);
  const copy = (key: string, to: string, change: (values: Tensor) => Tensor = (values) => values) => {
    scoped(() => weights.replace(to, change(trained.get(key)).clone()));
  };
  copy(keys.weight, keys.weight);
  if (keys.bias !== null) copy(keys.bias, keys.bias);
  const opposite = oppositeLayer(experiment, index);
  if (opposite?.address == null) return;
  for (const { name, tiedTo } of opposite.weights) {
    if (tiedTo !== null) continue;
    if (name === 'bias') copy(keys.visibleBias, weightKey(opposite.address, name));
    if (name === 'weight') copy(keys.weight, weightKey(opposite.address, name), (values) => transpose(values));
  }
}

/** A clock that starts over with each layer of a stage. */
export function layerTime(step: number, epochs: number, stepsPerEpoch: number): ScheduleTime {
  return { epoch: step / stepsPerEpoch, step, epochs, steps: epochs * stepsPerEpoch };
}
