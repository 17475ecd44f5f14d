import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { LayerNode, TiedWeight } from '../ir/experiment.js';
import { describeShape, elementCount, type Shape, sameShape } from '../ir/shape.js';
import {
  type Arguments,
  type ArgumentValue,
  isWordValue,
  type LayerReference,
  layersNamedIn,
  ownValue,
  plainArguments,
  type WordValue,
} from '../ir/value.js';
import { defaultOf } from '../library/defaults.js';
import { knownWord, type Library } from '../library/library.js';
import type { LayerWord, Opposite } from '../library/word.js';
import type { CallExpression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { ArgumentChecker } from './arguments.js';
import { isStoredStart } from './initial-value.js';
import { joining, type LayerChain, type LayerRequest, refusal } from './layers.js';

/**
 * Derives the decoder of `tied` and `mirror` by inverting the encoder's layers, last to first. Each layer has the
 * activation of the encoder layer whose output it reconstructs; the last has `output=`.
 *
 * @param encoder complete, with all shapes known
 */
export function deriveDecoder(
  call: CallExpression,
  encoder: readonly LayerNode[],
  chain: LayerChain,
  library: Library,
  checker: ArgumentChecker,
  collector: DiagnosticCollector,
): boolean {
  const bound = checker.bind('decoder', call);
  if (!bound) return false;
  const { tied } = bound.definition;
  const undone: Undone[] = [];
  for (const step of stepsOf(encoder, library)) {
    const { input, output } = step.node;
    const opposite = library
      .find('layer', step.node.word)
      ?.opposite(plainArguments(step.node.arguments), { input, output, tied });
    if (opposite?.ok === false) {
      const { code, message, hint } = opposite.problem;
      collector.error(code, `${describeLayer(step.node)}: ${message}`, call.span, { hint });
      return false;
    }
    if (opposite?.value) undone.push({ ...step, opposite: opposite.value });
  }
  const joins = new Joins(chain, library);
  for (const [i, step] of [...undone.entries()].reverse()) {
    const { node, index, opposite } = step;
    const definition = library.find('layer', opposite.word);
    if (!definition) {
      collector.error('AE505', `${describeLayer(node)} has no inverse: there is no '${opposite.word}'`, call.span);
      return false;
    }
    const refuse: LayerRequest['refuse'] = (code, message, hint = null, note) =>
      collector.error(code, message, call.span, { hint, note });
    const below = undone[i - 1];
    if (opposite.joins === true) {
      if (Object.keys(node.heads).length > 0) {
        const message = `${describeLayer(node)}: what a shortcut changes cannot be undone`;
        collector.error('AE505', message, call.span, { hint: 'write the decoder out' });
        return false;
      }
      joins.begin(step);
    } else {
      const reference = opposite.reference === null ? null : { name: opposite.reference, index };
      chain.add(
        {
          definition,
          arguments: completed(definition, opposite.arguments, reference, library),
          label: null,
          origin: 'inserted',
          heads: {},
          tied: tied ? tiedWeights(node) : {},
          refuse,
        },
        call.span,
      );
    }
    // A layer's own output is rebuilt before the activation after it is.
    joins.end(
      (at) => at > (below?.index ?? -1) || (at === below?.index && below.activations.length === 0),
      refuse,
      call.span,
    );
    const activations = opposite.joins === true ? [] : (below?.activations ?? []);
    for (const { word, arguments: args } of activations) {
      addActivation(word, args, chain, library, call.span);
    }
    joins.end((at) => at >= (below?.index ?? -1), refuse, call.span);
  }
  const { output } = bound.plain;
  if (output !== undefined && isWordValue(output)) {
    addActivation(output.word, output.arguments, chain, library, call.span);
  }
  return chain.shape !== null;
}

/**
 * The skip connections of a derived decoder: where the encoder adds the output of an earlier layer, the decoder adds
 * what it had rebuilt there once it has rebuilt that earlier layer's.
 */
class Joins {
  readonly #chain: LayerChain;
  readonly #library: Library;
  /** Those that have begun, by the index of the encoder's layer at which each ends. */
  #open: { readonly at: number; readonly from: LayerReference; readonly opposite: Opposite }[] = [];

  constructor(chain: LayerChain, library: Library) {
    this.#chain = chain;
    this.#library = library;
  }

  begin({ node, opposite }: Undone): void {
    const from = this.#chain.end;
    for (const { index } of layersNamedIn(node.arguments)) this.#open.push({ at: index, from, opposite });
  }

  /** Adds those whose end has been rebuilt. */
  end(isRebuilt: (index: number) => boolean, refuse: LayerRequest['refuse'], span: Span): void {
    const ended = this.#open.filter(({ at }) => isRebuilt(at));
    this.#open = this.#open.filter(({ at }) => !isRebuilt(at));
    for (const { from, opposite } of ended.reverse()) {
      const definition = this.#library.find('layer', opposite.word);
      if (!definition || opposite.reference === null) continue;
      this.#chain.add(
        {
          definition,
          arguments: joining(definition, opposite.reference, from, this.#library),
          ...{ label: null, origin: 'inserted', heads: {}, tied: {}, refuse },
        },
        span,
      );
    }
  }
}

/**
 * Ends a decoder with what gives back what the first layer of the encoder takes from the input, with that layer's weights.
 * @returns false after an error
 */
export function giveBack(
  encoder: readonly LayerNode[],
  chain: LayerChain,
  span: Span,
  library: Library,
  collector: DiagnosticCollector,
): boolean {
  const first = encoder.findIndex(({ origin, weights }) => origin !== 'inserted' || weights.length > 0);
  const takers = encoder.filter((node) => knownWord(library, 'layer', node).givenBack !== undefined);
  const [taker] = takers;
  if (!taker) return true;
  if (takers.length > 1 || encoder[first] !== taker) {
    const message = `${describeLayer(taker)} takes from the input what the decoder gives back, so it is the first layer of the encoder`;
    collector.error('AE505', message, span, { hint: `begin the encoder with ${taker.word}(), once` });
    return false;
  }
  const word = knownWord(library, 'layer', taker).givenBack;
  const definition = word === undefined ? undefined : library.find('layer', word);
  if (!definition || taker.address === null || chain.shape === null) return false;
  if (elementCount(chain.shape) !== elementCount(taker.output)) {
    collector.error(
      'AE505',
      `${describeLayer(taker)} takes ${elementCount(taker.output)} values from the input, and the decoder gives ${elementCount(chain.shape)}`,
      span,
      { hint: `without ${taker.word}(), the last layer of the decoder has a bias of its own` },
    );
    return false;
  }
  const under = chain.nodes.findLast(({ weights }) => weights.length > 0);
  if (under?.weights.some(({ name, tiedTo }) => name === 'bias' && tiedTo === null) && under.origin !== 'inserted') {
    collector.warning(
      'AE532',
      `${describeLayer(under)} has a bias beside the one that ${taker.word} gives back`,
      span,
      {
        hint: 'write bias=false there',
      },
    );
  }
  const address = taker.address;
  chain.add(
    {
      definition,
      arguments: completed(definition, {}, null, library),
      label: null,
      origin: 'inserted',
      heads: {},
      tied: Object.fromEntries(taker.weights.map(({ name }) => [name, { address, name, transposed: true }])),
      refuse: refusal(collector, span, chain.shape),
    },
    span,
  );
  return chain.shape !== null;
}

/** What a decoder must give. */
interface Wanted {
  readonly shape: Shape;
  readonly name: 'input' | 'target';
  /** Whether the decoder is derived from the encoder. */
  readonly isDerived: boolean;
}

/**
 * Reshapes an output with as many features as what it must give has values, or a signal `[channels, length]` of what is
 * `[1, channels, length]` or a row of features; any other output must have that shape.
 */
export function checkOutput(
  { shape: input, name, isDerived }: Wanted,
  chain: LayerChain,
  span: Span,
  collector: DiagnosticCollector,
): boolean {
  const output = chain.shape;
  if (output === null) return false;
  if (chain.reshapeHeads(input)) return true;
  if (sameShape(output, input)) return true;
  const isSignal = output.length === 2 && (input.length === 1 || sameShape([1, ...output], input));
  if ((output.length === 1 || isSignal) && elementCount(output) === elementCount(input)) {
    chain.insertReshape(input);
    return true;
  }
  collector.error(
    'AE401',
    `the decoder gives ${describeShape(output)}, but the ${name} is ${describeShape(input)}${input.length > 1 ? ` (${elementCount(input)} values)` : ''}`,
    span,
    {
      note: chain.note,
      hint:
        isDerived && name === 'target'
          ? 'a decoder that is derived from the encoder gives the shape of the input: write it out'
          : output.length === 1
            ? `end the decoder with: dense(${name}.size, …)`
            : elementCount(output) === elementCount(input)
              ? `end the decoder with: reshape(${name}.shape)`
              : null,
    },
  );
  return false;
}

interface Step {
  readonly node: LayerNode;
  /** Index in the encoder. */
  readonly index: number;
  readonly activations: readonly LayerNode[];
}

interface Undone extends Step {
  readonly opposite: Opposite;
}

/** Groups each layer with the activations directly after it. */
function stepsOf(encoder: readonly LayerNode[], library: Library): readonly Step[] {
  const steps: { node: LayerNode; index: number; activations: LayerNode[] }[] = [];
  for (const [index, node] of encoder.entries()) {
    if (knownWord(library, 'layer', node).activation) steps.at(-1)?.activations.push(node);
    else steps.push({ node, index, activations: [] });
  }
  return steps;
}

function describeLayer(node: LayerNode): string {
  return node.label ? `the layer '${node.label}' (${node.word})` : `the layer ${node.word}`;
}

function tiedWeights({ address, weights }: LayerNode): Readonly<Record<string, TiedWeight>> {
  if (address === null) return {};
  const shared = weights.find(({ name }) => name === 'weight')?.tiedTo;
  return { weight: { ...(shared ?? { address, name: 'weight' }), transposed: true } };
}

function addActivation(word: string, args: Arguments, chain: LayerChain, library: Library, span: Span): void {
  const definition = library.find('layer', word);
  if (!definition || definition.isIdentity === true) return;
  chain.add(
    { definition, arguments: args, label: null, origin: 'inserted', heads: {}, tied: {}, refuse: () => {} },
    span,
  );
}

/** Fills in a word's defaults, with those set by its inverse. */
function completed(
  definition: LayerWord,
  given: Readonly<Record<string, number | boolean | readonly number[] | WordValue>>,
  reference: { readonly name: string; readonly index: number } | null,
  library: Library,
): Arguments {
  const entries = Object.entries(definition.parameters).map(([name, parameter]): readonly [string, ArgumentValue] => {
    if (reference?.name === name) {
      const value = { kind: 'layer', block: 'encoder', index: reference.index, head: null } as const;
      return [name, { value, origin: 'inserted' }];
    }
    const value = ownValue(given, name);
    // The opposite of a layer has other weights than a stored run's.
    if (value !== undefined && !isStoredStart(value, library)) return [name, { value, origin: 'inserted' }];
    return [name, { value: defaultOf(parameter, library), origin: 'default' }];
  });
  return Object.fromEntries(entries);
}
