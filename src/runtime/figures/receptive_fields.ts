import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { drawFilters, MAXIMUM_TILES } from './filters.js';

/** A layer that mixes its inputs; values are in the language's order, `[channels, height, width]` or `[features]`. */
export type MixingLayer = WeightedLayer | ConvolutionLayer | PoolLayer;

export interface WeightedLayer {
  readonly kind: 'weighted';
  /** `[units, inputs]`, row-major; one input per output of the layer below. */
  readonly weights: ArrayLike<number>;
  readonly units: number;
}

interface WindowedLayer {
  /** `[channels, height, width]` */
  readonly input: Shape;
  readonly output: Shape;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** Distance between neighbouring pixels of a window; 1 if absent. */
  readonly dilation?: readonly [number, number];
}

export interface ConvolutionLayer extends WindowedLayer {
  readonly kind: 'convolution';
  /** `[out, in / groups, height, width]` */
  readonly weights: ArrayLike<number>;
  /** One if absent. */
  readonly groups?: number;
}

/**
 * A pooling layer of any kind: the choice of the largest pixel is ignored, and all pixels of a window count equally.
 */
export interface PoolLayer extends WindowedLayer {
  readonly kind: 'pool';
}

export interface ReceptiveFieldsInput {
  /** From the layer that sees the pixels up to the one shown. */
  readonly layers: readonly MixingLayer[];
  /** Shape of the first layer's input: `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
  /** Number of units to show, from the first; defaults to as many as take half a minute. */
  readonly most?: number;
}

/**
 * Draws what each unit of a deeper layer responds to: the filters of the layers below, combined linearly with its
 * weights, which is the product of the weight matrices (Lee, Ekanadham and Ng, "Sparse deep belief net model for visual
 * area V2", 2007). Ignores the nonlinearities in between. A feature map is represented by its central unit. Drawn like
 * `drawFilters`.
 *
 * @returns PNG
 * @throws RangeError if a layer's weights don't fit the layer below
 */
export async function drawReceptiveFields({
  layers,
  shape,
  most = affordableUnits(layers, shape),
}: ReceptiveFieldsInput): Promise<Uint8Array> {
  const top = layers.at(-1);
  if (!top) throw new RangeError('receptive fields of no layer');
  const inputs = elementCount(shape);
  const shown = shownUnits(top).slice(0, most);
  const fields = new Float64Array(shown.length * inputs);
  for (const [i, unit] of shown.entries()) {
    const above = new Float64Array(outputs(top));
    above[unit] = 1;
    const field = layers.reduceRight<Float64Array>((values, layer) => below(layer, values), above);
    if (field.length !== inputs) throw new RangeError(`the lowest layer sees ${field.length} values, not ${inputs}`);
    fields.set(field, i * inputs);
  }
  return drawFilters({ weights: fields, units: shown.length, shape });
}

/** Budget of multiplications and values for one picture. */
const mostMultiplications = 2e10;
const mostValues = 2 ** 25;

/** Number of units of the highest layer, from the first, whose fields fit the budget; at least one. */
export function affordableUnits(layers: readonly MixingLayer[], shape: Shape): number {
  const each = layers.slice(0, -1).reduce((sum, layer) => sum + multiplications(layer), 0);
  const inputs = elementCount(shape);
  const affordable = Math.min(MAXIMUM_TILES, mostValues / inputs, mostMultiplications / Math.max(1, each));
  return Math.max(1, Math.floor(affordable));
}

/** Cost of one field through a layer below the highest. */
function multiplications(layer: MixingLayer): number {
  if (layer.kind === 'weighted') return layer.weights.length;
  const [height, width] = layer.kernel;
  const depth = layer.kind === 'pool' ? 1 : channelsSeen(layer);
  return elementCount(layer.output) * height * width * depth;
}

/** Channels of the input that one unit sees. */
function channelsSeen({ input, groups = 1 }: ConvolutionLayer): number {
  return (input[0] ?? 1) / groups;
}

