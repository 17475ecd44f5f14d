import type { InitialValue } from '../../compiler/ir/experiment.js';
import { elementCount, type Shape } from '../../compiler/ir/shape.js';
import type { Network, NetworkWeight } from '../lowering/network.js';
import { type RandomStream, stream } from '../random/stream.js';
import { orthogonalMatrix } from './orthogonal.js';

/** The values of weights by key, in PyTorch's layouts, row by row. */
export type WeightValues = ReadonlyMap<string, Float32Array>;

/** What every weight of a network starts from; each is drawn from the stream of its layer's address and its name. */
export function initialWeights(network: Pick<Network, 'weights'>, seed: number): WeightValues {
  return new Map(network.weights.map((weight) => [weight.key, initialWeight(weight, seed)]));
}

/** Why weights that were given cannot stand in place of those of a network; null where they can. */
export function misfitOf(given: WeightValues, { weights }: Pick<Network, 'weights'>): string | null {
  const known = new Map(weights.map((weight) => [weight.key, weight]));
  for (const [key, values] of given) {
    const weight = known.get(key);
    const name = key.replaceAll('/', '.');
    if (!weight) return `the experiment has no weight '${name}'`;
    const elements = elementCount(weight.shape);
    if (values.length !== elements) return `the weight '${name}' has ${elements} elements, not ${values.length}`;
  }
  return null;
}

function initialWeight({ address, name, shape, initial }: NetworkWeight, seed: number): Float32Array {
  return drawInitialValue(initial, shape, stream({ seed, path: address, purpose: name }));
}

/** Draws one weight. Products and sums are in float64 and rounded once. */
export function drawInitialValue(initial: InitialValue, shape: Shape, random: RandomStream): Float32Array {
  const values = new Float32Array(elementCount(shape));
  switch (initial.kind) {
    case 'constant':
      return values.fill(initial.value);
    case 'uniform':
      random.uniform(values, 0);
      return values.map((u) => (2 * u - 1) * initial.bound);
    case 'normal':
      random.normal(values, 0);
      return values.map((z) => initial.mean + initial.std * z);
    case 'truncated_normal':
      random.truncatedNormal(values, 0);
      return values.map((z) => initial.mean + initial.std * z);
    case 'orthogonal': {
      random.normal(values, 0);
      const rows = shape[0] ?? 1;
      return orthogonalMatrix(values, rows, values.length / rows, initial.gain);
    }
  }
}
