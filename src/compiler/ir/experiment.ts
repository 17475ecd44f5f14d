import type { Interval } from './interval.js';
import { elementCount, type Shape } from './shape.js';
import type { Arguments, LayerReference, Origin, WordValue } from './value.js';

/**
 * One experiment with every param replaced by its value and every shape known: what a trial trains.
 * Seeds are not part of it.
 */
export interface ExperimentIr {
  readonly name: string;
  readonly data: DataNode;
  /** Acts on the input only, after crops and before `normalize`. */
  readonly corruption: WordValue | null;
  readonly encoder: readonly LayerNode[];
  readonly decoder: readonly LayerNode[];
  readonly loss: readonly LossTerm[];
  /** In the order of the file; the last may be the one `train`. */
  readonly stages: readonly StageNode[];
  readonly evaluations: readonly WordValue[];
  readonly figures: readonly WordValue[];
}

export interface DataNode {
  readonly dataset: WordValue;
  readonly transforms: readonly WordValue[];
  /** As stored, before any transform. */
  readonly storedShape: Shape;
  /** What the network sees. */
  readonly shape: Shape;
  /** Of the values that the network sees of training examples. */
  readonly range: Interval;
  /** The same of any examples. */
  readonly rangeOfAll: Interval;
  /** Of the raw values, before the transforms. */
  readonly storedRange: Interval;
  /** What pictures show and errors are measured in: `storedRange`, or [0, 1] of the values that `binarize` made. */
  readonly rawRange: Interval;
  /** Number of examples of each part; `validation` is 0 where there is none. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly classes: number | null;
}

export interface LayerNode {
  readonly kind: 'layer';
  readonly word: string;
  readonly version: number;
  readonly arguments: Arguments;
  /**
   * `encoder/0`, `encoder/1/mu`: the address of its weights and random numbers. Only layers that have either are
   * counted; null for the others (activations, flatten, pools), so that writing one out moves nobody's numbers.
   */
  readonly address: string | null;
  readonly label: string | null;
  readonly origin: Origin;
  readonly input: Shape;
  readonly output: Shape;
  /** Of the values that come out. */
  readonly range: Interval;
  readonly weights: readonly WeightNode[];
  /** `reparameterize`'s mu and logvar; empty for every other layer. */
  readonly heads: Readonly<Record<string, readonly LayerNode[]>>;
}

/** A learned tensor, or a running statistic. */
export interface WeightNode {
  /** `weight`, `bias`: PyTorch's names. */
  readonly name: string;
  readonly shape: Shape;
  /** False for running statistics: no gradient, no decay. */
  readonly trainable: boolean;
  readonly initial: InitialValue;
  /** The weight this one is the transpose of, when the decoder is tied: the owner's address and name. It has no value of its own. */
  readonly tiedTo: { readonly address: string; readonly name: string } | null;
}

export type InitialValue =
  /** U(-bound, bound) */
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'truncated_normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'orthogonal'; readonly gain: number };

export interface LossTerm {
  /** The metric it is recorded as: the word, with `_2` for the second of its kind. */
  readonly name: string;
  readonly weight: number | WordValue;
  readonly loss: WordValue;
}

export type StageNode = PretrainStage | TrainStage;

export interface PretrainStage {
  readonly kind: 'pretrain';
  /** `pretrain`, `pretrain_2`, …: what its metrics are recorded under. */
  readonly name: string;
  readonly method: WordValue;
  /** Indices, in the encoder, of the layers with weights that it trains, first to last. */
  readonly layers: readonly number[];
  readonly settings: Arguments;
}

export interface TrainStage {
  readonly kind: 'train';
  readonly name: 'train';
  readonly optimizer: WordValue;
  readonly settings: Arguments;
}

/** The encoder's output after its activation. */
export function codeReference(experiment: Pick<ExperimentIr, 'encoder'>): LayerReference {
  return { kind: 'layer', block: 'encoder', index: experiment.encoder.length - 1, head: null };
}

/** Learned numbers of a network; a tied weight counts once. */
export function parameterCount(nodes: readonly LayerNode[]): number {
  return nodes.reduce((total, node) => {
    const own = node.weights.filter((w) => w.trainable && w.tiedTo === null).map((w) => elementCount(w.shape));
    const heads = Object.values(node.heads).map(parameterCount);
    return total + [...own, ...heads].reduce((sum, n) => sum + n, 0);
  }, 0);
}
