import { type ExperimentIr, type LayerNode, wantedOf } from '../../compiler/ir/experiment.js';
import type { Shape } from '../../compiler/ir/shape.js';
import { isWordValue, layersNamedBy, layersNamedIn, ownValue, plainArguments } from '../../compiler/ir/value.js';
import { conditionOfLayer, conditionsNeeded, placesOfColumns } from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import { argumentsAt } from './arguments.js';
import { withFollowers } from './followers.js';
import type { LoweredLibrary } from './lowering.js';
import {
  type Network,
  type NetworkNode,
  type NetworkWeight,
  networkInput,
  referenceKey,
  type WeightConstraint,
  type WeightUse,
  weightConstraint,
  weightKey,
} from './network.js';
import { operations } from './operations.js';

/**
 * Builds an experiment's network.
 * @throws UnknownWord for an unknown layer
 */
export function networkOf(
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder' | 'data' | 'target' | 'loss'>,
  library: LoweredLibrary,
): Network {
  const builder = new NetworkBuilder(library, experiment.data);
  const code = builder.addBlock('encoder', experiment.encoder, networkInput);
  const output = builder.addBlock('decoder', experiment.decoder, code);
  const seen = new Set(experiment.loss.flatMap(({ loss }) => layersNamedIn(loss.arguments).map(referenceKey)));
  return {
    nodes: withFollowers(builder.nodes, output, seen),
    weights: builder.weights,
    input: experiment.data.shape,
    wanted: wantedOf(experiment).shape,
    inputKey: networkInput,
    ...conditionsNeeded(experiment, library),
    output,
  };
}

class NetworkBuilder {
  readonly nodes: NetworkNode[] = [];
  readonly weights: NetworkWeight[] = [];
  readonly #library: LoweredLibrary;

  readonly #data: ExperimentIr['data'];

  constructor(library: LoweredLibrary, data: ExperimentIr['data']) {
    this.#library = library;
    this.#data = data;
  }

  /** @returns the key of the block's last node, or `source` for an empty block */
  addBlock(block: 'encoder' | 'decoder', layers: readonly LayerNode[], source: string): string {
    return layers.reduce((before, layer, index) => {
      const key = referenceKey({ block, index, head: null });
      this.#add(layer, key, before);
      return key;
    }, source);
  }

  #add(layer: LayerNode, key: string, source: string): void {
    const word = knownWord(this.#library, 'layer', layer);
    const [seen] = layersNamedBy(
      word.headsSee === undefined ? null : (ownValue(layer.arguments, word.headsSee)?.value ?? null),
    );
    const headSource = seen ? referenceKey(seen) : source;
    const heads = Object.entries(layer.heads).map(([head, nodes]): readonly [string, string] => [
      head,
      this.#addHead(nodes, `${key}/${head}`, headSource),
    ]);
    const given = conditionOfLayer(layer, this.#library);
    this.nodes.push({
      key,
      lowering: word.lower(operations),
      isLatent: word.distribution !== undefined,
      joined: layersNamedIn(layer.arguments).map(referenceKey),
      ...(given === null ? {} : { given: given === 'class' ? given : placesOfColumns(given, this.#data) }),
      argumentsAt: argumentsAt(layer.arguments, this.#library),
      source,
      heads: Object.fromEntries(heads),
      weights: this.#weightsOf(layer),
      address: layer.address,
      input: layer.input,
      output: layer.output,
    });
  }

  /** A head's last layer gets the key of the head itself. */
  #addHead(layers: readonly LayerNode[], key: string, source: string): string {
    return layers.reduce((before, layer, index) => {
      const own = index === layers.length - 1 ? key : `${key}/${index}`;
      this.#add(layer, own, before);
      return own;
    }, source);
  }

  #weightsOf(layer: LayerNode): Readonly<Record<string, WeightUse>> {
    const uses: Record<string, WeightUse> = {};
    for (const { name, tiedTo, shape, trainable, initial } of layer.weights) {
      if (tiedTo !== null) {
        uses[name] = { key: weightKey(tiedTo.address, tiedTo.name), tied: tiedTo.transposed };
        continue;
      }
      if (layer.address === null) throw new RangeError(`the layer '${layer.word}' has a weight and no address`);
      const key = weightKey(layer.address, name);
      uses[name] = { key, tied: false };
      const constraint = name === 'weight' ? this.#constraintOf(layer, shape) : null;
      const own = { key, address: layer.address, name, shape, trainable, initial };
      this.weights.push(constraint === null ? own : { ...own, constraint });
    }
    return uses;
  }

  /** Null for a layer without a constraint. */
  #constraintOf({ arguments: args }: LayerNode, shape: Shape): WeightConstraint | null {
    const constraint = args.constraint?.value ?? null;
    if (!isWordValue(constraint)) return null;
    const lowering = knownWord(this.#library, 'constraint', constraint.word).lower(operations);
    return weightConstraint(lowering, plainArguments(constraint.arguments), shape);
  }
}
