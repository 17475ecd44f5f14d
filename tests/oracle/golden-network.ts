import { realLine } from '../../src/compiler/ir/interval.js';
import { describeShape, type Shape, sameShape } from '../../src/compiler/ir/shape.js';
import { inputReference, type LayerReference, type Value } from '../../src/compiler/ir/value.js';
import { knownWord } from '../../src/compiler/library/library.js';
import type { NamedLayer } from '../../src/compiler/library/word.js';
import type { LoweredLibrary } from '../../src/runtime/lowering/lowering.js';
import { mapValues } from '../../src/runtime/lowering/map-values.js';
import {
  type Network,
  type NetworkNode,
  type NetworkWeight,
  networkInput,
  referenceKey,
  type WeightUse,
  weightConstraint,
  weightKey,
} from '../../src/runtime/lowering/network.js';
import { operations } from '../../src/runtime/lowering/operations.js';
import { corruption } from './corruption.js';
import { GoldenFormatError } from './fields.js';
import type { PlacedLayer } from './golden-case.js';
import { type StoredTensors, storedTensor } from './stored-tensors.js';

/** A case's layers as a network of the language's words. */
export interface GoldenNetwork {
  readonly network: Network;
  /** The node of a layer, by the layer's name; `x` is what the network is given. */
  readonly key: (layer: string) => string;
  /** How an argument names a layer. */
  readonly reference: (layer: string) => LayerReference;
}

/** Name of a weight in a case's files. */
export function storedName(weight: Pick<NetworkWeight, 'address' | 'name'>): string {
  return `${weight.address}.${weight.name}`;
}

/**
 * @param init the case's parameters, for their shapes
 * @throws GoldenFormatError for layers that don't fit together, UnknownWord for one without a lowering
 */
export function goldenNetwork(
  input: Shape,
  layers: readonly PlacedLayer[],
  init: StoredTensors,
  words: LoweredLibrary,
): GoldenNetwork {
  const builder = new GoldenNetworkBuilder(input, layers, words);
  const nodes = layers.map((layer) => builder.place(layer));
  const weights = layers.flatMap((layer) => weightsOf(layer, init, words));
  const output = nodes.at(-1)?.key ?? networkInput;
  return {
    network: {
      ...{ nodes, weights, input, wanted: input, inputKey: networkInput, output },
      ...{ classes: classesOf(layers), columns: 0 },
    },
    key: (layer) => builder.key(layer),
    reference: (layer) => builder.reference(layer),
  };
}

class GoldenNetworkBuilder {
  readonly #positions: ReadonlyMap<string, number>;
  readonly #words: LoweredLibrary;
  readonly #outputs: Map<string, Shape>;
  readonly #inputs = new Map<string, Shape>();

  constructor(input: Shape, layers: readonly PlacedLayer[], words: LoweredLibrary) {
    this.#positions = new Map(layers.map(({ name }, index) => [name, index]));
    this.#words = words;
    this.#outputs = new Map([['x', input]]);
  }

  /** All layers stand in one block, as the language's encoder does. */
  reference(name: string): LayerReference {
    const index = this.#positions.get(name);
    if (index === undefined) throw new GoldenFormatError(`there is no layer '${name}'`);
    return { kind: 'layer', block: 'encoder', index, head: null };
  }

  key(name: string): string {
    return name === 'x' ? networkInput : referenceKey(this.reference(name));
  }

  place(placed: PlacedLayer): NetworkNode {
    const { name, layer, inputs, outputShape } = placed;
    const [source = 'x'] = inputs;
    const heads = headsOf(placed);
    const input = this.#shape(this.#outputs, source);
    const others = layer.joins === null ? [] : inputs.slice(1).map((other) => this.#taken(other));
    const args = this.#argumentsOf(placed, others);
    const { lowering, output } = this.#computation(placed, args, input, heads);
    if (outputShape && !sameShape(output, outputShape)) {
      throw new GoldenFormatError(
        `'${name}' gives ${describeShape(output)} and the case says ${describeShape(outputShape)}`,
      );
    }
    this.#inputs.set(name, input);
    this.#outputs.set(name, output);
    return {
      key: this.key(name),
      lowering,
      isLatent: layer.heads,
      argumentsAt: () => args,
      source: this.key(source),
      joined: [...others.map(referenceKey), ...(layer.undoes === null ? [] : [this.key(layer.undoes)])],
      heads: mapValues(heads, (head) => this.key(head)),
      weights: weightUses(placed),
      address: layer.noise === null ? null : name,
      ...(layer.condition === null ? {} : { given: 'class' }),
      input,
      output,
    };
  }

  #taken(name: string): LayerReference {
    return name === 'x' ? inputReference : this.reference(name);
  }

