import type { LayerNode } from '../compiler/ir/experiment.js';
import { elementCount } from '../compiler/ir/shape.js';
import type { WordValue } from '../compiler/ir/value.js';
import { drawFilters } from '../runtime/figures/filters.js';
import { drawNotice } from '../runtime/figures/notice.js';
import { drawReceptiveFields, type WeightedLayer } from '../runtime/figures/receptive_fields.js';
import type { WeightValues } from '../runtime/training/initial-weights.js';
import { layerOfFigure, type Subject } from './subject.js';

/**
 * `receptive_fields(h3)`: the product of the dense layers' weights down to the pixels; of a convolution that sees the
 * pixels, its kernels.
 */
export async function drawReceptiveFieldsOf(figure: WordValue, { model, weights }: Subject): Promise<Uint8Array> {
  const { experiment } = model;
  const on = layerOfFigure(figure, experiment);
  const below = on.block === 'encoder' ? [] : experiment.encoder;
  const upTo = [...below, ...experiment[on.block].slice(0, on.index + 1)].filter(isWeighted);
  const [lowest] = upTo;
  if (upTo.length === 1 && lowest?.word === 'conv2d') return drawKernels(lowest, weights);
  const other = upTo.find(({ word }) => word !== 'dense');
  if (other) return drawNotice(`receptive fields are added up through dense layers, not through '${other.word}'`);
  return drawReceptiveFields({
    layers: upTo.map((layer) => denseWeights(layer, weights)),
    shape: experiment.data.shape,
  });
}

/** The kernels of a convolution, `[channels, height, width]` each. */
function drawKernels(layer: LayerNode, weights: WeightValues): Promise<Uint8Array> {
  const [units = 0, ...kernel] = layer.weights.find(({ name }) => name === 'weight')?.shape ?? [];
  return drawFilters({ weights: weights.get(`${layer.address}/weight`) ?? [], units, shape: kernel });
}

/** Layers that mix what is below; normalisation only scales and moves it. */
function isWeighted({ weights, heads }: LayerNode): boolean {
  return weights.some(({ name, shape }) => name === 'weight' && shape.length > 1) || Object.keys(heads).length > 0;
}

/** `[units, inputs]`; a tied layer's are those of the layer it undoes, transposed. */
function denseWeights(layer: LayerNode, weights: WeightValues): WeightedLayer {
  const units = elementCount(layer.output);
  const inputs = elementCount(layer.input);
  const tiedTo = layer.weights.find(({ name }) => name === 'weight')?.tiedTo ?? null;
  if (tiedTo === null) return { units, weights: weights.get(`${layer.address}/weight`) ?? [] };
  const owned = weights.get(`${tiedTo.address}/${tiedTo.name}`) ?? new Float32Array();
  const transposed = Float32Array.from(
    { length: owned.length },
    (_, at) => owned[(at % inputs) * units + Math.floor(at / inputs)] ?? 0,
  );
  return { units, weights: transposed };
}
