import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type { ClipWord, LayerWord, LossWord, OptimizerWord, WordsOf } from '../../compiler/library/word.js';
import type { RandomPlace } from '../random/place.js';
import type { FusedActivation, FusedOperations, FusedUpdate } from './fused-operations.js';
import type { Operations } from './operations.js';

/** The random numbers of one layer at one step; drawn from its address, or stored ones in a golden case. */
export interface Noise {
  /** Of U[0, 1). @param purpose names the stream, such as `mask` */
  uniform(purpose: string, shape: readonly number[]): Tensor;
  /** Standard normal. */
  normal(purpose: string, shape: readonly number[]): Tensor;
  /** Where these numbers are in their stream, for a kernel that draws them itself; absent for stored ones. */
  readonly place?: (purpose: string, shape: readonly number[]) => RandomPlace;
}

/** What a layer needs beside its arguments and its input. */
export interface LayerContext {
  /** By name, in PyTorch's layouts. */
  readonly weights: Readonly<Record<string, Tensor>>;
  /**
   * Names of the weights that belong to the layer this one undoes. They come as that layer has them: a tied `dense`
   * gets `[inputs, features]`, a tied `conv_transpose2d` the kernels of the `conv2d`, which are its own layout already.
   */
  readonly tied: ReadonlySet<string>;
  /** Of one example, in the language's order: `[channels, height, width]` or `[features]`. */
  readonly input: Shape;
  readonly output: Shape;
  /** Whether no weight has gone into the layer's input, so that no gradient needs to go on to it. */
  readonly constantInput: boolean;
  readonly training: boolean;
  /** Whether latent variables are drawn, rather than at their means; always while training. */
  readonly sampling: boolean;
  readonly noise: Noise;
  /** Outputs of the labelled blocks, `mu` and `logvar`. */
  readonly heads: Readonly<Record<string, Tensor>>;
  /** The input and output of a layer that came before. */
  readonly earlier: (layer: LayerReference) => { readonly input: Tensor; readonly output: Tensor };
  /** The arguments of a layer that came before, such as the pool that an `unpool2d` undoes. */
  readonly argumentsOf: (layer: LayerReference) => ResolvedArgumentsOf<Parameters>;
  /** A running statistic's new value; kept after the step. */
  readonly update: (weight: string, value: Tensor) => void;
}

/**
 * What a layer computes. Images are `[batch, height, width, channels]` inside, as TF.js's convolutions want them;
 * features are `[batch, features]`. `flatten` and `reshape` give the elements in the language's order.
 */
export interface LayerLowering<P extends Parameters = Parameters> {
  forward(args: ResolvedArgumentsOf<P>, input: Tensor, context: LayerContext): Tensor;
  /** Where the layer is an activation that a kernel can apply to its own result. */
  readonly fusedActivation?: FusedActivation;
  /** What `forward` and an activation after it give together, in one kernel. */
  fusedForward?(
    args: ResolvedArgumentsOf<P>,
    input: Tensor,
    context: LayerContext,
    activation: FusedActivation,
    fused: FusedOperations,
  ): Tensor;
}

export interface LossLoweringContext {
  /** The decoder's output and the clean input, `[batch, …]` of one shape. */
  readonly prediction: Tensor;
  readonly target: Tensor;
  /** The output of a layer. */
  readonly layer: (reference: LayerReference) => Tensor;
  /** A weight of the layer whose output, or whose activation's output, this is, in the layer's own layout. */
  readonly weight: (reference: LayerReference, name: string) => Tensor;
}

/**
 * What a term of the loss computes.
 *
 * Most terms are means or sums over the examples of a batch, so that their value for a whole part of the data is the
 * mean of the batches' values. A term that is a function of a mean over examples (ρ̂) says so with `statistic`, and is
 * then computed from that mean over the whole part.
 */
export interface LossLowering<P extends Parameters = Parameters> {
  /** The term without its weight. */
  value(args: ResolvedArgumentsOf<P>, context: LossLoweringContext): Scalar;
  readonly statistic?: BatchStatistic<P>;
  /** What the decoder's output stands for, where it isn't the reconstruction itself: the sigmoid of a logit. */
  readonly reconstruction?: (prediction: Tensor) => Tensor;
}

export interface BatchStatistic<P extends Parameters> {
  /** The mean over the examples of a batch that the term is a function of. */
  mean(args: ResolvedArgumentsOf<P>, context: LossLoweringContext): Tensor;
  /**
   * The term of one example, from that mean over any number of examples.
   * @param inputElements of one example of the network's input
   */
  value(args: ResolvedArgumentsOf<P>, mean: Tensor, inputElements: number): Scalar;
}

/** Tensors an optimizer keeps between updates, by slot (`m`, `v`), of the weight's shape. */
export type OptimizerSlots = Readonly<Record<string, Tensor>>;

/** One update of one weight, without touching the tensors it is given. */
export type WeightUpdate = (
  weight: Tensor,
  gradient: Tensor,
  slots: OptimizerSlots,
) => { readonly weight: Tensor; readonly slots: OptimizerSlots };

export interface OptimizerLowering<P extends Parameters = Parameters> {
  /**
   * What the update of this number does to every weight.
   * @param count number of this update, from 1
   */
  update(args: ResolvedArgumentsOf<P>, count: number): WeightUpdate;
  /** The same for a kernel that updates all weights at once; its slots are those of the word, in their order. */
  fusedUpdate?(args: ResolvedArgumentsOf<P>, count: number): FusedUpdate;
}

export interface ClipLowering<P extends Parameters = Parameters> {
  /** @param norm of all gradients together */
  clip(args: ResolvedArgumentsOf<P>, gradients: readonly Tensor[], norm: number): readonly Tensor[];
}

// Words with what they compute, which they say once they are handed the operations for it.

export interface LoweredLayer<P extends Parameters = Parameters> extends LayerWord<P> {
  lower(operations: Operations): LayerLowering<P>;
}

export interface LoweredLoss<P extends Parameters = Parameters> extends LossWord<P> {
  lower(operations: Operations): LossLowering<P>;
}

export interface LoweredOptimizer<P extends Parameters = Parameters> extends OptimizerWord<P> {
  lower(operations: Operations): OptimizerLowering<P>;
}

export interface LoweredClip<P extends Parameters = Parameters> extends ClipWord<P> {
  lower(operations: Operations): ClipLowering<P>;
}

/** What the runtime knows of words. */
export interface LoweredWords extends WordsOf {
  readonly layer: LoweredLayer;
  readonly loss: LoweredLoss;
  readonly optimizer: LoweredOptimizer;
  readonly clip: LoweredClip;
}

export type LoweredLibrary = Library<LoweredWords>;
