import { backend, type KernelBackend, type Scalar, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { RandomPlace } from '../random/place.js';

/**
 * A backend's fused operations. Their bits are those of the separate operations, forward and backward, so only speed
 * depends on them. TF.js differentiates their results unless noted.
 */
export interface FusedOperations {
  /** activation(input · weight + bias), `[batch, features]` */
  dense(layer: FusedDense): Tensor;
  /** activation(convolution + bias), `[batch, height, width, out]` */
  convolution(layer: FusedConvolution): Tensor;
  /** activation(transposed convolution + bias), as images of the given size */
  transposedConvolution(layer: FusedConvolution, size: readonly [height: number, width: number]): Tensor;
  /** factor · Σ loss(prediction, target) over all elements; the target gets no gradient. */
  elementLoss(loss: FusedLoss, prediction: Tensor, target: Tensor, factor: number): Scalar;
  /**
   * Divergence of each unit's mean activation over the batch from rho, summed over units and multiplied by the factor.
   * @param activations `[batch, …units]`
   */
  sparsity(activations: Tensor, rho: number, factor: number): Scalar;
  /** Mean over the batch of ½ (mu² + exp(logvar) - 1 - logvar), `[dimensions]`. */
  gaussianDivergence(mu: Tensor, logvar: Tensor): Tensor;
  /** mu + eps · exp(logvar / 2), drawing standard normal eps in the kernel. */
  reparameterize(mu: Tensor, logvar: Tensor, place: RandomPlace): Tensor;
  /** `keepLargest` of `largest.ts`; not differentiated. The last axis has `count` elements at least, and that is above 0. */
  keepLargest(values: Tensor, count: number, by: SizeOf): Tensor;
  /** Uniform or standard normal numbers; not differentiated. */
  random(kind: 'uniform' | 'normal', place: RandomPlace, shape: readonly number[]): Tensor;
  /** Draws integers below a bound (1 to 2^32 - 1), for the host. */
  integers(out: Uint32Array, below: number, place: RandomPlace): void;
  /** 1 if an element's uniform number is below its probability, else 0; not differentiated. */
  bernoulli(probabilities: Tensor, place: RandomPlace): Tensor;
  /** Corrupts values, into an existing tensor of the same shape, which may be the same tensor. */
  corrupt(values: Tensor, corruption: FusedCorruption, place: RandomPlace, into: Tensor): void;
  /** Looks up bytes (a tensor of dtype bool) in a table of 256 numbers, into an existing tensor. */
  lookUp(bytes: Tensor, table: Tensor, into: Tensor): void;
  /** Sum of the squares of all elements; not differentiated. */
  sumOfSquares(values: Tensor): Scalar;
  /** Copies values into an existing tensor of the same shape. */
  assign(target: Tensor, values: Tensor): void;
  /**
   * @returns a function that updates every weight and its slots once, in place; valid as long as these tensors exist
   */
  updateOf(weights: readonly FusedWeight[]): (rule: FusedUpdate) => void;
}

/** Activations whose derivative follows from their value. */
export type FusedActivation = 'linear' | 'relu' | 'sigmoid' | 'tanh';

/** What the largest elements are largest in: max(x, 0), which is then their value, or |x|, and they keep their sign. */
export type SizeOf = 'rectified' | 'magnitude';

export interface FusedDense {
  /** `[batch, inputs]` */
  readonly input: Tensor;
  /** Whether the input needs no gradient. */
  readonly constantInput: boolean;
  /** `[inputs, features]`, or `[features, inputs]` if `transposed`. */
  readonly weight: Tensor;
  readonly transposed: boolean;
  /** `[features]` */
  readonly bias: Tensor | null;
  readonly activation: FusedActivation;
}

export interface FusedConvolution {
  /** `[batch, height, width, in]` */
  readonly images: Tensor4D;
  /** Whether the images need no gradient. */
  readonly constantInput: boolean;
  /** `[height, width, in, out]`, or `[height, width, out, in]` for a transposed convolution. */
  readonly kernels: Tensor4D;
  /** `[out]` */
  readonly bias: Tensor | null;
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** Distance between neighbouring taps. */
  readonly dilation: readonly [number, number];
  readonly activation: FusedActivation;
}

/** How a value x is corrupted, given its uniform number u or its normal number n. */
export type FusedCorruption =
  | {
      /** x unless u is below the probability; then `low` if u is below `split`, else `high`. */
      readonly kind: 'replace';
      readonly probability: number;
      readonly split: number;
      readonly low: number;
      readonly high: number;
    }
  | {
      /** x + deviation · n */
      readonly kind: 'disturb';
      readonly deviation: number;
    };

/** Losses of an element y and its target t. */
export type FusedLoss = 'squared_error' | 'cross_entropy' | 'cross_entropy_of_logits';

/** An update's numbers, as float64; each is rounded to float32 once. */
export type FusedUpdate =
  | {
      /** w - rate m / (√v + floor), m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g²; slots m and v. */
      readonly kind: 'adam' | 'adamw';
      readonly rate: number;
      readonly floor: number;
      readonly beta1: number;
      readonly beta2: number;
      /** adam: multiplied by the weight and added to the gradient. adamw: factor of the weight; 1 for no decay. */
      readonly decay: number;
    }
  | {
      /** u = momentum u + g; w - rate u, or w - rate (g + momentum u); slot u. */
      readonly kind: 'sgd';
      readonly rate: number;
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly decay: number;
    }
  | {
      /** v = alpha v + (1 - alpha) g²; u = momentum u + g / (√v + epsilon); w - rate u; slots v and u. */
      readonly kind: 'rmsprop';
      readonly rate: number;
      readonly alpha: number;
      readonly epsilon: number;
      readonly momentum: number;
      readonly decay: number;
    }
  | {
      /** u = momentum u - rate g; w + u; slot u. */
      readonly kind: 'momentum';
      readonly rate: number;
      readonly momentum: number;
      /** Multiplied by the weight and added to the gradient. */
      readonly decay: number;
    };

/** A weight, its gradient and its optimizer slots, all of one shape. */
export interface FusedWeight {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly slots: readonly Tensor[];
}

/** A backend with fused operations; null if they are turned off. */
export interface FusingBackend {
  readonly fusedOperations: FusedOperations | null;
}

/** Fused operations of TF.js's current backend; null if it has none. */
export function fusedOperations(): FusedOperations | null {
  const current = backend();
  return isFusing(current) ? current.fusedOperations : null;
}

function isFusing(current: KernelBackend): current is KernelBackend & FusingBackend {
  return 'fusedOperations' in current;
}
