import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { holderOf, type LayerNode, type TiedWeight, type WeightNode } from '../ir/experiment.js';
import { type Interval, realLine } from '../ir/interval.js';
import { describeShape, elementCount, type Shape, sameShape } from '../ir/shape.js';
import {
  type Arguments,
  type ArgumentValue,
  inputReference,
  isInputReference,
  isWordValue,
  type LayerReference,
  layersNamedBy,
  type Origin,
  ownValue,
  plainArguments,
  type Value,
} from '../ir/value.js';
import { defaultOf } from '../library/defaults.js';
import { knownWord, type Library, wordOfUse } from '../library/library.js';
import {
  type DataConditions,
  type LayerWord,
  type NamedLayer,
  type NamedLayers,
  noConditions,
} from '../library/word.js';
import type { Identifier } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { initialValue, misfitOfTransposed, transposedLayer, withTransposed } from './initial-value.js';

/** Shape and range between two layers; the shape is unknown after an error. */
interface Flow {
  readonly shape: Shape | null;
  readonly range: Interval;
}

/** Shape after a data set, a transform or a layer, as written. */
export interface ShapeStep {
  /** The call as written, or a data set's name; layers of a derived decoder share the call of `mirror` or `tied`. */
  readonly span: Span;
  readonly output: Shape;
  /** Layers that the call expands to, such as a flatten, a dense and an activation; empty for data. */
  readonly nodes: readonly LayerNode[];
}

/** A layer that has a weight, and where it is. */
export interface WeightOwner {
  readonly reference: LayerReference;
  readonly node: LayerNode;
}

/** A layer to be appended. */
export interface LayerRequest {
  readonly definition: LayerWord;
  readonly arguments: Arguments;
  readonly label: Identifier | null;
  readonly origin: Origin;
  readonly heads: Readonly<Record<string, readonly LayerNode[]>>;
  /** Weights that another layer owns, by name. */
  readonly tied: Readonly<Record<string, TiedWeight>>;
  /** The layer that this one is once more, with its weights; absent for one with weights of its own. */
  readonly shares?: LayerNode;
  readonly refuse: (code: DiagnosticCode, message: string, hint?: string | null, note?: string) => void;
}

/**
 * Builds the layers of one block: desugars `activation=`, flattens before dense layers, propagates shape and range, and
 * assigns addresses to layers with weights or random numbers.
 */
export class LayerChain {
  readonly nodes: LayerNode[] = [];
  /** One for every call whose shape is known. */
  readonly steps: ShapeStep[] = [];
  readonly #library: Library;
  readonly #prefix: string;
  readonly #below: LayerChain | null;
  readonly #input: Flow;
  readonly conditions: DataConditions;
  #flow: Flow;
  #addressed = 0;

  /**
   * @param prefix `encoder`, `decoder`, or the address of a head, which its only layer then takes
   * @param below the encoder's, for a decoder; null for the encoder itself and for heads
   * @param conditions what the data has besides examples
   */
  constructor(
    library: Library,
    prefix: string,
    input: Shape | null,
    range: Interval,
    below: LayerChain | null = null,
    conditions: DataConditions = noConditions,
  ) {
    this.#library = library;
    this.#below = below;
    this.#input = { shape: input, range };
    this.conditions = conditions;
    this.#prefix = prefix;
    this.#flow = this.#input;
  }

  /** The block whose layers these are. */
  get block(): 'encoder' | 'decoder' {
    return this.#below === null ? 'encoder' : 'decoder';
  }

  /** The last layer's output; that of the encoder, or the network's input, where there is no layer yet. */
  get end(): LayerReference {
    if (this.nodes.length === 0) return this.#below?.end ?? inputReference;
    return { kind: 'layer', block: this.block, index: this.nodes.length - 1, head: null };
  }

  /** The layers of a block so far. */
  placed(block: 'encoder' | 'decoder'): readonly LayerNode[] {
    return block === this.block || this.#below === null ? this.nodes : this.#below.placed(block);
  }

  get shape(): Shape | null {
    return this.#flow.shape;
  }

  get range(): Interval {
    return this.#flow.range;
  }

