import type { ExperimentIr, LayerNode } from '../../compiler/ir/experiment.js';
import { type LayerReference, layersNamedIn, plainArguments, type WordValue } from '../../compiler/ir/value.js';
import { conditionOfLayer, conditionsNeeded, placesOfColumns } from '../../compiler/library/conditions-needed.js';
import { knownWord } from '../../compiler/library/library.js';
import { literal, plain } from '../../words/python.js';
import type { LayerCode, PytorchLayerPlace, Words } from '../../words/word.js';
import { attributeOf, isIn, isTied, layerAt, seenName, sharedAddress, skipName, tiedBiasOf } from './names.js';
import { UnknownToPytorch } from './unsupported.js';

/** Context of a layer's code. */
export interface LayerContext {
  readonly experiment: Pick<ExperimentIr, 'encoder' | 'decoder' | 'data'>;
  readonly words: Words;
  readonly block: 'encoder' | 'decoder';
  /** The object that holds the modules: `self`, or `encoder` in a function. */
  readonly holder: string;
  /** The expression by which tied layers reach the encoder. */
  readonly encoder: string;
}

/** @throws UnknownToPytorch */
export function layerCode(node: LayerNode, place: LayerContext): LayerCode {
  const { pytorch } = knownWord(place.words, 'layer', node);
  const args = plainArguments(node.arguments);
  if (!pytorch) throw new UnknownToPytorch('layer', node.word);
  return 'activation' in pytorch ? plain((x) => pytorch.activation(x, args)) : pytorch.code(args, placeOf(node, place));
}

/** Applies an activation to an expression. */
export function activated(activation: WordValue | LayerNode, x: string, words: Words): string {
  const { pytorch } = knownWord(words, 'layer', activation);
  if (!pytorch || !('activation' in pytorch)) throw new UnknownToPytorch('activation', activation.word);
  return pytorch.activation(x, plainArguments(activation.arguments));
}

/** The pool that a layer inverts, whose argmax it needs; null for other layers. */
export function undoneBy(node: LayerNode, words: Words): LayerReference | null {
  const { pytorch } = knownWord(words, 'layer', node);
  return pytorch && 'code' in pytorch ? (pytorch.undoes?.(plainArguments(node.arguments)) ?? null) : null;
}

/** The purpose of a layer's random numbers; null if it draws none. */
export function purposeOf(node: LayerNode, words: Words): string | null {
  const { pytorch } = knownWord(words, 'layer', node);
  return pytorch && 'code' in pytorch ? (pytorch.draws ?? null) : null;
}

/** Python functions that the layers call and PyTorch lacks. */
export function layerDefinitions(nodes: readonly LayerNode[], words: Words): readonly (readonly string[])[] {
  return distinct(nodes.map((node) => knownWord(words, 'layer', node).pytorch?.definition));
}

/** Definitions as lines, each once. */
export function distinct(definitions: readonly (string | undefined)[]): readonly (readonly string[])[] {
  return [...new Set(definitions)].flatMap((text) => (text === undefined ? [] : [text.split('\n')]));
}

/** The earlier layers whose outputs a layer takes, besides that of the one before it. */
export function takenBy(node: LayerNode, words: Words): readonly LayerReference[] {
  return knownWord(words, 'layer', node).needsInputs === true ? [] : layersNamedIn(node.arguments);
}

/** The variable with a pool's argmax, for the layer that inverts it. */
export function placesName(
  pool: LayerReference,
  experiment: Pick<ExperimentIr, 'encoder' | 'decoder'>,
  words: Words,
): string {
  return `${seenName(pool, experiment, words)} places`;
}

/**
 * The pool as an expression for two values: maxima and their positions. @throws UnknownToPytorch for a layer without
 * maxima
 */
export function poolWithPlaces(node: LayerNode, x: string, words: Words): string {
  const { pytorch } = knownWord(words, 'layer', node);
  if (!pytorch || !('code' in pytorch) || !pytorch.withPlaces) throw new UnknownToPytorch('pool', node.word);
  return pytorch.withPlaces(x, plainArguments(node.arguments));
}