function outputs(layer: MixingLayer): number {
  return layer.kind === 'weighted' ? layer.units : elementCount(layer.output);
}

/** All units of a dense layer; the central unit of each feature map. */
function shownUnits(layer: MixingLayer): readonly number[] {
  if (layer.kind === 'weighted') return Array.from({ length: layer.units }, (_, unit) => unit);
  const [channels = 1, height = 1, width = 1] = layer.output;
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  return Array.from({ length: channels }, (_, channel) => channel * height * width + middle);
}

/** Propagates the weights of a layer's outputs down to its inputs. */
function below(layer: MixingLayer, above: Float64Array): Float64Array {
  if (outputs(layer) !== above.length) {
    throw new RangeError(`a layer of ${outputs(layer)} outputs cannot be below ${above.length} inputs`);
  }
  switch (layer.kind) {
    case 'weighted':
      return belowWeighted(layer, above);
    case 'convolution':
      return belowConvolution(layer, above);
    case 'pool':
      return belowPool(layer, above);
  }
}

function belowWeighted({ weights, units }: WeightedLayer, above: Float64Array): Float64Array {
  const inputs = weights.length / units;
  if (!Number.isInteger(inputs)) throw new RangeError(`${units} units cannot have ${weights.length} weights`);
  const result = new Float64Array(inputs);
  above.forEach((value, unit) => {
    if (value === 0) return;
    for (let i = 0; i < inputs; i++) result[i] = (result[i] ?? 0) + value * (weights[unit * inputs + i] ?? 0);
  });
  return result;
}

function belowConvolution(layer: ConvolutionLayer, above: Float64Array): Float64Array {
  const [inChannels = 1, inHeight = 1, inWidth = 1] = layer.input;
  const [height, width] = layer.kernel;
  const [outChannels = 1] = layer.output;
  const seen = channelsSeen(layer);
  const result = new Float64Array(inChannels * inHeight * inWidth);
  overWindows(layer, above, (value, channel, row, column, i, j) => {
    const first = seen * Math.floor((channel * (layer.groups ?? 1)) / outChannels);
    for (let c = 0; c < seen; c++) {
      const at = ((first + c) * inHeight + row) * inWidth + column;
      const weight = layer.weights[((channel * seen + c) * height + i) * width + j] ?? 0;
      result[at] = (result[at] ?? 0) + value * weight;
    }
  });
  return result;
}

function belowPool(layer: PoolLayer, above: Float64Array): Float64Array {
  const [channels = 1, inHeight = 1, inWidth = 1] = layer.input;
  const share = 1 / (layer.kernel[0] * layer.kernel[1]);
  const result = new Float64Array(channels * inHeight * inWidth);
  overWindows(layer, above, (value, channel, row, column) => {
    const at = (channel * inHeight + row) * inWidth + column;
    result[at] = (result[at] ?? 0) + value * share;
  });
  return result;
}

type InWindow = (value: number, channel: number, row: number, column: number, i: number, j: number) => void;

/** Visits each pixel under the window of each output with a non-zero weight, with its position in the window. */
function overWindows(layer: WindowedLayer, above: Float64Array, each: InWindow) {
  const { input, output, kernel, stride, padding, dilation = [1, 1] } = layer;
  const [, inHeight = 1, inWidth = 1] = input;
  const [, outHeight = 1, outWidth = 1] = output;
  above.forEach((value, at) => {
    if (value === 0) return;
    const x = at % outWidth;
    const y = Math.floor(at / outWidth) % outHeight;
    const channel = Math.floor(at / (outWidth * outHeight));
    for (let i = 0; i < kernel[0]; i++) {
      const row = y * stride[0] - padding[0] + i * dilation[0];
      if (row < 0 || row >= inHeight) continue;
      for (let j = 0; j < kernel[1]; j++) {
        const column = x * stride[1] - padding[1] + j * dilation[1];
        if (column >= 0 && column < inWidth) each(value, channel, row, column, i, j);
      }
    }
  });
}
