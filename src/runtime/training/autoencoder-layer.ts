import { keep, type Tensor, tensor, zeros } from '@tensorflow/tfjs-core';
import { addressOf, type LayerNode } from '../../compiler/ir/experiment.js';
import { elementCount } from '../../compiler/ir/shape.js';
import type { WordUse, WordValue } from '../../compiler/ir/value.js';
import { knownWord } from '../../compiler/library/library.js';
import type { ScheduleTime } from '../../compiler/library/word.js';
import { termQuantity } from '../../metrics/definitions.js';
import { recordingBackend } from '../backend/repetition.js';
import { type Corruption, corrupt } from '../datasets/corruption.js';
import { argumentsAt } from '../lowering/arguments.js';
import { withFollowers } from '../lowering/followers.js';
import { type FusedCorruption, fusedOperations } from '../lowering/fused-operations.js';
import { type Network, type NetworkNode, type NetworkWeight, networkInput } from '../lowering/network.js';
import { type Objective, objectiveOf } from '../lowering/objective.js';
import { operations } from '../lowering/operations.js';
import { type RandomStream, stream } from '../random/stream.js';
import { corruptionAt, kernelCorruptionAt } from './corruption.js';
import { type GreedyKeys, type GreedyLayer, type GreedyStep, greedyKeys } from './greedy-layer.js';
import type { GreedyAutoencoder } from './greedy-methods.js';
import type { WeightValues } from './initial-weights.js';
import type { Metrics } from './metrics.js';
import type { SlotValues } from './optimizer-state.js';
import { scoped } from './scope.js';
import type { TrialContext } from './trial-context.js';
import { updateRuleOf } from './update-rule.js';
import { type Moment, type UpdateRule, Updater } from './updater.js';
import { elementsOf, WeightStore } from './weight-store.js';
import type { StepWitness } from './witness.js';

/** Between layers, values have no units: black is 0 and white is 1. */
const unitless = { areRaw: true, black: 0, white: 1 };

/**
 * Trains a layer with a decoder of its own: the layer's transposed weight, a bias and an activation. It reconstructs
 * the layer's clean input, from a corrupted one if there is a corruption (Bengio et al. 2006, Vincent et al. 2010).
 */
export class AutoencoderLayer implements GreedyLayer {
  readonly store: WeightStore;
  readonly #objective: Objective;
  readonly #rule: UpdateRule;
  readonly #updater: Updater;
  readonly #corruption: ((time: ScheduleTime) => Corruption) | null;
  readonly #kernelCorruption: ((time: ScheduleTime) => FusedCorruption) | null;
  readonly #random: RandomStream;
  readonly #damaged = new Map<number, Tensor>();

  /**
   * @param activations those that follow the layer
   * @param output activation of the reconstruction; null for none
   * @param values weights of an interrupted training; null to start from the layer's own
   * @throws UnknownWord
   */
  constructor(
    { optimizer, loss, corrupt: corruption }: GreedyAutoencoder,
    layer: LayerNode,
    activations: readonly LayerNode[],
    output: WordValue | null,
    values: WeightValues | null,
    context: TrialContext,
  ) {
    const { seed, library, weights } = context;
    const keys = greedyKeys(layer);
    const network = layerNetwork(layer, activations, output, keys, context);
    this.#objective = objectiveOf([{ name: loss.word, weight: 1, loss }], library);
    this.#rule = updateRuleOf(optimizer, null, library);
    const inputs = elementCount(layer.input);
    const own = network.weights.map(({ key, shape }): readonly [string, Float32Array] => [
      key,
      key === keys.visibleBias ? new Float32Array(inputs) : elementsOf(weights.get(key)).slice(0, elementCount(shape)),
    ]);
    this.store = new WeightStore(network.weights, values ?? new Map(own));
    this.#updater = new Updater(network, this.#objective, this.#rule, this.store);
    this.#corruption = corruption === null ? null : corruptionAt(corruption, library);
    this.#kernelCorruption = corruption === null ? null : kernelCorruptionAt(corruption, unitless, library);
    this.#random = stream({ seed, path: addressOf(layer), purpose: 'corruption' });
  }

