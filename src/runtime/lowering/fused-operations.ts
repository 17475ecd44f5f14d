import { backend, type KernelBackend, type Scalar, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { RandomPlace } from '../random/place.js';

/**
 * Several operations in one, for a backend that has them. Each has the bits of the separate ones, forward and backward, so
 * that nothing but time depends on their being there. All give tensors that TF.js differentiates, unless it is said.
 */
export interface FusedOperations {
  /** activation(input · weight + bias), `[batch, features]` */
  dense(layer: FusedDense): Tensor;
  /** activation(convolution + bias), `[batch, height, width, out]` */
  convolution(layer: FusedConvolution): Tensor;
  /** activation(transposed convolution + bias), images of the given size. */
  transposedConvolution(layer: FusedConvolution, size: readonly [height: number, width: number]): Tensor;
  /** factor · Σ loss(prediction, target) over all elements; the target gets no gradient. */
  elementLoss(loss: FusedLoss, prediction: Tensor, target: Tensor, factor: number): Scalar;
  /**
   * The divergence of each unit's mean activation over the batch from rho, summed over units and multiplied by the factor.
   * @param activations `[batch, …units]`
   */
  sparsity(activations: Tensor, rho: number, factor: number): Scalar;
  /** The mean over the batch of ½ (mu² + exp(logvar) - 1 - logvar), `[dimensions]`. */
  gaussianDivergence(mu: Tensor, logvar: Tensor): Tensor;
  /** mu + eps · exp(logvar / 2) with normal numbers eps that the kernel draws. */
  reparameterize(mu: Tensor, logvar: Tensor, place: RandomPlace): Tensor;
  /** Uniform or standard normal numbers; a constant. */
  random(kind: 'uniform' | 'normal', place: RandomPlace, shape: readonly number[]): Tensor;
  /** Integers below a bound (1 to 2^32 - 1), for the host. */
  integers(out: Uint32Array, below: number, place: RandomPlace): void;
  /** 1 where the uniform number of an element is below its probability, else 0; not differentiated. */
  bernoulli(probabilities: Tensor, place: RandomPlace): Tensor;
  /** Damages some values, into a tensor of their shape that is there already. */
  corrupt(values: Tensor, corruption: FusedCorruption, place: RandomPlace, into: Tensor): void;
  /** The entries of a table of 256 numbers for some bytes (of a tensor of dtype bool), into a tensor that is there. */
  lookUp(bytes: Tensor, table: Tensor, into: Tensor): void;
  /** The sum of the squares of all elements; not differentiated. */
  sumOfSquares(values: Tensor): Scalar;
  /** Gives a tensor the values of another one of its shape, where it lies. */
  assign(target: Tensor, values: Tensor): void;
  /** @returns what updates every weight and its slots once, where they lie; good for as long as these tensors are there */
  updateOf(weights: readonly FusedWeight[]): (rule: FusedUpdate) => void;
}

/** Activations whose derivative follows from their value. */
export type FusedActivation = 'linear' | 'relu' | 'sigmoid' | 'tanh';

export interface FusedDense {
  /** `[batch, inputs]` */
  readonly input: Tensor;
  /** Whether no gradient needs to go on to the input. */
  readonly constantInput: boolean;
  /** `[inputs, features]`, or with `transposed` `[features, inputs]`. */
  readonly weight: Tensor;
  readonly transposed: boolean;
  /** `[features]` */
  readonly bias: Tensor | null;
  readonly activation: FusedActivation;
}

export interface FusedConvolution {
  /** `[batch, height, width, in]` */
  readonly images: Tensor4D;
  /** Whether no gradient needs to go on to the images. */
  readonly constantInput: boolean;
  /** `[height, width, in, out]`, or for the transposed one `[height, width, out, in]`. */
  readonly kernels: Tensor4D;
  /** `[out]` */
  readonly bias: Tensor | null;
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly activation: FusedActivation;
}

/** How a value x is damaged, given its uniform number u or its normal number n. */
export type FusedCorruption =
  | {
      /** x where u is not below the probability; else `low` where u is below `split`, and `high`. */
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

/** Losses of one element y and its target t. */
export type FusedLoss = 'squared_error' | 'cross_entropy' | 'cross_entropy_of_logits';

/** The numbers of an update, as float64; each is rounded to float32 once. */
export type FusedUpdate =
  | {
      /** w - rate m / (√v + floor), m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g²; slots m and v. */
      readonly kind: 'adam' | 'adamw';
      readonly rate: number;
      readonly floor: number;
      readonly beta1: number;
      readonly beta2: number;
      /** adam: added to the gradient, times the weight; adamw: what the weight is multiplied by, 1 for no decay. */
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
      /** Added to the gradient, times the weight. */
      readonly decay: number;
    };

/** A weight, its gradient and what the optimizer keeps for it, all of one shape. */
export interface FusedWeight {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly slots: readonly Tensor[];
}

/** A backend with such operations; null where they are turned off. */
export interface FusingBackend {
  readonly fusedOperations: FusedOperations | null;
}

/** The operations of TF.js's current backend; null where it has none. */
export function fusedOperations(): FusedOperations | null {
  const current = backend();
  return isFusing(current) ? current.fusedOperations : null;
}

function isFusing(current: KernelBackend): current is KernelBackend & FusingBackend {
  return 'fusedOperations' in current;
}