  #argumentsOf({ name, layer }: PlacedLayer, others: readonly LayerReference[]): Readonly<Record<string, Value>> {
    if (layer.undoes !== null) return { ...layer.arguments, from: this.reference(layer.undoes) };
    if (layer.joins === null) return layer.arguments;
    const [first, ...more] = others;
    if (first === undefined || (layer.joins === 'one' && more.length > 0))
      throw new GoldenFormatError(`'${name}' has ${others.length + 1} inputs`);
    return { ...layer.arguments, from: layer.joins === 'one' ? first : others };
  }

  #computation(
    { name, layer, inputs }: PlacedLayer,
    args: Readonly<Record<string, Value>>,
    input: Shape,
    heads: Readonly<Record<string, string>>,
  ): Pick<NetworkNode, 'lowering' | 'output'> {
    if (layer.word === 'corrupt') return { lowering: corruption, output: input };
    const word = knownWord(this.#words, 'layer', layer);
    const lowering = word.lower(operations);
    if (layer.undoes !== null) return { lowering, output: this.#shape(this.#inputs, layer.undoes) };
    const headShapes = mapValues(heads, (head) => this.#shape(this.#outputs, head));
    const named = layer.joins === null ? {} : { from: inputs.slice(1).map((other) => this.#namedLayer(other)) };
    const shape = word.shape(args, input, headShapes, named, {
      classes: layer.condition?.classes ?? null,
      conditions: [],
    });
    if (!shape.ok) throw new GoldenFormatError(`'${name}': ${shape.problem.message}`);
    return { lowering, output: shape.value };
  }

  #namedLayer(name: string): NamedLayer {
    const output = this.#shape(this.#outputs, name);
    return { word: '', arguments: {}, input: output, output, range: realLine };
  }

  #shape(shapes: ReadonlyMap<string, Shape>, name: string): Shape {
    const shape = shapes.get(name);
    if (!shape) throw new GoldenFormatError(`'${name}' is no layer before the one that takes it`);
    return shape;
  }
}

function classesOf(layers: readonly PlacedLayer[]): number {
  return layers.reduce((most, { layer }) => Math.max(most, layer.condition?.classes ?? 0), 0);
}

function headsOf({ name, layer, inputs }: PlacedLayer): Readonly<Record<string, string>> {
  if (!layer.heads) return {};
  const [mu, logvar] = inputs;
  if (mu === undefined || logvar === undefined)
    throw new GoldenFormatError(`'${name}' needs two inputs, mu and logvar`);
  return { mu, logvar };
}

function weightUses({ name, layer }: PlacedLayer): Readonly<Record<string, WeightUse>> {
  const own = layer.weights.map((weight): readonly [string, WeightUse] => [
    weight.name,
    { key: weightKey(layer.shares ?? name, weight.name), tied: false },
  ]);
  if (layer.tiedTo === null) return Object.fromEntries(own);
  return {
    ...Object.fromEntries(own),
    [layer.tiedWeight]: { key: weightKey(layer.tiedTo, layer.tiedWeight), tied: true },
  };
}

function weightsOf({ name, layer }: PlacedLayer, init: StoredTensors, words: LoweredLibrary): readonly NetworkWeight[] {
  const owned = layer.shares === null ? layer.weights : [];
  return owned.map((weight) => {
    const { shape } = storedTensor(init, `${name}.${weight.name}`);
    const own: NetworkWeight = {
      key: weightKey(name, weight.name),
      address: name,
      name: weight.name,
      shape,
      trainable: weight.trainable,
      initial: { kind: 'constant', value: 0 },
    };
    if (layer.constraint === null || weight.name !== 'weight') return own;
    const { word, arguments: args } = layer.constraint;
    const lowering = knownWord(words, 'constraint', word).lower(operations);
    return { ...own, constraint: weightConstraint(lowering, args, shape) };
  });
}
