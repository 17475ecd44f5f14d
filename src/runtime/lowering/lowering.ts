import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';
import type { LayerReference } from '../../compiler/ir/value.js';
import type { Library } from '../../compiler/library/library.js';
import type { Parameters, ResolvedArgumentsOf } from '../../compiler/library/parameter.js';
import type {
  ClipWord,
  ConstraintWord,
  LayerWord,
  LossWord,
  OptimizerWord,
  WordsOf,
} from '../../compiler/library/word.js';
import type { RandomPlace } from '../random/place.js';
import type { FusedActivation, FusedOperations, FusedUpdate } from './fused-operations.js';
import type { Operations } from './operations.js';

/** A layer's random numbers at one step: drawn at its address or, in a golden case, stored. */
export interface Noise {
  /**
   * Uniform on [0, 1).
   * @param purpose names the stream, such as `mask`
   */
  uniform(purpose: string, shape: readonly number[]): Tensor;
  /** Standard normal. */
  normal(purpose: string, shape: readonly number[]): Tensor;
  /** Position of these numbers in their stream, for a kernel that draws them itself; absent if they are stored. */
  readonly place?: (purpose: string, shape: readonly number[]) => RandomPlace;
}

/** Everything a layer needs besides its arguments and its input. */
export interface LayerContext {
  /** Weights by name, in PyTorch's layouts. */
  readonly weights: Readonly<Record<string, Tensor>>;
  /**
   * Names of the weights that belong to the layer this one undoes, in that layer's layout: a tied `dense` gets
   * `[inputs, features]`; a tied `conv_transpose2d` gets the kernels of the `conv2d`, which already have its own
   * layout.
   */
  readonly tied: ReadonlySet<string>;
  /** Shape of one example, in the language's order: `[channels, height, width]` or `[features]`. */
  readonly input: Shape;
  readonly output: Shape;
  /** Whether the input depends on no weight, and so needs no gradient. */
  readonly constantInput: boolean;
  readonly training: boolean;
  /** Whether latent variables are sampled, rather than at their means; always true in training. */
  readonly sampling: boolean;
  readonly noise: Noise;
  /** Outputs of the labelled blocks, `mu` and `logvar`. */
  readonly heads: Readonly<Record<string, Tensor>>;
  /** Input and output of an earlier layer. */
  readonly earlier: (layer: LayerReference) => { readonly input: Tensor; readonly output: Tensor };
  /** Arguments of an earlier layer, such as the pool that an `unpool2d` undoes. */
  readonly argumentsOf: (layer: LayerReference) => ResolvedArgumentsOf<Parameters>;
  /** The examples' classes, one-hot, `[batch, classes]`. @throws RangeError without them */
  readonly condition: () => Tensor;
  /** Takes the new value of a running statistic, which is kept after the step. */
  readonly update: (weight: string, value: Tensor) => void;
}

/**
 * A layer's computation. Images are `[batch, height, width, channels]` here, as TF.js's convolutions expect; features
 * are `[batch, features]`. `flatten` and `reshape` return elements in the language's order.
 */
export interface LayerLowering<P extends Parameters = Parameters> {
  forward(args: ResolvedArgumentsOf<P>, input: Tensor, context: LayerContext): Tensor;
  /** Present if the layer is an activation that kernels can apply to their own results. */
  readonly fusedActivation?: FusedActivation;
  /** `forward` and a following activation in one kernel. */
  fusedForward?(
    args: ResolvedArgumentsOf<P>,
    input: Tensor,
    context: LayerContext,
    activation: FusedActivation,
    fused: FusedOperations,
  ): Tensor;
}

export interface LossLoweringContext {
  /** The decoder's output and what it must give, `[batch, …]`, of the same shape. */
  readonly prediction: Tensor;
  readonly target: Tensor;
  /** The clean input, which is the target unless the experiment has another. */
  readonly input: Tensor;
  readonly layer: (reference: LayerReference) => Tensor;
  /** The layer whose output a layer takes. */
  readonly below: (reference: LayerReference) => LayerReference;
  readonly argumentsOf: (reference: LayerReference) => ResolvedArgumentsOf<Parameters>;
  /** The biases added to `W h` up to a layer: those from it down to the nearest layer with a `weight`. */
  readonly biases: (reference: LayerReference) => readonly Tensor[];
  /** The weight of this name of a layer, or of the nearest under it that has one, in that layer's own layout. */
  readonly weight: (reference: LayerReference, name: string) => Tensor;
}

