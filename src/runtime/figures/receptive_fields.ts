import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { drawFilters } from './filters.js';

/** A layer of weighted sums. */
export interface WeightedLayer {
  /** `[units, inputs]`, row-major; as many inputs as the layer below has units. */
  readonly weights: ArrayLike<number>;
  readonly units: number;
}

export interface ReceptiveFieldsInput {
  /** From the one that sees the pixels up to the one that is shown. */
  readonly layers: readonly WeightedLayer[];
  /** Of the input of the first: `[channels, height, width]` or `[features]`. */
  readonly shape: Shape;
}

/**
 * What each unit of a deeper layer looks for: the filters of the layers below it, added up with its weights, which is
 * the product of the weight matrices (Lee, Ekanadham and Ng, "Sparse deep belief net model for visual area V2", 2007).
 * It leaves out what the nonlinearities between them do. Drawn as `drawFilters` does.
 *
 * @returns PNG
 * @throws RangeError when a layer's weights don't fit the layer below
 */
export async function drawReceptiveFields({ layers, shape }: ReceptiveFieldsInput): Promise<Uint8Array> {
  const inputs = elementCount(shape);
  const [lowest, ...above] = layers;
  if (!lowest) throw new RangeError('receptive fields of no layer');
  let fields = Float64Array.from(lowest.weights);
  let units = lowest.units;
  for (const layer of above) {
    if (layer.weights.length !== layer.units * units) {
      throw new RangeError(`${layer.units} units above ${units} cannot have ${layer.weights.length} weights`);
    }
    fields = product(layer, fields, units, inputs);
    units = layer.units;
  }
  return drawFilters({ weights: fields, units, shape });
}

/** `[units, below]` times `[below, inputs]` */
function product(
  { weights, units }: WeightedLayer,
  fields: Float64Array,
  below: number,
  inputs: number,
): Float64Array<ArrayBuffer> {
  const result = new Float64Array(units * inputs);
  for (let unit = 0; unit < units; unit++) {
    const row = result.subarray(unit * inputs, (unit + 1) * inputs);
    for (let k = 0; k < below; k++) {
      const weight = weights[unit * below + k] ?? 0;
      const field = fields.subarray(k * inputs, (k + 1) * inputs);
      for (let i = 0; i < inputs; i++) row[i] = (row[i] ?? 0) + weight * (field[i] ?? 0);
    }
  }
  return result;
}