  /**
   * The shapes up to here: "shapes on the way: 1×20×20 → conv2d 8×18×18 → code 16, then dense 400". Layers that keep
   * the shape are left out, and so is the middle of a long chain. Undefined before the first layer.
   */
  get note(): string | undefined {
    const encoder = this.#below?.nodes ?? [];
    const input = encoder[0]?.input ?? this.#input.shape;
    if (input === null || encoder.length + this.nodes.length === 0) return undefined;
    const blocks = [encoder, this.nodes].filter((nodes) => nodes.length > 0);
    const [first = '', ...others] = blocks.map((nodes) => shortened(nodes.flatMap(shapeStep)).join(' → '));
    return `shapes on the way: ${describeShape(input)} → ${[first, ...others].join(', then ')}`;
  }

  /** Address of the next layer with weights or random numbers. */
  get nextAddress(): string {
    return `${this.#prefix}/${this.#addressed}`;
  }

  /** @param span of the call */
  add(request: LayerRequest, span: Span): void {
    const before = this.nodes.length;
    this.#add(request);
    const output = this.#flow.shape;
    if (output !== null) this.steps.push({ span, output, nodes: this.nodes.slice(before) });
  }

  #add(request: LayerRequest): void {
    const { definition } = request;
    const { activation, rest } = splitActivation(request.arguments);
    if (definition.isIdentity === true && this.nodes.length > 0) return;
    if (definition.flattensInput && (this.#flow.shape?.length ?? 0) > 1) this.#insertFlatten();
    this.#place(definition, rest, request);
    if (activation && isWordValue(activation.value)) {
      const word = wordOfUse(this.#library, 'layer', activation.value);
      if (word && word.isIdentity !== true) {
        this.#place(word, activation.value.arguments, {
          ...request,
          heads: {},
          tied: {},
          label: null,
          origin: activation.origin,
        });
      }
    }
  }

  /** Gives the last layer a name, unless it has one. */
  nameLast(label: string): void {
    const last = this.nodes.pop();
    if (last) this.nodes.push({ ...last, label: last.label ?? label });
  }

