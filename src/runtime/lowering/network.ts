import { concat, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { InitialValue } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import { inputReference, isInputReference, type LayerReference } from '../../compiler/ir/value.js';
import type { ColumnPlace } from '../../compiler/library/conditions-needed.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import type { ArgumentsAt } from './arguments.js';
import { type FusedOperations, fusedOperations } from './fused-operations.js';
import { withoutGradient } from './gradient.js';
import type { ConstraintLowering, LayerContext, LayerLowering, Noise } from './lowering.js';
import { mapValues } from './map-values.js';

/** A layer in its network: its computation, its source and its weights. */
export interface NetworkNode {
  /** `encoder/3`, `encoder/3/mu`: see `referenceKey`. */
  readonly key: string;
  readonly lowering: Pick<LayerLowering, 'forward' | 'fusedForward' | 'fusedActivation'>;
  readonly argumentsAt: ArgumentsAt;
  /** Key of the node whose output it takes, or the network's `inputKey`. */
  readonly source: string;
  /** Keys of the other outputs that it depends on, but for its heads: the layers that its arguments name. */
  readonly joined: readonly string[];
  /** Keys of the nodes whose outputs are its heads. */
  readonly heads: Readonly<Record<string, string>>;
  /** Whether its output is drawn from a distribution where latent variables are sampled. */
  readonly isLatent: boolean;
  readonly weights: Readonly<Record<string, WeightUse>>;
  /** Address of its random streams; null if it draws nothing. */
  readonly address: string | null;
  readonly input: Shape;
  readonly output: Shape;
  /** What it is given besides its input: the examples' class, or columns; absent for nothing. */
  readonly given?: 'class' | readonly ColumnPlace[];
  /** Key of the following activation, if nothing else takes this node's output; see `withFollowers`. */
  readonly follower?: string;
}

export interface WeightUse {
  /** Key in `Network.weights`. */
  readonly key: string;
  /** Whether the weight belongs to another layer, and has that layer's layout. */
  readonly tied: boolean;
}

/** A tensor that the network owns. */
export interface NetworkWeight {
  /** `encoder/0/weight` */
  readonly key: string;
  readonly address: string;
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly initial: InitialValue;
  readonly constraint?: WeightConstraint;
}

export interface WeightConstraint {
  /** Whether `projected` depends on what the weight started from. */
  readonly seesStart: boolean;
  /** Follows each update. @param start what the weight started from; the weight itself unless `seesStart` */
  readonly projected: (weight: Tensor, start: Tensor) => Tensor;
  /** Precedes it; the same tensor for a gradient that stays as it is. */
  readonly gradient: (weight: Tensor, gradient: Tensor) => Tensor;
}

/** A constraint's word, for a weight of this shape. */
export function weightConstraint(
  lowering: ConstraintLowering,
  args: ResolvedArgumentsOf<Parameters>,
  shape: Shape,
): WeightConstraint {
  const axes = shape.slice(1).map((_, axis) => axis + 1);
  return {
    seesStart: lowering.seesStart === true,
    projected: (weight, start) => lowering.projected(args, weight, axes, start),
    gradient: (weight, gradient) => lowering.gradient?.(args, weight, gradient, axes) ?? gradient,
  };
}

export interface Network {
  /** Each node comes after those it depends on. */
  readonly nodes: readonly NetworkNode[];
  /** In structural order, as in hashes and files. */
  readonly weights: readonly NetworkWeight[];
  readonly input: Shape;
  /** Shape of what its decoder must give, which is its output. */
  readonly wanted: Shape;
  /** Key of its input: `networkInput`, or a layer's for the layers above that one. */
  readonly inputKey: string;
  /** Number of classes that its layers are given; 0 if none of them needs the class. */
  readonly classes: number;
  /** Values of the columns that its layers are given; 0 if none of them needs any. */
  readonly columns: number;
  /** Key of the node whose output is the reconstruction. */
  readonly output: string;
}

/** Source of a network's first layer. */
export const networkInput = 'input';

/** `encoder/3`, `encoder/3/mu` for a head, or `networkInput`. */
export function referenceKey({ block, index, head }: Pick<LayerReference, 'block' | 'index' | 'head'>): string {
  if (isInputReference({ block, index })) return networkInput;
  return head === null ? `${block}/${index}` : `${block}/${index}/${head}`;
}

/** The layer that a key stands for. @throws RangeError for anything else */
export function referenceOf(key: string): LayerReference {
  if (key === networkInput) return inputReference;
  const [block, index, head = null, ...more] = key.split('/');
  if ((block !== 'encoder' && block !== 'decoder') || more.length > 0) throw new RangeError(`'${key}' is no layer`);
  return { kind: 'layer', block, index: Number(index), head };
}

export function weightKey(address: string, name: string): string {
  return `${address}/${name}`;
}

/** Everything that a pass through a network depends on, besides its input. */
export interface Pass {
  /** The examples' class, one-hot, and columns, `[batch, classes + columns]`; null for a network that needs neither. */
  readonly condition: Tensor | null;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly training: boolean;
  /** Whether latent variables are sampled, rather than at their means. */
  readonly sampling: boolean;
  readonly time: ScheduleTime;
  /** Random numbers of the layer at an address. */
  readonly noise: (address: string) => Noise;
  /** Takes the new value of a running statistic. */
  readonly update: (key: string, value: Tensor) => void;
  /** A running statistic that this pass has updated already, from which the next use of a shared layer goes on. */
  readonly updated?: (key: string) => Tensor | undefined;
}

/** The outputs of all layers in one pass. */
export interface Activations {
  /** `[batch, height, width, channels]` or `[batch, features]` */
  readonly output: Tensor;
  /** @throws RangeError for an unknown node */
  of(key: string): Tensor;
  /**
   * Passes an output to `use`; it isn't differentiated and may be freed afterwards.
   * @throws RangeError for an unknown node
   */
  look<R>(key: string, use: (output: Tensor) => R): R;
}

/** Layers without an address draw nothing. */
const noNoise: Noise = {
  uniform: () => {
    throw new RangeError('a layer without an address draws no random numbers');
  },
  normal: () => {
    throw new RangeError('a layer without an address draws no random numbers');
  },
};

/**
 * Passes a batch through a network.
 * @param input `[batch, height, width, channels]` or `[batch, features]`
 */
export function forward(network: Network, input: Tensor, pass: Pass): Activations {
  return new ForwardPass(network, input, pass);
}

class ForwardPass implements Activations {
  readonly #pass: Pass;
  readonly #fused: FusedOperations | null;
  readonly #outputs: Map<string, Tensor>;
  readonly #placed = new Map<string, NetworkNode>();
  /** Keys of the outputs that depend on no weight. */
  readonly #constant: Set<string>;
  /** Where the columns begin in the condition. */
  readonly #classes: number;
  readonly output: Tensor;

  constructor(network: Network, input: Tensor, pass: Pass) {
    this.#pass = pass;
    this.#classes = network.classes;
    this.#fused = fusedOperations();
    this.#outputs = new Map([[network.inputKey, input]]);
    this.#constant = new Set([network.inputKey]);
    const byKey = new Map(network.nodes.map((node) => [node.key, node]));
    for (const node of network.nodes) {
      this.#placed.set(node.key, node);
      if (!this.#outputs.has(node.key)) this.#compute(node, byKey);
      if (isConstant(node, this.#constant)) this.#constant.add(node.key);
      for (const [head, key] of Object.entries(node.heads)) this.#outputs.set(`${node.key}/${head}`, this.of(key));
    }
    this.output = this.of(network.output);
  }

  of(key: string): Tensor {
    const output = this.#outputs.get(key) ?? this.#between(key);
    this.#outputs.set(key, output);
    return output;
  }

  look<R>(key: string, use: (output: Tensor) => R): R {
    const output = this.#outputs.get(key);
    return output ? use(output) : withoutGradient(() => use(this.#between(key)));
  }

  /** The output between a layer and its fused activation, computed only on request. */
  #between(key: string): Tensor {
    const node = this.#placed.get(key);
    if (node?.follower === undefined) throw new RangeError(`the network has no output '${key}'`);
    return this.#alone(node);
  }

  #compute(node: NetworkNode, byKey: ReadonlyMap<string, NetworkNode>): void {
    const { lowering } = node;
    if (this.#fused === null || !lowering.fusedForward) {
      this.#outputs.set(node.key, this.#alone(node));
      return;
    }
    const follower = node.follower === undefined ? undefined : byKey.get(node.follower);
    const activation = follower?.lowering.fusedActivation ?? 'linear';
    const args = node.argumentsAt(this.#pass.time);
    const input = this.of(node.source);
    const output = lowering.fusedForward(args, input, this.#contextOf(node), activation, this.#fused);
    this.#outputs.set(activation === 'linear' ? node.key : (follower?.key ?? node.key), output);
  }

  #alone(node: NetworkNode): Tensor {
    return node.lowering.forward(node.argumentsAt(this.#pass.time), this.of(node.source), this.#contextOf(node));
  }

  #conditionOf({ given }: NetworkNode): Tensor {
    const { condition } = this.#pass;
    if (condition === null || given === undefined) throw new RangeError('a layer needs a condition, and there is none');
    if (given === 'class') return valuesOf(condition, { start: 0, size: this.#classes });
    const parts = given.map(({ start, size }) => valuesOf(condition, { start: this.#classes + start, size }));
    const [first] = parts;
    return parts.length === 1 && first ? first : concat(parts, 1);
  }

  #contextOf(node: NetworkNode): LayerContext {
    const { weights, training, sampling, time, noise, update, updated } = this.#pass;
    const earlierNode = (layer: LayerReference) => found(this.#placed, referenceKey(layer), 'layer');
    const outputOf = (key: string) => this.of(key);
    return {
      weights: mapValues(node.weights, ({ key }) => updated?.(key) ?? found(weights, key, 'weight')),
      tied: new Set(Object.keys(node.weights).filter((name) => node.weights[name]?.tied)),
      input: node.input,
      output: node.output,
      constantInput: this.#constant.has(node.source),
      training,
      sampling,
      noise: node.address === null ? noNoise : noise(node.address),
      heads: mapValues(node.heads, (key) => this.of(key)),
      earlier: (layer) => ({
        get input() {
          return outputOf(earlierNode(layer).source);
        },
        get output() {
          return outputOf(referenceKey(layer));
        },
      }),
      argumentsOf: (layer) => earlierNode(layer).argumentsAt(time),
      condition: () => this.#conditionOf(node),
      update: (name, value) => update(found(new Map(Object.entries(node.weights)), name, 'weight').key, value),
    };
  }
}

/** Some values of each example. */
function valuesOf(condition: Tensor, { start, size }: ColumnPlace): Tensor {
  const [count = 0, all] = condition.shape;
  return size === all ? condition : slice(condition, [0, start], [count, size]);
}

function isConstant({ source, joined, weights, heads }: NetworkNode, constant: ReadonlySet<string>): boolean {
  const takesConstants = [source, ...joined].every((key) => constant.has(key));
  return takesConstants && Object.keys(weights).length === 0 && Object.keys(heads).length === 0;
}

function found<T>(map: ReadonlyMap<string, T>, key: string, what: string): T {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`the network has no ${what} '${key}'`);
  return value;
}
