import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';
import { fusedOperations } from '../lowering/fused-operations.js';
import type { Noise } from '../lowering/lowering.js';
import type { NetworkWeight } from '../lowering/network.js';
import {
  type ChainSettings,
  type ContrastiveDivergence,
  contrastiveDivergence,
  momentumUpdate,
  type RbmParameters,
  type RbmUnits,
} from '../lowering/stage/boltzmann.js';
import { slotOf } from '../lowering/weights.js';
import type { WeightValues } from './initial-weights.js';
import { OptimizerState, type SlotValues } from './optimizer-state.js';
import { type Outcome, Repeated, usedOnce } from './repeated.js';
import { scoped } from './scope.js';
import { scalarValue, WeightStore } from './weight-store.js';
import type { StepWitness } from './witness.js';

const velocity = 'velocity';

export interface RbmRates {
  readonly lr: number;
  readonly momentum: number;
  /** For the weight only; biases don't decay. */
  readonly weightDecay: number;
}

/** Report of a step, from the batch and the parameters before the update. */
export interface RbmReport<T> {
  /** Mean over the batch of the squared error of the first reconstruction. */
  readonly reconstruction: number;
  readonly observed: T;
  /** False if the reconstruction wasn't finite; nothing was updated then. */
  readonly updated: boolean;
}

/** Trains a restricted Boltzmann machine by contrastive divergence with momentum, one update at a time. */
export class RbmTrainer {
  readonly store: WeightStore;
  readonly #units: RbmUnits;
  readonly #chain: ChainSettings;
  readonly #keys: RbmParameters<string>;
  readonly #state: OptimizerState;
  readonly #repeated = new Map<number, Repeated<ContrastiveDivergence>>();

  /** @param keys keys of the parameters in `values` */
  constructor(
    units: RbmUnits,
    chain: ChainSettings,
    keys: RbmParameters<string>,
    { visible, hidden }: { readonly visible: number; readonly hidden: number },
    values: WeightValues,
  ) {
    this.#units = units;
    this.#chain = chain;
    this.#keys = keys;
    this.store = new WeightStore(
      [
        parameter(keys.weight, [hidden, visible]),
        parameter(keys.hiddenBias, [hidden]),
        parameter(keys.visibleBias, [visible]),
      ],
      values,
    );
    this.#state = new OptimizerState(this.store.tensors, [velocity]);
  }

  get parameters(): RbmParameters {
    const { weight, visibleBias, hiddenBias } = this.#keys;
    return {
      weight: this.store.get(weight),
      visibleBias: this.store.get(visibleBias),
      hiddenBias: this.store.get(hiddenBias),
    };
  }

  /**
   * One update.
   * @param data `[batch, visible]`
   * @param witness observes every tensor of the update
   */
  step<T>(
    data: Tensor,
    rates: RbmRates,
    noise: Noise,
    observe: (divergence: ContrastiveDivergence, parameters: RbmParameters) => T,
    witness: StepWitness | null = null,
  ): RbmReport<T> {
    const { parameters } = this;
    const compute = () => outcomeOf(contrastiveDivergence(this.#units, parameters, data, this.#chain, noise));
    const use = (divergence: ContrastiveDivergence): RbmReport<T> => {
      const reconstruction = scalarValue(divergence.reconstruction);
      const observed = observe(divergence, parameters);
      this.#show(witness, data, divergence);
      const updated = Number.isFinite(reconstruction);
      if (updated) this.#updateAll(divergence.gradients, rates);
      witness?.seeUpdated(this.store, this.#state, [...this.store.tensors.keys()]);
      return { reconstruction, observed, updated };
    };
    return scoped(() => {
      if (witness !== null) return usedOnce(compute(), use);
      return this.#repeatedFor(data).use([data, noise, ...Object.values(parameters)], compute, use);
    });
  }

  slots(): SlotValues {
    return this.#state.values();
  }

  restore(slots: SlotValues): void {
    this.#state.restore(slots);
  }

  dispose(): void {
    for (const repeated of this.#repeated.values()) repeated.dispose();
    this.#repeated.clear();
    this.#state.dispose();
    this.store.dispose();
  }

  #show(witness: StepWitness | null, data: Tensor, { model, gradients }: ContrastiveDivergence): void {
    if (witness === null) return;
    const { weight, visibleBias, hiddenBias } = this.#keys;
    witness.see('input', data);
    witness.seeDrawn();
    witness.see('model', model);
    witness.seeGradients(
      [weight, visibleBias, hiddenBias],
      [gradients.weight, gradients.visibleBias, gradients.hiddenBias],
    );
  }

  /** Batches of one size share a recording. */
  #repeatedFor(data: Tensor): Repeated<ContrastiveDivergence> {
    const size = data.shape[0] ?? 0;
    const known = this.#repeated.get(size);
    if (known) return known;
    const repeated = new Repeated<ContrastiveDivergence>();
    this.#repeated.set(size, repeated);
    return repeated;
  }

  #updateAll({ weight, visibleBias, hiddenBias }: RbmParameters, rates: RbmRates): void {
    this.#update(rates, [[this.#keys.weight, weight]]);
    this.#update({ ...rates, weightDecay: 0 }, [
      [this.#keys.visibleBias, visibleBias],
      [this.#keys.hiddenBias, hiddenBias],
    ]);
  }

  #update(rates: RbmRates, gradients: readonly (readonly [key: string, gradient: Tensor])[]): void {
    const before = (key: string) => slotOf(this.#state.of(key), velocity);
    const fused = fusedOperations();
    if (fused) {
      const rule = { kind: 'momentum', rate: rates.lr, momentum: rates.momentum, decay: rates.weightDecay } as const;
      const weights = gradients.map(([key, gradient]) => ({
        weight: this.store.get(key),
        gradient,
        slots: [before(key)],
      }));
      fused.updateOf(weights)(rule);
      return;
    }
    for (const [key, gradient] of gradients) {
      const updated = momentumUpdate(this.store.get(key), gradient, before(key), rates);
      this.store.replace(key, updated.parameter);
      this.#state.replace(key, { [velocity]: updated.velocity });
    }
  }
}

function outcomeOf(divergence: ContrastiveDivergence): Outcome<ContrastiveDivergence> {
  const { gradients, reconstruction, model } = divergence;
  return { value: divergence, tensors: [...Object.values(gradients), reconstruction, model] };
}

/** A parameter for the store, which gets its values elsewhere. */
function parameter(key: string, shape: Shape): NetworkWeight {
  return { key, address: key, name: key, shape, trainable: true, initial: { kind: 'constant', value: 0 } };
}