  /** Restores the input's shape, if only the shape differs. */
  insertReshape(to: Shape): void {
    const word = this.#wordThatReshapes('to a shape');
    if (!word || this.#flow.shape === null) return;
    const value: Value = to;
    this.#append(word, { shape: { value, origin: 'inserted' } }, to, [], {
      label: null,
      origin: 'inserted',
      heads: {},
    });
  }

  /**
   * Gives the output of the last layer this shape inside of its heads, if it is the mean of a distribution and only the
   * shape differs, so that its variance keeps to it; one value for all stays one.
   * @returns whether the output has the shape
   */
  reshapeHeads(to: Shape): boolean {
    const last = this.nodes.at(-1);
    const word = this.#wordThatReshapes('to a shape');
    if (!last || !word || knownWord(this.#library, 'layer', last).logVariance === undefined) return false;
    if (elementCount(last.output) !== elementCount(to)) return false;
    const heads = Object.entries(last.heads).map(([head, nodes]): readonly [string, readonly LayerNode[]] => {
      const [end] = nodes.slice(-1);
      if (!end) return [head, nodes];
      const shape = elementCount(end.output) === elementCount(to) ? to : to.map(() => 1);
      return [head, sameShape(end.output, shape) ? nodes : [...nodes, reshapeAfter(end, shape, word)]];
    });
    this.nodes.splice(-1, 1, { ...last, output: to, heads: Object.fromEntries(heads) });
    this.#flow = { ...this.#flow, shape: to };
    return true;
  }

  #insertFlatten(): void {
    const word = this.#wordThatReshapes('to one dimension');
    if (!word || this.#flow.shape === null) return;
    const after = word.shape({}, this.#flow.shape, {});
    if (after.ok) this.#append(word, {}, after.value, [], { label: null, origin: 'inserted', heads: {} });
  }

  #wordThatReshapes(how: LayerWord['reshapes']): LayerWord | undefined {
    return this.#library.byFamily.layer.find(({ reshapes }) => reshapes === how);
  }

  #place(definition: LayerWord, args: Arguments, request: LayerRequest): void {
    const plain = plainArguments(args);
    const input = this.#flow.shape;
    if (input === null) return;
    const headShapes = Object.fromEntries(
      Object.entries(request.heads).map(([name, nodes]) => [name, nodes.at(-1)?.output ?? input]),
    );
    const named = this.#named(args);
    const shape = definition.shape(plain, input, headShapes, named, this.conditions);
    if (!shape.ok) {
      request.refuse(shape.problem.code, shape.problem.message, shape.problem.hint, this.note);
      this.#flow = { shape: null, range: this.#flow.range };
      return;
    }
    const { shares } = request;
    const started = shares === undefined ? transposedLayer(args, this.#library) : null;
    const owner = started && this.weightOwner(started.layer);
    if (started && !owner) {
      this.#flow = { shape: null, range: this.#flow.range };
      return;
    }
    const declared = definition.weights(plain, input, this.conditions);
    const at = { definition, input, output: shape.value, weight: declared.weight?.shape ?? [] };
    const misfit =
      owner && ownValue(request.tied, 'weight') === undefined && misfitOfTransposed(owner.node, at, this.#library);
    if (misfit) {
      request.refuse(misfit.code, misfit.message, misfit.hint);
      this.#flow = { shape: null, range: this.#flow.range };
      return;
    }
    const misfitting =
      shares?.weights.find(({ name, shape: own }) => !sameShape(ownValue(declared, name)?.shape ?? [], own)) ?? null;
    if (shares && misfitting) {
      const here = describeShape(ownValue(declared, misfitting.name)?.shape ?? []);
      request.refuse(
        'AE402',
        `the ${misfitting.name} of ${shares.label === null ? `'${shares.word}'` : `'${shares.label}' (${shares.word})`} is ${describeShape(misfitting.shape)}, and here it would have to be ${here}`,
        `that layer takes ${describeShape(shares.input)}, and this one would take ${describeShape(input)}`,
        this.note,
      );
      this.#flow = { shape: null, range: this.#flow.range };
      return;
    }
    const weights =
      shares?.weights.map((weight): WeightNode => {
        const place = holderOf(shares, weight);
        return { ...weight, tiedTo: place && { ...place, transposed: weight.tiedTo?.transposed ?? false } };
      }) ??
      Object.entries(declared).map(
        ([name, { initial, shape, trainable }]): WeightNode => ({
          name,
          shape,
          trainable: trainable && plain.frozen !== true,
          initial: initialValue(initial, this.#library, owner?.node ?? null),
          tiedTo: ownValue(request.tied, name) ?? null,
        }),
      );
    const settled = started && owner ? withTransposed(args, started, owner.reference) : args;
    this.#append(definition, settled, shape.value, weights, request, named);
  }

  /** The layer that a reference to a weight means: an activation has that of the layer before it. Null after an error. */
  weightOwner(reference: LayerReference): WeightOwner | null {
    if (this.#below !== null && reference.block !== this.block) return this.#below.weightOwner(reference);
    if (reference.head !== null) {
      const node = ownValue(this.nodes[reference.index]?.heads ?? {}, reference.head)?.at(-1);
      return node ? { reference, node } : null;
    }
    const isPassed = (node: LayerNode) => knownWord(this.#library, 'layer', node).activation;
    const below = this.nodes.findLastIndex((node, i) => i <= reference.index && !isPassed(node));
    const index = below < 0 ? reference.index : below;
    const node = this.nodes[index];
    return node ? { reference: { ...reference, index }, node } : null;
  }

  /** Layers that arguments refer to, such as the pool that an `unpool2d` inverts. */
  #named(args: Arguments): NamedLayers {
    return Object.fromEntries(
      Object.entries(args).flatMap(([name, { value }]) => {
        const layers = layersNamedBy(value).flatMap((reference) => this.namedLayer(reference) ?? []);
        return layers.length === 0 ? [] : [[name, layers] as const];
      }),
    );
  }

  /** Null after an error in the layers below. */
  namedLayer(reference: LayerReference): NamedLayer | null {
    if (this.#below !== null && reference.block !== this.block) return this.#below.namedLayer(reference);
    if (isInputReference(reference)) {
      const { shape, range } = this.#input;
      return shape && { word: 'input', arguments: {}, input: shape, output: shape, range };
    }
    const node = this.nodes[reference.index];
    const given = reference.head === null ? node : (node && ownValue(node.heads, reference.head))?.at(-1);
    if (!node || !given) return null;
    const { word, input, output, range } = given;
    return { word, arguments: plainArguments(given.arguments), input, output, range };
  }

  #append(
    definition: LayerWord,
    args: Arguments,
    output: Shape,
    weights: readonly WeightNode[],
    request: Pick<LayerRequest, 'label' | 'origin' | 'heads'>,
    named: NamedLayers = {},
  ): void {
    const addressed = weights.length > 0 || definition.random || Object.keys(request.heads).length > 0;
    const address = addressed ? this.nextAddress : null;
    if (addressed) this.#addressed++;
    const heads = Object.entries(request.heads).map(
      ([head, nodes]) => [head, nodes.at(-1)?.range ?? realLine] as const,
    );
    const range = definition.range(
      plainArguments(args),
      this.#flow.range,
      named,
      Object.fromEntries(heads),
      this.conditions,
    );
    this.nodes.push({
      kind: 'layer',
      word: definition.name,
      version: definition.version,
      ...(definition.defined === undefined ? {} : { definition: definition.defined }),
      arguments: args,
      address,
      label: request.label?.name ?? null,
      origin: request.origin,
      input: this.#flow.shape ?? output,
      output,
      range,
      weights,
      heads: request.heads,
    });
    this.#flow = { shape: output, range };
  }
}

/** The same elements as a layer gives, in another shape. */
function reshapeAfter({ output, range }: LayerNode, to: Shape, word: LayerWord): LayerNode {
  return {
    kind: 'layer',
    word: word.name,
    version: word.version,
    arguments: { shape: { value: to, origin: 'inserted' } },
    address: null,
    label: null,
    origin: 'inserted',
    ...{ input: output, output: to, range, weights: [], heads: {} },
  };
}

/**
 * A head of a layer with labelled blocks. Its first layer with weights takes the head's own address, `encoder/1/mu`, whether
 * or not there are others, which follow as `encoder/1/mu/1`.
 */
export class HeadChain extends LayerChain {
  readonly #address: string;
  readonly #owner: LayerChain;

  constructor(library: Library, address: string, input: Shape | null, range: Interval, owner: LayerChain) {
    super(library, address, input, range, null, owner.conditions);
    this.#address = address;
    this.#owner = owner;
  }

  override get block(): 'encoder' | 'decoder' {
    return this.#owner.block;
  }

  override get nextAddress(): string {
    const addressed = this.nodes.filter(({ address }) => address !== null).length;
    return addressed === 0 ? this.#address : `${this.#address}/${addressed}`;
  }

  override namedLayer(reference: LayerReference): NamedLayer | null {
    return this.#owner.namedLayer(reference);
  }

  override weightOwner(reference: LayerReference): WeightOwner | null {
    return this.#owner.weightOwner(reference);
  }
}

export function refusal(collector: DiagnosticCollector, span: Span, input: Shape | null): LayerRequest['refuse'] {
  return (code, message, hint = null, note) => {
    const related = input ? ` (its input is ${describeShape(input)})` : '';
    collector.error(code, message.includes('input') ? message : `${message}${related}`, span, { hint, note });
  };
}

/** The arguments of a layer that joins: its default ones, and what it joins. */
export function joining(
  definition: LayerWord,
  reference: string,
  layer: LayerReference,
  library: Library,
): Readonly<Record<string, ArgumentValue>> {
  const values = Object.entries(definition.parameters).map(([name, parameter]): readonly [string, ArgumentValue] =>
    name === reference
      ? [name, { value: layer, origin: 'inserted' }]
      : [name, { value: defaultOf(parameter, library), origin: 'default' }],
  );
  return Object.fromEntries(values);
}

/** Splits off `activation=f`, which is equivalent to a layer f afterwards. */
function splitActivation(args: Arguments) {
  const { activation, ...rest } = args;
  return { activation: activation ?? null, rest };
}

/** Layers that a note shows of one block. */
const mostSteps = 12;

function shortened(steps: readonly string[]): readonly string[] {
  if (steps.length <= mostSteps) return steps;
  return [...steps.slice(0, mostSteps / 2), '…', ...steps.slice(-mostSteps / 2)];
}

/** `conv2d 8×18×18`, or its label in place of the word; nothing for a layer that keeps the shape. */
function shapeStep({ word, label, input, output }: LayerNode): readonly string[] {
  return label === null && sameShape(input, output) ? [] : [`${label ?? word} ${describeShape(output)}`];
}
