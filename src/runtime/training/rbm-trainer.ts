import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../compiler/ir/shape.js';
import { fusedOperations } from '../lowering/fused-operations.js';
import type { Noise } from '../lowering/lowering.js';
import type { NetworkWeight } from '../lowering/network.js';
import { slotOf } from '../lowering/optimizer/slots.js';
import {
  type ChainSettings,
  type ContrastiveDivergence,
  contrastiveDivergence,
  momentumUpdate,
  type RbmParameters,
  type RbmUnits,
} from '../lowering/stage/boltzmann.js';
import type { WeightValues } from './initial-weights.js';
import { OptimizerState, type SlotValues } from './optimizer-state.js';
import { scoped } from './scope.js';
import { scalarValue, WeightStore } from './weight-store.js';
import type { StepWitness } from './witness.js';

const velocity = 'velocity';

export interface RbmRates {
  readonly lr: number;
  readonly momentum: number;
  /** Of the weight alone; biases don't decay. */
  readonly weightDecay: number;
}

/** What is known of a step: of the batch and the parameters before the update. */
export interface RbmReport<T> {
  /** Mean over the batch of the squared error of the first reconstruction. */
  readonly reconstruction: number;
  readonly observed: T;
  /** False where the reconstruction wasn't finite; then nothing was updated. */
  readonly updated: boolean;
}

/** Trains a restricted Boltzmann machine by contrastive divergence with momentum, one update at a time. */
export class RbmTrainer {
  readonly store: WeightStore;
  readonly #units: RbmUnits;
  readonly #chain: ChainSettings;
  readonly #keys: RbmParameters<string>;
  readonly #state: OptimizerState;

  /** @param keys what the parameters are called; `values` has theirs */
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
   * One update. Leaves no tensor behind.
   * @param data `[batch, visible]`
   * @param witness is shown every tensor of the update
   */
  step<T>(
    data: Tensor,
    rates: RbmRates,
    noise: Noise,
    observe: (divergence: ContrastiveDivergence, parameters: RbmParameters) => T,
    witness: StepWitness | null = null,
  ): RbmReport<T> {
    return scoped(() => {
      const divergence = contrastiveDivergence(this.#units, this.parameters, data, this.#chain, noise);
      const reconstruction = scalarValue(divergence.reconstruction);
      const observed = observe(divergence, this.parameters);
      this.#show(witness, data, divergence);
      const updated = Number.isFinite(reconstruction);
      if (updated) {
        const { weight, visibleBias, hiddenBias } = divergence.gradients;
        this.#update(rates, [[this.#keys.weight, weight]]);
        this.#update({ ...rates, weightDecay: 0 }, [
          [this.#keys.visibleBias, visibleBias],
          [this.#keys.hiddenBias, hiddenBias],
        ]);
      }
      witness?.seeUpdated(this.store, this.#state, [...this.store.tensors.keys()]);
      return { reconstruction, observed, updated };
    });
  }

  slots(): SlotValues {
    return this.#state.values();
  }

  restore(slots: SlotValues): void {
    this.#state.restore(slots);
  }

  dispose(): void {
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
      fused.update(rule, weights);
      return;
    }
    for (const [key, gradient] of gradients) {
      const updated = momentumUpdate(this.store.get(key), gradient, before(key), rates);
      this.store.replace(key, updated.parameter);
      this.#state.replace(key, { [velocity]: updated.velocity });
    }
  }
}

/** The store knows it by its key; it is drawn elsewhere. */
function parameter(key: string, shape: Shape): NetworkWeight {
  return { key, address: key, name: key, shape, trainable: true, initial: { kind: 'constant', value: 0 } };
}