/**
 * A loss term's computation.
 *
 * Most terms are means or sums over a batch's examples, so their value for a whole part of the data is the mean of the
 * batches' values. A term that is a function of a mean over examples (ρ̂) declares it as `statistic`, and is computed
 * from the mean over the whole part.
 */
export interface LossLowering<P extends Parameters = Parameters> {
  /** The unweighted term. */
  value(args: ResolvedArgumentsOf<P>, context: LossLoweringContext): Scalar;
  readonly statistic?: BatchStatistic<P>;
  /** Maps the decoder's output to the reconstruction, if the two differ: the sigmoid of a logit. */
  readonly reconstruction?: (prediction: Tensor) => Tensor;
}

export interface BatchStatistic<P extends Parameters> {
  /** The mean over a batch's examples that the term is a function of. */
  mean(args: ResolvedArgumentsOf<P>, context: LossLoweringContext): Tensor;
  /**
   * The term per example, given that mean over any number of examples.
   * @param wantedElements elements of what the decoder must give for one example
   */
  value(args: ResolvedArgumentsOf<P>, mean: Tensor, wantedElements: number): Scalar;
}

/** Tensors that an optimizer keeps for a weight between updates, by slot (`m`, `v`), each of the weight's shape. */
export type OptimizerSlots = Readonly<Record<string, Tensor>>;

/** Updates one weight, leaving the given tensors unchanged. */
export type WeightUpdate = (
  weight: Tensor,
  gradient: Tensor,
  slots: OptimizerSlots,
) => { readonly weight: Tensor; readonly slots: OptimizerSlots };

export interface OptimizerLowering<P extends Parameters = Parameters> {
  /**
   * The update with this number, for every weight.
   * @param count from 1
   */
  update(args: ResolvedArgumentsOf<P>, count: number): WeightUpdate;
  /** The same for a kernel that updates all weights at once, with slots in the word's order. */
  fusedUpdate?(args: ResolvedArgumentsOf<P>, count: number): FusedUpdate;
}

export interface ClipLowering<P extends Parameters = Parameters> {
  /** @param norm L2 norm of all gradients together */
  clip(args: ResolvedArgumentsOf<P>, gradients: readonly Tensor[], norm: number): readonly Tensor[];
}

export interface ConstraintLowering<P extends Parameters = Parameters> {
  /** Whether `projected` depends on what the weight started from. */
  readonly seesStart?: true;
  /**
   * The weight that a trained one becomes after an update.
   * @param weight `[units, …]`, in PyTorch's layout
   * @param axes those of a unit's incoming weights: all but the first
   * @param start what the weight started from; the weight itself unless `seesStart`
   */
  projected(args: ResolvedArgumentsOf<P>, weight: Tensor, axes: readonly number[], start: Tensor): Tensor;
  /** What clipping and the optimizer are given in place of the gradient; the gradient itself if that stays as it is. */
  gradient?(args: ResolvedArgumentsOf<P>, weight: Tensor, gradient: Tensor, axes: readonly number[]): Tensor;
}

// Words with their computations, which they build from the operations they are handed.

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

export interface LoweredConstraint<P extends Parameters = Parameters> extends ConstraintWord<P> {
  lower(operations: Operations): ConstraintLowering<P>;
}

/** Words as the runtime knows them. */
export interface LoweredWords extends WordsOf {
  readonly layer: LoweredLayer;
  readonly loss: LoweredLoss;
  readonly optimizer: LoweredOptimizer;
  readonly clip: LoweredClip;
  readonly constraint: LoweredConstraint;
}

export type LoweredLibrary = Library<LoweredWords>;
