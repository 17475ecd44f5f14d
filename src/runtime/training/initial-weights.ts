import type { InitialValue } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import { type Network, type NetworkWeight, weightKey } from '../lowering/network.js';
import { type RandomStream, type StreamAt, stream } from '../random/stream.js';
import { orthogonalMatrix } from './orthogonal.js';

/** Values of weights by key, in PyTorch's layouts, row by row. */
export type WeightValues = ReadonlyMap<string, Float32Array>;

/**
 * Initial weights of a network, each drawn from the stream of its layer's address and its name.
 * @param streamAt source of the numbers, which are the same whoever draws them
 * @param given values in the place of drawn ones, from which transposed ones then come as well
 */
export function initialWeights(
  network: Pick<Network, 'weights'>,
  seed: number,
  streamAt: StreamAt = stream,
  given: WeightValues = new Map(),
): WeightValues {
  const values = new Map<string, Float32Array>();
  const initialWeight = ({ address, name, shape, initial }: NetworkWeight): Float32Array => {
    if (initial.kind !== 'transposed')
      return drawInitialValue(initial, shape, streamAt({ seed, path: address, purpose: name }));
    const other = values.get(weightKey(initial.of.address, initial.of.name));
    if (other === undefined) throw new RangeError(`'${address}' starts from a weight that does not come before it`);
    return transposed(other, shape);
  };
  for (const weight of network.weights) values.set(weight.key, given.get(weight.key) ?? initialWeight(weight));
  return values;
}

/**
 * The transpose of a matrix, or a copy of a kernel: a convolution and its transpose have the same.
 * @param shape of the result
 */
function transposed(values: Float32Array, shape: Shape): Float32Array {
  const [rows = 1, columns = 1] = shape;
  if (shape.length !== 2) return values.slice();
  const turned = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) turned[(i % rows) * columns + Math.floor(i / rows)] = values[i] ?? 0;
  return turned;
}

/**
 * Explains why given weights can't replace a network's; null if they can.
 *
 * @param shapes known shapes: a transposed matrix has the same number of elements
 */
export function misfitOf(
  given: WeightValues,
  { weights }: Pick<Network, 'weights'>,
  shapes: ReadonlyMap<string, Shape> = new Map(),
): string | null {
  const known = new Map(weights.map((weight) => [weight.key, weight]));
  for (const [key, values] of given) {
    const weight = known.get(key);
    const name = key.replaceAll('/', '.');
    if (!weight) return `the experiment has no weight '${name}'`;
    const shape = shapes.get(key);
    if (shape && shape.join() !== weight.shape.join())
      return `the weight '${name}' has the shape [${weight.shape.join(', ')}], not [${shape.join(', ')}]`;
    const elements = elementCount(weight.shape);
    if (values.length !== elements) return `the weight '${name}' has ${elements} elements, not ${values.length}`;
  }
  return null;
}

/**
 * Draws a weight's initial value. Products and sums are computed in float64 and rounded once.
 * @throws RangeError for one that comes from another weight, or from the data
 */
export function drawInitialValue(initial: InitialValue, shape: Shape, random: RandomStream): Float32Array {
  const values = new Float32Array(elementCount(shape));
  switch (initial.kind) {
    case 'constant':
      return values.fill(initial.value);
    case 'uniform':
      random.uniform(values, 0);
      for (let i = 0; i < values.length; i++) values[i] = (2 * (values[i] ?? 0) - 1) * initial.bound;
      return values;
    case 'normal':
      random.normal(values, 0);
      return spread(values, initial);
    case 'truncated_normal':
      random.truncatedNormal(values, 0);
      return spread(values, initial);
    case 'orthogonal': {
      random.normal(values, 0);
      const rows = shape[0] ?? 1;
      return orthogonalMatrix(values, rows, values.length / rows, initial.gain);
    }
    case 'directions': {
      random.normal(values, 0);
      const length = values.length / (shape[0] ?? 1);
      for (let start = 0; start < values.length; start += length)
        scale(values.subarray(start, start + length), initial.norm);
      return values;
    }
    case 'transposed':
      throw new RangeError('the transpose of another weight is not drawn');
    case 'center':
      throw new RangeError(`the ${initial.center} of the data is given, not drawn`);
    case 'of_run':
      throw new RangeError(`the weight of the layer '${initial.layer}' of ${initial.run} is given, not drawn`);
  }
}

/** Scales a vector to a norm. */
function scale(values: Float32Array, norm: number): void {
  let squares = 0;
  for (const value of values) squares += value * value;
  const factor = norm / Math.sqrt(squares);
  for (let i = 0; i < values.length; i++) values[i] = factor * (values[i] ?? 0);
}

function spread(values: Float32Array, { mean, std }: { readonly mean: number; readonly std: number }): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = mean + std * (values[i] ?? 0);
  return values;
}