  step(input: Tensor, moment: Moment, witness: StepWitness | null): GreedyStep | null {
    return scoped(() => {
      const batch = { input: this.#corrupted(input, moment), clean: input, target: input, condition: null };
      const report = this.#updater.step(batch, moment, () => [], witness);
      if (!report.updated) return null;
      const [term = Number.NaN] = report.terms;
      const [{ name, loss, argumentsAt: at } = this.#onlyTerm()] = this.#objective;
      const value = loss.sumsOverExamples(at(moment.time)) ? term / (input.shape[0] ?? 1) : term;
      const { lr } = this.#rule.argumentsAt(moment.time);
      const rate = typeof lr === 'number' ? { lr } : {};
      return { metrics: { [termQuantity(name)]: value }, rates: { gradient_norm: report.gradientNorm, ...rate } };
    });
  }

  measure(): Metrics {
    return {};
  }

  slots(): SlotValues {
    return this.#updater.state.values();
  }

  restore(slots: SlotValues, updates: number): void {
    this.#updater.restore(slots, updates);
  }

  dispose(): void {
    for (const damaged of this.#damaged.values()) damaged.dispose();
    this.#damaged.clear();
    this.#updater.dispose();
    this.store.dispose();
  }

  /** On a recording backend, always the same tensor for a batch size. */
  #corrupted(input: Tensor, { time }: Moment): Tensor {
    if (this.#corruption === null) return input;
    const fused = fusedOperations();
    if (fused && this.#kernelCorruption) {
      const into = this.#damagedOf(input);
      const place = { key: this.#random.key, at: { step: time.step }, first: 0 };
      fused.corrupt(input, this.#kernelCorruption(time), place, into);
      return into;
    }
    const values = elementsOf(input);
    corrupt(values, this.#corruption(time), this.#random, time.step);
    const recording = recordingBackend();
    if (recording === null) return tensor(values, input.shape, 'float32');
    const into = this.#damagedOf(input);
    recording.overwrite(into, values);
    return into;
  }

  #damagedOf({ shape }: Tensor): Tensor {
    const size = shape[0] ?? 0;
    const damaged = this.#damaged.get(size) ?? keep(zeros(shape));
    this.#damaged.set(size, damaged);
    return damaged;
  }

  #onlyTerm(): never {
    throw new RangeError('a greedy layer has one loss');
  }
}

function layerNetwork(
  layer: LayerNode,
  activations: readonly LayerNode[],
  output: WordValue | null,
  keys: GreedyKeys,
  { library }: TrialContext,
): Network {
  const lowering = (use: WordUse) => knownWord(library, 'layer', use).lower(operations);
  const plain = { heads: {}, isLatent: false, address: null } as const;
  const own = {
    weight: { key: keys.weight, tied: false },
    ...(keys.bias === null ? {} : { bias: { key: keys.bias, tied: false } }),
  };
  const nodes: NetworkNode[] = [];
  const append = (node: Omit<NetworkNode, 'key' | 'source' | 'joined'>) => {
    nodes.push({ ...node, key: `${nodes.length}`, source: nodes.at(-1)?.key ?? networkInput, joined: [] });
  };
  append({
    ...plain,
    lowering: lowering(layer),
    argumentsAt: argumentsAt(layer.arguments, library),
    weights: own,
    input: layer.input,
    output: layer.output,
  });
  for (const activation of activations) {
    append({
      ...plain,
      lowering: lowering(activation),
      argumentsAt: argumentsAt(activation.arguments, library),
      weights: {},
      input: activation.input,
      output: activation.output,
    });
  }
  const shapes = { input: layer.output, output: layer.input };
  append({
    ...plain,
    lowering: lowering(layer),
    argumentsAt: () => ({ features: elementCount(layer.input), activation: null, bias: true, init: null }),
    weights: { weight: { key: keys.weight, tied: true }, bias: { key: keys.visibleBias, tied: false } },
    ...shapes,
  });
  if (output !== null) {
    const at = argumentsAt(output.arguments, library);
    append({
      ...plain,
      lowering: lowering(output),
      argumentsAt: at,
      weights: {},
      input: layer.input,
      output: layer.input,
    });
  }
  const last = nodes.at(-1)?.key ?? networkInput;
  return {
    nodes: withFollowers(nodes, last, new Set()),
    weights: layerWeights(layer, keys),
    input: layer.input,
    wanted: layer.input,
    inputKey: networkInput,
    classes: 0,
    columns: 0,
    output: last,
  };
}

function layerWeights(layer: LayerNode, keys: GreedyKeys): readonly NetworkWeight[] {
  const address = addressOf(layer);
  const constant = { address, trainable: true, initial: { kind: 'constant', value: 0 } } as const;
  const features = elementCount(layer.output);
  const inputs = elementCount(layer.input);
  return [
    { ...constant, key: keys.weight, name: 'weight', shape: [features, inputs] },
    ...(keys.bias === null ? [] : [{ ...constant, key: keys.bias, name: 'bias', shape: [features] }]),
    { ...constant, key: keys.visibleBias, name: 'visible_bias', shape: [inputs] },
  ];
}
