import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { LayerNode } from '../ir/experiment.js';
import { describeShape, elementCount, type Shape, sameShape } from '../ir/shape.js';
import {
  type Arguments,
  type ArgumentValue,
  isWordValue,
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
import type { LayerChain } from './layers.js';

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
  const undone: (Step & { readonly opposite: Opposite })[] = [];
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
  for (const [i, { node, index, opposite }] of [...undone.entries()].reverse()) {
    const definition = library.find('layer', opposite.word);
    if (!definition) {
      collector.error('AE505', `${describeLayer(node)} has no inverse: there is no '${opposite.word}'`, call.span);
      return false;
    }
    const reference = opposite.reference === null ? null : { name: opposite.reference, index };
    chain.add(
      {
        definition,
        arguments: completed(definition, opposite.arguments, reference, library),
        label: null,
        origin: 'inserted',
        heads: {},
        tied: tied ? tiedWeights(node) : {},
        refuse: (code, message, hint = null, note) => collector.error(code, message, call.span, { hint, note }),
      },
      call.span,
    );
    for (const { word, arguments: args } of undone[i - 1]?.activations ?? []) {
      addActivation(word, args, chain, library, call.span);
    }
  }
  const { output } = bound.plain;
  if (output !== undefined && isWordValue(output)) {
    addActivation(output.word, output.arguments, chain, library, call.span);
  }
  return chain.shape !== null;
}

/**
 * Reshapes an output with as many features as the input has values, or a signal `[channels, length]` of what is
 * `[1, channels, length]` or a row of features; any other output must have the input's shape.
 */
export function checkOutput(input: Shape, chain: LayerChain, span: Span, collector: DiagnosticCollector): boolean {
  const output = chain.shape;
  if (output === null) return false;
  if (sameShape(output, input)) return true;
  const isSignal = output.length === 2 && (input.length === 1 || sameShape([1, ...output], input));
  if ((output.length === 1 || isSignal) && elementCount(output) === elementCount(input)) {
    chain.insertReshape(input);
    return true;
  }
  collector.error(
    'AE401',
    `the decoder gives ${describeShape(output)}, but the input is ${describeShape(input)}${input.length > 1 ? ` (${elementCount(input)} values)` : ''}`,
    span,
    {
      note: chain.note,
      hint: output.length === 1 ? 'end the decoder with: dense(input.size, …)' : null,
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

/** Groups each layer with the activations directly after it. */
function stepsOf(encoder: readonly LayerNode[], library: Library): readonly Step[] {
  const steps: { node: LayerNode; index: number; activations: LayerNode[] }[] = [];
  for (const [index, node] of encoder.entries()) {
    if (knownWord(library, 'layer', node.word).activation) steps.at(-1)?.activations.push(node);
    else steps.push({ node, index, activations: [] });
  }
  return steps;
}

function describeLayer(node: LayerNode): string {
  return node.label ? `the layer '${node.label}' (${node.word})` : `the layer ${node.word}`;
}

function tiedWeights(owner: LayerNode): Readonly<Record<string, { address: string; name: string }>> {
  return owner.address === null ? {} : { weight: { address: owner.address, name: 'weight' } };
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
    if (value !== undefined) return [name, { value, origin: 'inserted' }];
    return [name, { value: defaultOf(parameter, library), origin: 'default' }];
  });
  return Object.fromEntries(entries);
}
