import type { Interval } from './interval.js';
import { elementCount, type Shape } from './shape.js';
import { type Arguments, type LayerReference, type Origin, ownValue, type WordUse, type WordValue } from './value.js';

/** One experiment with all params substituted and all shapes known: what a trial trains. Does not include seeds. */
export interface ExperimentIr {
  readonly name: string;
  readonly data: DataNode;
  /** What the decoder must give; null for the input. Its examples are divided as those of the data. */
  readonly target: DataNode | null;
  /** Applied to the input only, in this order, after crops. */
  readonly corruptions: readonly WordValue[];
  readonly encoder: readonly LayerNode[];
  readonly decoder: readonly LayerNode[];
  readonly loss: readonly LossTerm[];
  /** In file order; a `train` stage, if any, comes last. */
  readonly stages: readonly StageNode[];
  readonly evaluations: readonly WordValue[];
  readonly figures: readonly WordValue[];
}

export interface DataNode {
  readonly dataset: WordValue;
  readonly transforms: readonly WordValue[];
  /** Shape of a stored example, before any transform. */
  readonly storedShape: Shape;
  /** Shape of the network's input. */
  readonly shape: Shape;
  /** Range of the network's input for training examples. */
  readonly range: Interval;
  /** Range of the network's input for any examples. */
  readonly rangeOfAll: Interval;
  /** Range of the raw values, before the transforms. */
  readonly storedRange: Interval;
  /** Range that figures show and errors are measured in: `storedRange`, or [0, 1] after `binarize`. */
  readonly rawRange: Interval;
  /** Number of examples in each split; `validation` is 0 if there is none. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly classes: number | null;
  /** Whether the training examples have labels, and those of a test file don't. Only for checks. */
  readonly isTestUnlabelled: boolean;
  /** The columns of a table that are conditions, and no features. */
  readonly conditions: readonly DataCondition[];
  /** Places of features that say with 0 or 1 whether an example is of a category; no transform takes statistics of them. */
  readonly indicators: readonly number[];
  /** The classes that are trained on, by name, or by number without names; null for all. */
  readonly trainOn: readonly string[] | null;
  /** The classes that there are; null if they aren't known, or there are none. Only for checks. */
  readonly classNames: readonly string[] | null;
  /** Features that its examples are made of; null if they aren't known. Only for checks. */
  readonly trueFeatures: number | null;
  /** Memory of the examples once they are read, in bytes. */
  readonly bytes: number;
  /** The same while they are read. */
  readonly bytesReading: number;
  /** Memory that examples would take that stay in their files, in bytes. */
  readonly bytesInFiles: number;
}

/** A column of a table that layers may be given besides an example. */
export interface DataCondition {
  readonly name: string;
  /** The texts that training examples have, sorted: each becomes a 0 or a 1. Null for a number. */
  readonly categories: readonly string[] | null;
  /** Range of what layers are given of it. */
  readonly range: Interval;
}

/** Values that a condition becomes: one of a number, and one for each category. */
export function conditionSize({ categories }: Pick<DataCondition, 'categories'>): number {
  return categories === null ? 1 : categories.length;
}

export interface LayerNode extends WordUse {
  readonly kind: 'layer';
  readonly version: number;
  readonly arguments: Arguments;
  /**
   * Address of its weights and random numbers: `encoder/0`, `encoder/1/mu`. Null for layers that have neither
   * (activations, flatten, pools), which are not counted, so that writing one out does not change anyone's numbers.
   */
  readonly address: string | null;
  readonly label: string | null;
  readonly origin: Origin;
  readonly input: Shape;
  readonly output: Shape;
  /** Range of the output. */
  readonly range: Interval;
  readonly weights: readonly WeightNode[];
  /** `reparameterize`'s mu and logvar; empty for all other layers. */
  readonly heads: Readonly<Record<string, readonly LayerNode[]>>;
}

/** A learned tensor, or a running statistic. */
export interface WeightNode {
  /** PyTorch's names: `weight`, `bias`. */
  readonly name: string;
  readonly shape: Shape;
  /** False for running statistics: no gradient, no decay. */
  readonly trainable: boolean;
  readonly initial: InitialValue;
  /** The weight of an earlier layer that holds the value; null for one of its own. */
  readonly tiedTo: TiedWeight | null;
}

