import {
  add,
  cast,
  less,
  matMul,
  mean,
  mul,
  neg,
  type Scalar,
  sigmoid,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { type FusedActivation, fusedOperations } from '../fused-operations.js';
import type { Noise } from '../lowering.js';

export type UnitKind = 'bernoulli' | 'gaussian';

/** Kinds of units of a restricted Boltzmann machine. Gaussian units have variance 1. */
export interface RbmUnits {
  readonly visible: UnitKind;
  readonly hidden: UnitKind;
}

export interface RbmParameters<T = Tensor> {
  /** `[hidden, visible]` */
  readonly weight: T;
  /** `[visible]` */
  readonly visibleBias: T;
  /** `[hidden]` */
  readonly hiddenBias: T;
}

export interface ChainSettings {
  /** Steps of the Gibbs chain. */
  readonly k: number;
  /** State that continues the chain: `p(v|h)` itself, or a sample from it. Hidden states are always sampled. */
  readonly visibleState: 'probability' | 'sample';
}

/** Result of contrastive divergence on a batch. */
export interface ContrastiveDivergence {
  /** (negative - positive) / batch: the direction that makes the data less likely. */
  readonly gradients: RbmParameters;
  /** Mean over the batch of `Σ (v - v₁)²`, v₁ the mean of the first reconstruction. */
  readonly reconstruction: Scalar;
  /** The last visible state of the chain, `[batch, visible]`. */
  readonly model: Tensor;
}

/** `v Wᵀ + c` */
function hiddenInput({ weight, hiddenBias }: RbmParameters, visible: Tensor): Tensor {
  return add(matMul(visible, weight, false, true), hiddenBias);
}

/** Mean of each unit, given its total input. */
function meanOf(kind: UnitKind, input: Tensor): Tensor {
  return kind === 'bernoulli' ? sigmoid(input) : input;
}

/** `meanOf` as the activation of a fused layer. */
function activationOf(kind: UnitKind): FusedActivation {
  return kind === 'bernoulli' ? 'sigmoid' : 'linear';
}

function drawn(kind: UnitKind, means: Tensor, noise: Noise, purpose: string): Tensor {
  const fused = fusedOperations();
  if (kind === 'bernoulli' && fused && noise.place) return fused.bernoulli(means, noise.place(purpose, means.shape));
  return kind === 'bernoulli'
    ? cast(less(noise.uniform(purpose, means.shape), means), 'float32')
    : add(means, noise.normal(purpose, means.shape));
}

/** `p(h|v)`, or the mean of Gaussian hidden units; `[batch, hidden]`. */
export function hiddenMeans(units: RbmUnits, parameters: RbmParameters, visible: Tensor): Tensor {
  const fused = fusedOperations();
  if (!fused) return meanOf(units.hidden, hiddenInput(parameters, visible));
  const { weight, hiddenBias } = parameters;
  return fused.dense({
    input: visible,
    constantInput: true,
    weight,
    transposed: true,
    bias: hiddenBias,
    activation: activationOf(units.hidden),
  });
}

/** `p(v|h)`, or the mean of Gaussian visible units; `[batch, visible]`. */
export function visibleMeans(units: RbmUnits, { weight, visibleBias }: RbmParameters, hidden: Tensor): Tensor {
  const fused = fusedOperations();
  if (!fused) return meanOf(units.visible, add(matMul(hidden, weight), visibleBias));
  const activation = activationOf(units.visible);
  return fused.dense({ input: hidden, constantInput: true, weight, transposed: false, bias: visibleBias, activation });
}

/**
 * CD-k (Hinton 2002), using the hidden units' means in both phases of the gradient.
 * @param data `[batch, visible]`, real values
 * @param noise supplies `hidden_i` and, if visible states are sampled, `visible_i` for step i of the chain
 */
export function contrastiveDivergence(
  units: RbmUnits,
  parameters: RbmParameters,
  data: Tensor,
  { k, visibleState }: ChainSettings,
  noise: Noise,
): ContrastiveDivergence {
  const positive = hiddenMeans(units, parameters, data);
  const batch = data.shape[0] ?? 1;
  let [hidden, visible, first]: [Tensor, Tensor, Tensor | null] = [positive, data, null];
  for (let i = 0; i < k; i++) {
    const means = visibleMeans(units, parameters, drawn(units.hidden, hidden, noise, `hidden_${i}`));
    first ??= means;
    visible = visibleState === 'sample' ? drawn(units.visible, means, noise, `visible_${i}`) : means;
    hidden = hiddenMeans(units, parameters, visible);
  }
  const weightGradient = sub(matMul(hidden, visible, true), matMul(positive, data, true));
  return {
    gradients: {
      weight: mul(weightGradient, 1 / batch),
      visibleBias: mean(sub(visible, data), 0),
      hiddenBias: mean(sub(hidden, positive), 0),
    },
    reconstruction: meanSquaredError(data, first ?? data),
    model: visible,
  };
}

/** Squared error per example: summed over units, averaged over the batch. */
function meanSquaredError(data: Tensor, reconstruction: Tensor): Scalar {
  const factor = 1 / (data.shape[0] ?? 1);
  const fused = fusedOperations();
  return (
    fused?.elementLoss('squared_error', data, reconstruction, factor) ??
    mul(sum(square(sub(data, reconstruction))), factor)
  );
}

/**
 * Mean free energy F(v) of a batch: low where the machine expects data.
 *
 * `-v·b - Σ softplus(v Wᵀ + c)`. With Gaussian visible units, the first part is `½ Σ (v - b)²`; with Gaussian hidden
 * units, the second is `-½ Σ (v Wᵀ + c)²`.
 */
export function freeEnergy(units: RbmUnits, parameters: RbmParameters, visible: Tensor): Scalar {
  const batch = visible.shape[0] ?? 1;
  const { visibleBias } = parameters;
  const ofVisible =
    units.visible === 'bernoulli'
      ? neg(sum(mul(visible, visibleBias)))
      : mul(sum(square(sub(visible, visibleBias))), 0.5);
  const input = hiddenInput(parameters, visible);
  const ofHidden = units.hidden === 'bernoulli' ? sum(softplus(input)) : mul(sum(square(input)), 0.5);
  return mul(sub(ofVisible, ofHidden), 1 / batch);
}

/**
 * One update with momentum: `u = momentum u - lr (g + decay p)`, `p + u`.
 * @returns the new parameter and the new velocity
 */
export function momentumUpdate(
  parameter: Tensor,
  gradient: Tensor,
  velocity: Tensor,
  { lr, momentum, weightDecay }: { readonly lr: number; readonly momentum: number; readonly weightDecay: number },
): { readonly parameter: Tensor; readonly velocity: Tensor } {
  const slope = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
  const next = sub(mul(velocity, momentum), mul(slope, lr));
  return { parameter: add(parameter, next), velocity: next };
}
