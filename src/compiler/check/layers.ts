import type { DiagnosticCode } from '../diagnostics/codes.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { InitialValue, LayerNode, WeightNode } from '../ir/experiment.js';
import type { Interval } from '../ir/interval.js';
import { describeShape, type Shape, sameShape } from '../ir/shape.js';
import {
  type Arguments,
  isLayerReference,
  isWordValue,
  type Origin,
  ownValue,
  plainArguments,
  type Value,
} from '../ir/value.js';
import { knownWord, type Library } from '../library/library.js';
import type { LayerWord, NamedLayer, WeightDeclaration } from '../library/word.js';
import type { Identifier, LabelledCall } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { ArgumentChecker, Bound } from './arguments.js';
import type { Labels } from './labels.js';

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

/** A layer to be appended. */
export interface LayerRequest {
  readonly definition: LayerWord;
  readonly arguments: Arguments;
  readonly label: Identifier | null;
  readonly origin: Origin;
  readonly heads: Readonly<Record<string, readonly LayerNode[]>>;
  /** Tied weights, by name: the owner of the weight that each is the transpose of. */
  readonly tied: Readonly<Record<string, { readonly address: string; readonly name: string }>>;
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
  readonly #encoder: readonly LayerNode[] | null;
  readonly #input: Shape | null;
  #flow: Flow;
  #addressed = 0;