export type InitialValue =
  /** U(-bound, bound) */
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'truncated_normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'orthogonal'; readonly gain: number }
  /** Normal numbers, of which each row is scaled to the norm. */
  | { readonly kind: 'directions'; readonly norm: number }
  /** The transpose of what another weight starts from; a kernel is the same tensor in a convolution and its transpose. */
  | { readonly kind: 'transposed'; readonly of: WeightPlace }
  /** The center of the first training examples, of a weight with a number for each value of an example. */
  | { readonly kind: 'center'; readonly center: DataCenter }
  /** What the weight of the same name came to in a layer of a stored run, or has in a file of weights. */
  | { readonly kind: 'of_run'; readonly run: string; readonly layer: string };

export type DataCenter = 'mean' | 'geometric_median';

/** A weight by the address of its layer, and its name. */
export interface WeightPlace {
  readonly address: string;
  readonly name: string;
}

/** A weight that a layer uses and another one owns. */
export interface TiedWeight extends WeightPlace {
  /** Whether it is the opposite of its owner, as in a tied decoder, rather than its owner once more. */
  readonly transposed: boolean;
}

/** Where a layer's weight is held: by the layer itself, or by the one whose weight it uses. */
export function holderOf(
  { address }: Pick<LayerNode, 'address'>,
  { name, tiedTo }: Pick<WeightNode, 'name' | 'tiedTo'>,
): WeightPlace | null {
  if (tiedTo !== null) return { address: tiedTo.address, name: tiedTo.name };
  return address === null ? null : { address, name };
}

/** Whether a layer is an earlier one once more, with that one's weights. */
export function isShared({ weights }: Pick<LayerNode, 'weights'>): boolean {
  return weights.some(({ tiedTo }) => tiedTo !== null && !tiedTo.transposed);
}

export interface LossTerm {
  /** Name of its recorded metric: the word, with `_2` for the second of its kind. */
  readonly name: string;
  readonly weight: number | WordValue;
  readonly loss: WordValue;
}

export type StageNode = PretrainStage | TrainStage;

export interface PretrainStage {
  readonly kind: 'pretrain';
  /** Prefix of its metrics: `pretrain`, `pretrain_2`, … */
  readonly name: string;
  readonly method: WordValue;
  /** Encoder indices of the layers with weights that it trains, in order. */
  readonly layers: readonly number[];
  readonly settings: Arguments;
}

export interface TrainStage {
  readonly kind: 'train';
  readonly name: 'train';
  readonly optimizer: WordValue;
  readonly settings: Arguments;
}

/** What the decoder must give: the target, or the input. */
export function wantedOf({ data, target }: Pick<ExperimentIr, 'data' | 'target'>): DataNode {
  return target ?? data;
}

/** Memory of all examples once they are read, in bytes. */
export function dataBytes({ data, target }: Pick<ExperimentIr, 'data' | 'target'>): number {
  return data.bytes + (target?.bytes ?? 0);
}

/** Memory that examples would take that stay in their files, in bytes. */
export function bytesInFiles({ data, target }: Pick<ExperimentIr, 'data' | 'target'>): number {
  return data.bytesInFiles + (target?.bytesInFiles ?? 0);
}

/** Memory while the examples are read, one set after the other, in bytes. */
export function readingBytes({ data, target }: Pick<ExperimentIr, 'data' | 'target'>): number {
  return Math.max(data.bytesReading, target === null ? 0 : data.bytes + target.bytesReading);
}

/** The encoder's output after its activation. */
export function codeReference(experiment: Pick<ExperimentIr, 'encoder'>): LayerReference {
  return { kind: 'layer', block: 'encoder', index: experiment.encoder.length - 1, head: null };
}

/** Address of a layer with weights or random numbers. @throws RangeError for one with neither */
export function addressOf({ address, word }: Pick<LayerNode, 'address' | 'word'>): string {
  if (address === null) throw new RangeError(`the layer '${word}' has no address`);
  return address;
}

/** The layer that gives an output: for a head, its last. */
export function layerAt(
  { block, index, head }: LayerReference,
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
): LayerNode | undefined {
  const node = experiment[block][index];
  return head === null ? node : (node && ownValue(node.heads, head))?.at(-1);
}

/** Layers with those in their heads, each before the layer that it is a head of. */
export function withHeads(nodes: readonly LayerNode[]): readonly LayerNode[] {
  return nodes.flatMap((node) => [...Object.values(node.heads).flatMap(withHeads), node]);
}

/** Number of learned parameters of a network; tied weights count once. */
export function parameterCount(nodes: readonly LayerNode[]): number {
  return nodes.reduce((total, node) => {
    const own = node.weights.filter((w) => w.trainable && w.tiedTo === null).map((w) => elementCount(w.shape));
    const heads = Object.values(node.heads).map(parameterCount);
    return total + [...own, ...heads].reduce((sum, n) => sum + n, 0);
  }, 0);
}
