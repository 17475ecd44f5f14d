import { type ExperimentIr, holderOf, type LayerNode } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import type { LayerReference } from '../compiler/ir/value.js';
import { knownWord, type Library } from '../compiler/library/library.js';
import type { LayerWord } from '../compiler/library/word.js';
import type { Mixing } from '../runtime/figures/figure.js';
import type { MixingLayer } from '../runtime/figures/receptive_fields.js';
import { weightKey } from '../runtime/lowering/network.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';

/** The layers that mix their inputs, from the pixels up; or the word of one that is not a sum. */
export function mixingLayersUpTo(
  on: LayerReference,
  experiment: ExperimentIr,
  weights: WeightValues,
  library: Library,
): Mixing {
  const layers: MixingLayer[] = [];
  for (const node of mixingNodes(on, experiment, library)) {
    const layer = mixingLayer(node, weights, knownWord(library, 'layer', node).mixing);
    if (layer === null) return { layers: null, obstacle: node.word };
    layers.push(layer);
  }
  return { layers, obstacle: null };
}

function mixingNodes(on: LayerReference, experiment: ExperimentIr, library: Library): readonly LayerNode[] {
  const below = on.block === 'encoder' ? [] : experiment.encoder;
  return [...below, ...experiment[on.block].slice(0, on.index + 1)].filter(
    (node) => mixes(node) || knownWord(library, 'layer', node).joins === true,
  );
}

/** Whether a layer mixes its inputs; activations and normalisation only scale and shift. */
function mixes({ weights, heads, input, output }: LayerNode): boolean {
  const hasMatrix = weights.some(({ name, shape }) => name === 'weight' && shape.length > 1);
  return hasMatrix || Object.keys(heads).length > 0 || elementCount(input) !== elementCount(output);
}

/** Null for a layer that is not a sum of its inputs. */
function mixingLayer(layer: LayerNode, weights: WeightValues, mixing: LayerWord['mixing']): MixingLayer | null {
  switch (mixing) {
    case 'weights':
      return denseLayer(layer, weights);
    case 'kernel':
      return {
        kind: 'convolution',
        ...windowsOf(layer),
        groups: typeof layer.arguments.groups?.value === 'number' ? layer.arguments.groups.value : 1,
        weights: weightOf(layer, weights),
      };
    case 'pool':
      return { kind: 'pool', ...windowsOf(layer) };
    case undefined:
      return null;
  }
}

function windowsOf({ arguments: args, input, output }: LayerNode) {
  const kernel = pairOf(args.kernel?.value, [1, 1]);
  return {
    input,
    output,
    kernel,
    stride: pairOf(args.stride?.value, kernel),
    padding: pairOf(args.padding?.value, [0, 0]),
    dilation: pairOf(args.dilation?.value, [1, 1]),
  };
}

function pairOf(value: unknown, otherwise: readonly [number, number]): readonly [number, number] {
  const [height, width]: readonly unknown[] = Array.isArray(value) ? value : [];
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : otherwise;
}

/** `[units, inputs]`; for a tied layer, its counterpart's weights, transposed. */
function denseLayer(layer: LayerNode, weights: WeightValues): MixingLayer {
  const units = elementCount(layer.output);
  const inputs = elementCount(layer.input);
  const tiedTo = layer.weights.find(({ name }) => name === 'weight')?.tiedTo ?? null;
  const owned = weightOf(layer, weights);
  if (tiedTo?.transposed !== true) return { kind: 'weighted', units, weights: owned };
  const transposed = Float32Array.from(
    { length: owned.length },
    (_, at) => owned[(at % inputs) * units + Math.floor(at / inputs)] ?? 0,
  );
  return { kind: 'weighted', units, weights: transposed };
}

function weightOf(layer: LayerNode, weights: WeightValues): Float32Array {
  const weight = layer.weights.find(({ name }) => name === 'weight');
  const place = weight && holderOf(layer, weight);
  const values = place && weights.get(weightKey(place.address, place.name));
  if (!values) throw new RangeError(`the model has no weight of '${layer.word}' (${layer.address})`);
  return values;
}
