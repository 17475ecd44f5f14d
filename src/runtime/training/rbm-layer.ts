import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerNode } from '../../compiler/ir/experiment.js';
import { closed, type Interval, within } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { plainArguments, type WordUse, type WordValue } from '../../compiler/ir/value.js';
import { knownWord, type Library } from '../../compiler/library/library.js';
import { freeEnergy, type RbmParameters, type RbmUnits } from '../lowering/stage/boltzmann.js';
import { backendStream } from './backend-stream.js';
import { type GreedyLayer, type GreedyStep, greedyKeys } from './greedy-layer.js';
import type { MachineSettings } from './greedy-methods.js';
import { drawInitialValue, type WeightValues } from './initial-weights.js';
import type { Metrics } from './metrics.js';
import type { SlotValues } from './optimizer-state.js';
import { RbmTrainer } from './rbm-trainer.js';
import { scoped } from './scope.js';
import type { TrialContext } from './trial-context.js';
import type { Moment } from './updater.js';
import { scalarValue, type WeightStore } from './weight-store.js';
import type { StepWitness } from './witness.js';

/**
 * Trains a dense layer as a restricted Boltzmann machine (Hinton 2002; Hinton and Salakhutdinov 2006). The layer's
 * weight and bias are those of the hidden units; the visible bias goes to the opposite decoder layer.
 */
export class RbmLayer implements GreedyLayer {
  readonly #address: string;
  readonly #units: RbmUnits;
  readonly #ratesAt: MachineSettings['ratesAt'];
  readonly #trainer: RbmTrainer;

  /**
   * @param values weights of an interrupted training; null to start anew
   * @throws RangeError for a layer that can't be an RBM, which the compiler refuses
   */
  constructor(
    machine: MachineSettings,
    layer: LayerNode,
    units: RbmUnits,
    values: WeightValues | null,
    { seed, library }: Pick<TrialContext, 'seed' | 'library'>,
  ) {
    const { weight, bias, visibleBias } = greedyKeys(layer);
    if (bias === null || layer.address === null)
      throw new RangeError('an RBM has a hidden bias, and this layer has none');
    this.#address = layer.address;
    this.#units = units;
    this.#ratesAt = machine.ratesAt;
    const keys = { weight, hiddenBias: bias, visibleBias };
    const size = { visible: elementCount(layer.input), hidden: elementCount(layer.output) };
    const start = values ?? startingParameters(machine.init, this.#address, keys, size, seed, library);
    this.#trainer = new RbmTrainer(units, machine, keys, size, start);
  }

  get store(): WeightStore {
    return this.#trainer.store;
  }

  step(input: Tensor, { time, noise }: Moment, witness: StepWitness | null): GreedyStep | null {
    const rates = this.#ratesAt(time);
    const { reconstruction, updated } = this.#trainer.step(
      input,
      rates,
      (witness?.seeingNoise(noise) ?? noise)(this.#address),
      () => null,
      witness,
    );
    return updated ? { metrics: { reconstruction }, rates: { lr: rates.lr, momentum: rates.momentum } } : null;
  }

  /** Free energy of training data and of data the machine hasn't seen: a growing gap indicates overfitting. */
  measure(sample: (part: 'train' | 'validation') => readonly Tensor[]): Metrics {
    return scoped(() => {
      const train = this.#freeEnergy(sample('train'));
      const validation = this.#freeEnergy(sample('validation'));
      return {
        ...(train === null ? {} : { free_energy: train }),
        ...(validation === null ? {} : { validation_free_energy: validation }),
      };
    });
  }

  slots(): SlotValues {
    return this.#trainer.slots();
  }

  restore(slots: SlotValues): void {
    this.#trainer.restore(slots);
  }

  dispose(): void {
    this.#trainer.dispose();
  }

  /** Mean over chunks of examples; null without any. */
  #freeEnergy(chunks: readonly Tensor[]): number | null {
    let [examples, total] = [0, 0];
    for (const visible of chunks) {
      const size = visible.shape[0] ?? 0;
      examples += size;
      total += size * scalarValue(freeEnergy(this.#units, this.#trainer.parameters, visible));
    }
    return examples === 0 ? null : total / examples;
  }
}

/** Biases start at 0. The weight has a stream of its own, so that it doesn't equal the layer's usual initial weight. */
function startingParameters(
  init: WordValue,
  address: string,
  keys: RbmParameters<string>,
  { visible, hidden }: { readonly visible: number; readonly hidden: number },
  seed: number,
  library: TrialContext['library'],
): WeightValues {
  const initial = knownWord(library, 'initializer', init.word).initial(plainArguments(init.arguments), visible, hidden);
  const random = backendStream({ seed, path: address, purpose: 'rbm_weight' });
  return new Map([
    [keys.weight, drawInitialValue(initial, [hidden, visible], random)],
    [keys.hiddenBias, new Float32Array(hidden)],
    [keys.visibleBias, new Float32Array(visible)],
  ]);
}

/** Bernoulli for values that can be probabilities, Gaussian for others. */
export function rbmUnits(input: Interval, activation: WordUse | null, library: Library): RbmUnits {
  return {
    visible: within(input, closed(0, 1)) ? 'bernoulli' : 'gaussian',
    hidden: (activation === null ? null : knownWord(library, 'layer', activation).units) ?? 'gaussian',
  };
}
