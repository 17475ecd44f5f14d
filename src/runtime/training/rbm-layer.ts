import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerNode, PretrainStage } from '../../compiler/ir/experiment.js';
import { closed, type Interval, within } from '../../compiler/ir/interval.js';
import { elementCount } from '../../compiler/ir/shape.js';
import { isWordValue } from '../../compiler/ir/value.js';
import { type ArgumentsAt, argumentsAt, bareArguments } from '../lowering/arguments.js';
import type { NetworkWeight } from '../lowering/network.js';
import {
  type ChainSettings,
  contrastiveDivergence,
  freeEnergy,
  momentumUpdate,
  type RbmParameters,
  type RbmUnits,
} from '../lowering/stage/boltzmann.js';
import { stream } from '../random/stream.js';
import { type GreedyKeys, type GreedyLayer, greedyKeys } from './greedy-layer.js';
import { drawInitialValue, type WeightValues } from './initial-weights.js';
import type { Metrics } from './metrics.js';
import { OptimizerState, type SlotValues } from './optimizer-state.js';
import { scoped } from './scope.js';
import type { TrialContext } from './trial-context.js';
import type { Moment } from './updater.js';
import { scalarValue, WeightStore } from './weight-store.js';

const velocity = 'velocity';

/**
 * A dense layer as a restricted Boltzmann machine (Hinton 2002; Hinton and Salakhutdinov 2006): the layer's weight and
 * bias are those of the hidden units, and the visible bias is what the decoder layer opposite will have.
 */
export class RbmLayer implements GreedyLayer {
  readonly store: WeightStore;
  readonly #address: string;
  readonly #keys: GreedyKeys & { readonly bias: string };
  readonly #units: RbmUnits;
  readonly #argumentsAt: ArgumentsAt;
  readonly #chain: ChainSettings;
  readonly #state: OptimizerState;

  /**
   * @param values of an interrupted training; null to start anew
   * @throws RangeError for a layer that can't be an RBM, which the compiler refuses
   */
  constructor(
    stage: PretrainStage,
    layer: LayerNode,
    units: RbmUnits,
    values: WeightValues | null,
    { seed, library }: Pick<TrialContext, 'seed' | 'library'>,
  ) {
    const keys = greedyKeys(layer);
    if (keys.bias === null || layer.address === null) throw new RangeError('an RBM has a hidden bias, and this layer has none');
    this.#address = layer.address;
    this.#keys = { ...keys, bias: keys.bias };
    this.#units = units;
    this.#argumentsAt = argumentsAt(stage.method.arguments, library);
    this.#chain = chainSettings(bareArguments(stage.method.arguments));
    const [inputs, features] = [elementCount(layer.input), elementCount(layer.output)];
    const weights = rbmWeights(this.#address, this.#keys, inputs, features);
    this.store = new WeightStore(weights, values ?? this.#drawn(stage, inputs, features, seed, library));
    this.#state = new OptimizerState(this.store.tensors, [velocity]);
  }

  step(input: Tensor, { time, noise }: Moment): Metrics | null {
    const { lr, momentum, weight_decay: weightDecay } = this.#argumentsAt(time);
    if (typeof lr !== 'number' || typeof momentum !== 'number' || typeof weightDecay !== 'number') {
      throw new RangeError("the arguments of 'rbm' are not numbers");
    }
    return scoped(() => {
      const parameters = this.#parameters;
      const divergence = contrastiveDivergence(this.#units, parameters, input, this.#chain, noise(this.#address));
      const reconstruction = scalarValue(divergence.reconstruction);
      if (!Number.isFinite(reconstruction)) return null;
      const { weight, visibleBias, hiddenBias } = divergence.gradients;
      this.#update(this.#keys.weight, weight, { lr, momentum, weightDecay });
      this.#update(this.#keys.visibleBias, visibleBias, { lr, momentum, weightDecay: 0 });
      this.#update(this.#keys.bias, hiddenBias, { lr, momentum, weightDecay: 0 });
      return { reconstruction, lr, momentum };
    });
  }

  /** The free energy of training data against that of data the machine hasn't seen: a growing gap is overfitting. */
  measure(sample: (part: 'train' | 'validation') => readonly Tensor[]): Metrics {
    const energy = (part: 'train' | 'validation') => {
      const portions = sample(part);
      const examples = portions.reduce((n, { shape }) => n + (shape[0] ?? 0), 0);
      const total = portions.reduce(
        (sum, visible) => sum + scalarValue(freeEnergy(this.#units, this.#parameters, visible)) * (visible.shape[0] ?? 0),
        0,
      );
      return examples === 0 ? null : total / examples;
    };
    const [train, validation] = scoped(() => [energy('train'), energy('validation')]);
    return {
      ...(train == null ? {} : { free_energy: train }),
      ...(validation == null ? {} : { validation_free_energy: validation }),
    };
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

  get #parameters(): RbmParameters {
    const { weight, visibleBias, bias } = this.#keys;
    return {
      weight: this.store.get(weight),
      visibleBias: this.store.get(visibleBias),
      hiddenBias: this.store.get(bias),
    };
  }

  #update(key: string, gradient: Tensor, rule: Parameters<typeof momentumUpdate>[3]): void {
    const before = this.#state.of(key)[velocity];
    if (!before) throw new RangeError(`'${key}' has no velocity`);
    const updated = momentumUpdate(this.store.get(key), gradient, before, rule);
    this.store.replace(key, updated.parameter);
    this.#state.replace(key, { [velocity]: updated.velocity });
  }

  /** Biases start at zero. The weight has a stream of its own, so that it isn't the start the layer would have had. */
  #drawn(
    { method }: PretrainStage,
    inputs: number,
    features: number,
    seed: number,
    library: TrialContext['library'],
  ): WeightValues {
    const init = method.arguments.init?.value ?? null;
    const word = isWordValue(init) ? library.find('initializer', init.word) : undefined;
    if (!word || !isWordValue(init)) throw new RangeError("the argument 'init' of 'rbm' is no initializer");
    const initial = word.initial(bareArguments(init.arguments), inputs, features);
    const random = stream({ seed, path: this.#address, purpose: 'rbm_weight' });
    return new Map([
      [this.#keys.weight, drawInitialValue(initial, [features, inputs], random)],
      [this.#keys.bias, new Float32Array(features)],
      [this.#keys.visibleBias, new Float32Array(inputs)],
    ]);
  }
}

function rbmWeights(
  address: string,
  keys: GreedyKeys & { readonly bias: string },
  inputs: number,
  features: number,
): readonly NetworkWeight[] {
  const weight = { address, trainable: true, initial: { kind: 'constant', value: 0 } } as const;
  return [
    { ...weight, key: keys.weight, name: 'weight', shape: [features, inputs] },
    { ...weight, key: keys.bias, name: 'bias', shape: [features] },
    { ...weight, key: keys.visibleBias, name: 'visible_bias', shape: [inputs] },
  ];
}

function chainSettings({ k, visible_state: visibleState }: ReturnType<typeof bareArguments>): ChainSettings {
  if (typeof k !== 'number') throw new RangeError("the argument 'k' of 'rbm' is not a number");
  return { k, visibleState: visibleState === 'sample' ? 'sample' : 'probability' };
}

/** Bernoulli for values that can be probabilities, Gaussian for others. */
export function rbmUnits(input: Interval, activation: string | null): RbmUnits {
  return {
    visible: within(input, closed(0, 1)) ? 'bernoulli' : 'gaussian',
    hidden: activation === 'sigmoid' ? 'bernoulli' : 'gaussian',
  };
}