  /**
   * @param prefix `encoder`, `decoder`, or the address of a head, which its only layer then takes
   * @param encoder layers that a decoder may refer to besides its own; null for the encoder itself
   */
  constructor(
    library: Library,
    prefix: string,
    input: Shape | null,
    range: Interval,
    encoder: readonly LayerNode[] | null = null,
  ) {
    this.#library = library;
    this.#encoder = encoder;
    this.#input = input;
    this.#prefix = prefix;
    this.#flow = { shape: input, range };
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
    const encoder = this.#encoder ?? [];
    const input = encoder[0]?.input ?? this.#input;
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
      const word = this.#library.find('layer', activation.value.word);
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
    const shape = definition.shape(plain, input, headShapes, this.#named(plain));
    if (!shape.ok) {
      request.refuse(shape.problem.code, shape.problem.message, shape.problem.hint, this.note);
      this.#flow = { shape: null, range: this.#flow.range };
      return;
    }
    const weights = Object.entries(definition.weights(plain, input)).map(
      ([name, { initial, ...declared }]): WeightNode => ({
        name,
        ...declared,
        initial: initialValue(initial, this.#library),
        tiedTo: ownValue(request.tied, name) ?? null,
      }),
    );
    this.#append(definition, args, shape.value, weights, request);
  }

  /** Layers that arguments refer to: the pool that an `unpool2d` inverts. */
  #named(plain: Readonly<Record<string, Value>>): Readonly<Record<string, NamedLayer>> {
    const named: Record<string, NamedLayer> = {};
    for (const [name, value] of Object.entries(plain)) {
      if (!isLayerReference(value)) continue;
      const block = value.block === 'encoder' && this.#encoder !== null ? this.#encoder : this.nodes;
      const node = block[value.index];
      if (!node) continue;
      const { word, input, output } = node;
      named[name] = { word, arguments: plainArguments(node.arguments), input, output };
    }
    return named;
  }

  #append(
    definition: LayerWord,
    args: Arguments,
    output: Shape,
    weights: readonly WeightNode[],
    request: Pick<LayerRequest, 'label' | 'origin' | 'heads'>,
  ): void {
    const addressed = weights.length > 0 || definition.random || Object.keys(request.heads).length > 0;
    const address = addressed ? this.nextAddress : null;
    if (addressed) this.#addressed++;
    const range = definition.range(plainArguments(args), this.#flow.range);
    this.nodes.push({
      kind: 'layer',
      word: definition.name,
      version: definition.version,
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

/** A head of a layer with labelled blocks; its only layer takes the head's own address, `encoder/1/mu`. */
export class HeadChain extends LayerChain {
  readonly #address: string;

  constructor(library: Library, address: string, input: Shape | null, range: Interval) {
    super(library, address, input, range);
    this.#address = address;
  }

  override get nextAddress(): string {
    return this.#address;
  }
}

/** Checks the layers of a block as written. */
export function checkLayers(
  block: 'encoder' | 'decoder',
  layers: readonly LabelledCall[],
  chain: LayerChain,
  library: Library,
  checker: ArgumentChecker,
  labels: Labels,
  collector: DiagnosticCollector,
): boolean {
  let complete = true;
  for (const { label, call, span } of layers) {
    const bound = checker.bind('layer', call);
    if (!bound) {
      complete = false;
      if (label) labels.declareBroken(label.name);
      continue;
    }
    const heads = checkHeads(bound, call.block ?? [], chain, library, checker, collector);
    if (!heads) {
      complete = false;
      if (label) labels.declareBroken(label.name);
      continue;
    }
    const before = chain.shape;
    chain.add(
      {
        definition: bound.definition,
        arguments: bound.value.arguments,
        label,
        origin: 'given',
        heads,
        tied: {},
        refuse: refusal(collector, span, before),
      },
      call.span,
    );
    if (before !== null && chain.shape === null) complete = false;
    if (label?.name === 'code' && block === 'decoder') {
      collector.error(
        'AE212',
        "'code' is the name of the encoder's output, but this is a layer of the decoder",
        label.span,
        {
          hint: 'choose another label',
        },
      );
    }
    if (label && label.name !== 'code') {
      labels.declare(
        label,
        { kind: 'layer', block, index: Math.max(0, chain.nodes.length - 1), head: null },
        bound.definition.heads,
        collector,
      );
    }
  }
  return complete && chain.shape !== null;
}

function refusal(collector: DiagnosticCollector, span: Span, input: Shape | null): LayerRequest['refuse'] {
  return (code, message, hint = null, note) => {
    const related = input ? ` (its input is ${describeShape(input)})` : '';
    collector.error(code, message.includes('input') ? message : `${message}${related}`, span, { hint, note });
  };
}

function checkHeads(
  bound: Bound<LayerWord>,
  block: readonly LabelledCall[],
  chain: LayerChain,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): Readonly<Record<string, readonly LayerNode[]>> | null {
  const { heads, name } = bound.definition;
  const found = new Map<string, readonly LayerNode[]>();
  let complete = true;
  for (const { label, call, span } of block) {
    if (!label || !heads.includes(label.name)) {
      const what =
        heads.length > 0 ? `'${name}' takes the layers ${heads.join(' and ')}` : `'${name}' takes no layers in braces`;
      collector.error('AE209', what, label?.span ?? span);
      complete = false;
    } else if (found.has(label.name)) {
      collector.error('AE203', `'${name}' has two layers '${label.name}'`, label.span);
      complete = false;
    } else {
      const layer = checker.bind('layer', call);
      const head = new HeadChain(library, `${chain.nextAddress}/${label.name}`, chain.shape, chain.range);
      if (layer) {
        head.add(
          {
            definition: layer.definition,
            arguments: layer.value.arguments,
            label: null,
            origin: 'given',
            heads: {},
            tied: {},
            refuse: refusal(collector, span, chain.shape),
          },
          call.span,
        );
        chain.steps.push(...head.steps);
      }
      found.set(label.name, head.nodes);
      if (!layer || (chain.shape !== null && head.shape === null)) complete = false;
    }
  }
  for (const head of heads) {
    if (found.has(head)) continue;
    collector.error('AE302', `'${name}' needs a layer '${head}'`, bound.span, {
      hint: `${name} { ${heads.map((h) => `${h}: dense(20)`).join('  ')} }`,
    });
    complete = false;
  }
  return complete ? Object.fromEntries(heads.map((head) => [head, found.get(head) ?? []])) : null;
}

/** Splits off `activation=f`, which is equivalent to a layer f afterwards. */
function splitActivation(args: Arguments) {
  const { activation, ...rest } = args;
  return { activation: activation ?? null, rest };
}

/** Resolves the initial value of a weight by asking the named initializer. */
export function initialValue(initial: WeightDeclaration['initial'], library: Library): InitialValue {
  if (initial.kind !== 'initializer') return initial;
  const { initializer, fanIn, fanOut, ofBias } = initial;
  const word = knownWord(library, 'initializer', initializer.word);
  const args = plainArguments(initializer.arguments);
  if (ofBias) return word.initialBias?.(args, fanIn) ?? { kind: 'constant', value: 0 };
  return word.initial(args, fanIn, fanOut);
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
