import { holderOf, type InitialValue, type LayerNode } from '../ir/experiment.js';
import { describeShape, type Shape, sameShape } from '../ir/shape.js';
import {
  type Arguments,
  isLayerReference,
  isWordValue,
  type LayerReference,
  ownValue,
  plainArguments,
  type Value,
} from '../ir/value.js';
import { knownWord, type Library, wordOfUse } from '../library/library.js';
import { type LayerWord, type Problem, problem, type WeightDeclaration } from '../library/word.js';

/** Name of the weight that a layer's initializer is for. */
const transposedWeight = 'weight';

/**
 * Resolves the initial value of a weight by asking the named initializer.
 * @param other the layer whose weight the initializer transposes; null if it transposes none
 */
export function initialValue(
  initial: WeightDeclaration['initial'],
  library: Library,
  other: Pick<LayerNode, 'address' | 'weights'> | null = null,
): InitialValue {
  if (initial.kind !== 'initializer') return initial;
  const { initializer, fanIn, fanOut, ofBias } = initial;
  const word = knownWord(library, 'initializer', initializer.word);
  const args = plainArguments(initializer.arguments);
  if (ofBias) return word.initialBias?.(args, fanIn) ?? { kind: 'constant', value: 0 };
  const weight = other?.weights.find(({ name }) => name === transposedWeight);
  const place = other && weight ? holderOf(other, weight) : null;
  return word.initial(args, fanIn, fanOut, place ?? undefined);
}

/** An initializer that transposes the weight of another layer, as an argument. */
interface Transposed {
  /** The argument that has the initializer, and the initializer's own that names the layer. */
  readonly argument: string;
  readonly of: string;
  readonly layer: LayerReference;
}

/** The layer whose weight an argument's initializer transposes; null if none does. */
export function transposedLayer(args: Arguments, library: Library): Transposed | null {
  for (const [argument, { value }] of Object.entries(args)) {
    if (!isWordValue(value) || value.family !== 'initializer') continue;
    const of = wordOfUse(library, 'initializer', value)?.transposes;
    const layer = of === undefined ? null : (ownValue(value.arguments, of)?.value ?? null);
    if (of !== undefined && isLayerReference(layer)) return { argument, of, layer };
  }
  return null;
}

/** Whether a value is an initializer that starts from a stored run. */
export function isStoredStart(value: Value, library: Library): boolean {
  return (
    isWordValue(value) &&
    value.family === 'initializer' &&
    wordOfUse(library, 'initializer', value)?.stored !== undefined
  );
}

/** The arguments with the initializer naming the layer that has the weight, whatever label it was given by. */
export function withTransposed(args: Arguments, { argument, of }: Transposed, layer: LayerReference): Arguments {
  const given = ownValue(args, argument);
  if (given === undefined || !isWordValue(given.value)) return args;
  const { value } = given;
  const named = { ...value.arguments, [of]: { value: layer, origin: 'given' as const } };
  return { ...args, [argument]: { ...given, value: { ...value, arguments: named } } };
}

/** A layer that is to start from the transpose of another one's weight. */
interface Starting {
  readonly definition: LayerWord;
  readonly input: Shape;
  readonly output: Shape;
  readonly weight: Shape;
}

/** Explains why a layer can't start from the transpose of another one's weight; null if it can. */
export function misfitOfTransposed(other: LayerNode, at: Starting, library: Library): Problem | null {
  const { definition, input, output, weight } = at;
  const name = other.label === null ? `the layer ${other.word}` : `the layer '${other.label}' (${other.word})`;
  const own = other.weights.find((each) => each.name === transposedWeight);
  if (own === undefined || other.address === null) {
    const heads = Object.keys(other.heads).map((head) => `${other.label ?? 'z'}.${head}`);
    const hint = heads.length > 0 ? `name one of its layers: ${heads.join(' or ')}` : 'name a layer with a weight';
    return problem('AE402', `${name} has no weight that could be transposed`, { hint });
  }
  const opposite = knownWord(library, 'layer', other).opposite(plainArguments(other.arguments), {
    input: other.input,
    output: other.output,
    tied: true,
  });
  const word = opposite.ok ? (opposite.value?.word ?? null) : null;
  if (word !== definition.name) {
    const hint = word === null ? null : `its weight transposed is that of a ${word}`;
    return problem('AE402', `'${definition.name}' cannot start from the transpose of ${name}`, { hint });
  }
  // A convolution and its transpose have the same kernel.
  const turned = own.shape.length === 2 ? own.shape.toReversed() : own.shape;
  const joins = input[0] === other.output[0] && output[0] === other.input[0];
  if (sameShape(turned, weight)) {
    return joins
      ? null
      : problem('AE402', `'${definition.name}' has more or fewer groups than ${name}, whose transpose it starts from`);
  }
  return problem(
    'AE402',
    `'${definition.name}' has a weight ${describeShape(weight)}, but that of ${name} transposed is ${describeShape(turned)}`,
    {
      hint: `${name} goes from ${describeShape(other.input)} to ${describeShape(other.output)}, and this layer from ${describeShape(input)} to ${describeShape(output)}`,
    },
  );
}