function placeOf(node: LayerNode, place: LayerContext): PytorchLayerPlace {
  const { experiment, words, holder } = place;
  return {
    input: node.input,
    output: node.output,
    hasBias: node.weights.some(({ name }) => name === 'bias'),
    weights: Object.fromEntries(node.weights.map(({ name, shape }) => [name, shape])),
    training: `${holder}.training`,
    draw: `${holder}.draw, ${literal(node.address)}`,
    heads: Object.entries(node.heads).map(([head, nodes]) => ({
      head,
      codes: nodes.map((inner) => layerCode(inner, place)),
    })),
    module: (constructed, mode) => module(node, place, constructed, mode),
    weighted: (layer) => weighted(node, place, layer),
    condition: conditionOf(node, place),
    taken: (layer) =>
      isIn(place.block, layer, experiment)
        ? skipName(layer, experiment, words)
        : `seen[${literal(seenName(layer, experiment, words))}]`,
    pool(from) {
      const pool = experiment[from.block][from.index];
      if (!pool) throw new RangeError(`'${node.word}' names no layer`);
      return {
        places: `seen[${literal(placesName(from, experiment, words))}]`,
        arguments: plainArguments(pool.arguments),
      };
    },
  };
}

/**
 * The model's argument `c`: numbers of classes, or, where it is given columns, what the network takes: the class, one-hot,
 * and the values of all columns.
 */
function conditionOf(node: LayerNode, { experiment, words }: LayerContext): PytorchLayerPlace['condition'] {
  const use = conditionOfLayer(node, words);
  if (use === null) return null;
  const { classes, columns } = conditionsNeeded(experiment, words);
  if (columns === 0) return { classes: 'c' };
  const parts = use === 'class' ? [{ start: 0, size: classes }] : placesOfColumns(use, experiment.data);
  const before = use === 'class' ? 0 : classes;
  const slices = parts.map(({ start, size }) => `c[:, ${before + start}:${before + start + size}]`);
  return { values: slices.length === 1 ? slices.join() : `torch.cat([${slices.join(', ')}], 1)` };
}

function module(
  node: LayerNode,
  { holder, encoder, block, experiment }: LayerContext,
  constructed: string,
  mode: 'either' | 'evaluation' = 'either',
): LayerCode {
  const called = mode === 'evaluation' ? '.eval()' : '';
  const shared = sharedAddress(node);
  if (shared !== null) {
    const from = shared.startsWith(`${block}/`) ? holder : encoder;
    const again = `${from}.${attributeOf(layerAt(experiment, shared))}${called}`;
    return { modules: [], before: [], output: (x) => `${again}(${x})` };
  }
  const attribute = attributeOf(node);
  const fixed = node.weights.length > 0 && node.weights.every(({ trainable }) => !trainable);
  return {
    modules: [
      `self.${attribute} = ${constructed}${fixed ? '.requires_grad_(False)' : ''}${node.label === null ? '' : `  # ${node.label}`}`,
    ],
    before: [],
    output: (x) => `${holder}.${attribute}${called}(${x})`,
  };
}

function weighted(
  node: LayerNode,
  place: LayerContext,
  { module: constructed, tied }: Parameters<PytorchLayerPlace['weighted']>[0],
): LayerCode {
  if (!isTied(node)) return module(node, place, constructed);
  const { holder, encoder, experiment } = place;
  const owner = node.weights.find(({ tiedTo }) => tiedTo !== null)?.tiedTo;
  if (!owner) throw new RangeError('a tied layer has no owner');
  const weight = `${encoder}.${attributeOf(layerAt(experiment, owner.address))}.${owner.name}`;
  const bias = node.weights.find(({ name }) => name === 'bias');
  return {
    modules: bias ? [`self.${tiedBiasOf(node)} = nn.Parameter(torch.zeros(${bias.shape.join(', ')}))`] : [],
    before: [],
    output: (x) => tied(x, weight, bias ? `${holder}.${tiedBiasOf(node)}` : 'None'),
  };
}
