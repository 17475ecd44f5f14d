import { groupedText } from '../../text/number-text.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { LayerNode } from '../ir/experiment.js';
import { realLine } from '../ir/interval.js';
import { elementCount } from '../ir/shape.js';
import { layersNamedBy, ownValue } from '../ir/value.js';
import { knownWord, type Library } from '../library/library.js';
import type { LayerWord, NamedLayer, StructureJoin, StructureWord } from '../library/word.js';
import type { ScopedDefinition } from '../resolve/definitions.js';
import type { CallExpression, Identifier, LabelledCall } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { ArgumentChecker, Bound } from './arguments.js';
import type { BlockExpander, OpenBlock } from './blocks.js';
import type { Labels } from './labels.js';
import { HeadChain, joining, LayerChain, type LayerRequest, refusal } from './layers.js';
import { haveWeights, layersShared, placeAgain, placeKey } from './shared-layers.js';

/** What the layers of a block are checked with. */
export interface BlockPlace {
  readonly block: 'encoder' | 'decoder';
  readonly chain: LayerChain;
  readonly library: Library;
  readonly checker: ArgumentChecker;
  readonly labels: Labels;
  readonly collector: DiagnosticCollector;
  readonly blocks: BlockExpander;
  /** The block that the layers are those of; null for those of the experiment itself. */
  readonly opened: OpenBlock | null;
  /** Whether the layers are in the braces of a structure, or in a block. */
  readonly isNested: boolean;
  readonly placed: Placed;
}

/** What has been placed so far, in both blocks. */
export interface Placed {
  /** Layers that structures have placed. */
  count: number;
  isTooMany: boolean;
  /** Index of the first layer of each call, by the place of its last. */
  readonly firstOf: Map<string, number>;
}

/**
 * Checks the layers of a block as written.
 * @returns false after an error
 */
export function checkLayers(layers: readonly LabelledCall[], place: BlockPlace): boolean {
  const { chain, labels } = place;
  if (!place.isNested) labels.announce(layers.flatMap(({ label }) => label?.name ?? []));
  let complete = true;
  for (const written of layers) {
    const first = chain.nodes.length;
    if (!checkCall(written, place)) complete = false;
    const last = chain.nodes.length - 1;
    if (last >= first && !(chain instanceof HeadChain)) place.placed.firstOf.set(placeKey(place.block, last), first);
  }
  return complete && chain.shape !== null;
}

/**
 * Warns of a condition that has become planes of an image, or channels of a signal, which the next layer flattens: most of
 * its input is then copies of a few numbers.
 */
function warnOfPlanes(
  { flattensInput, reshapes }: LayerWord,
  call: CallExpression,
  { chain, library, collector }: Pick<BlockPlace, 'chain' | 'library' | 'collector'>,
): void {
  const last = chain.nodes.at(-1);
  if (last === undefined || last.output.length < 2 || (!flattensInput && reshapes !== 'to one dimension')) return;
  if (knownWord(library, 'layer', last).condition === undefined) return;
  const planes = (last.output[0] ?? 0) - (last.input[0] ?? 0);
  const size = elementCount(last.output) / (last.output[0] ?? 1);
  const copies = (planes * size).toLocaleString('en');
  collector.warning(
    'AE528',
    `'${call.word.name}' flattens a condition: ${copies} values that say what ${planes} would`,
    call.span,
    { hint: `write flatten() before '${last.word}': features get ${planes} more, images as many planes` },
  );
}

/** Checks a layer, a structure or a use of a block. @returns false after an error */
function checkCall(written: LabelledCall, place: BlockPlace): boolean {
  const { chain, library, checker, labels, collector } = place;
  const { label, call, span } = written;
  const block = place.blocks.find(call.word.name, place.opened);
  if (block !== undefined) return checkBlock(block, written, place);
  if (library.find('structure', call.word.name) !== undefined) return checkStructure(written, place);
  const bound = checker.bind('layer', call);
  const heads = bound && isAlone(bound, collector) && checkHeads(bound, call.block ?? [], place);
  if (!heads) {
    if (label) labels.declareBroken(label.name);
    return false;
  }
  const before = chain.shape;
  warnOfPlanes(bound.definition, call, place);
  chain.add(
    {
      definition: bound.definition,
      arguments: bound.value.arguments,
      label: labels.areHidden ? null : label,
      origin: 'given',
      heads,
      tied: {},
      refuse: refusal(collector, span, before),
    },
    call.span,
  );
  if (label) declareLabel(label, bound.definition.heads, place);
  return before === null || chain.shape !== null;
}

/** @returns false after reporting that a call gives several of the arguments that are alternatives */
function isAlone({ definition, places }: Bound<LayerWord>, collector: DiagnosticCollector): boolean {
  const { alternatives = [], name } = definition;
  const [first, second] = alternatives.filter((argument) => places.has(argument));
  if (first === undefined || second === undefined) return true;
  const message = `'${name}' takes '${first}' or '${second}', and not both`;
  collector.error('AE303', message, places.get(second) ?? null, { hint: `write '${name}' once for each` });
  return false;
}

/** Declares what the end of a block is called. */
export function declareLabel(label: Identifier, heads: readonly string[], place: BlockPlace): void {
  const { block, chain, labels, collector } = place;
  if (chain instanceof HeadChain) {
    collector.error('AE209', `'${label.name}' is within a head, where no layer has a name`, label.span, {
      hint: 'leave the label out: a head is named as a whole, z.mu',
    });
    return;
  }
  if (label.name === 'code' && block === 'decoder') {
    collector.error(
      'AE212',
      "'code' is the name of the encoder's output, but this is a layer of the decoder",
      label.span,
      { hint: 'choose another label' },
    );
  }
  if (label.name === 'code' && block === 'encoder' && place.isNested) {
    collector.error(
      'AE212',
      "'code' is the name of the encoder's output, but this is a layer within braces",
      label.span,
      { hint: 'label the last layer of the encoder, or what the braces belong to' },
    );
  }
  if (label.name === 'code') return;
  labels.declare(
    label,
    { kind: 'layer', block, index: Math.max(0, chain.nodes.length - 1), head: null },
    heads,
    collector,
  );
}

function checkHeads(
  bound: Bound<LayerWord>,
  block: readonly LabelledCall[],
  place: BlockPlace,
): Readonly<Record<string, readonly LayerNode[]>> | null {
  const { chain, library, collector } = place;
  const { heads, headsSee, name } = bound.definition;
  const [first] = block;
  if (chain instanceof HeadChain && first) {
    collector.error('AE209', `'${name}' is within a head, and has no braces there`, first.span, {
      hint: 'a head is a layer, or a block of layers one after the other',
    });
    return null;
  }
  const found = new Map<string, readonly LayerNode[]>();
  const seen = seenByHeads(bound, chain);
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
      const layer = library.find('layer', call.word.name);
      if (layer && headsSee === undefined) warnOfPlanes(layer, call, place);
      const nodes = headOf(label.name, { label: null, call, span }, seen, place);
      found.set(label.name, nodes ?? []);
      if (nodes === null) complete = false;
    }
  }
  for (const head of headsSee === undefined ? heads : []) {
    if (found.has(head)) continue;
    collector.error('AE302', `'${name}' needs a layer '${head}'`, bound.span, {
      hint: `${name} { ${heads.map((h) => `${h}: dense(20)`).join('  ')} }`,
    });
    complete = false;
  }
  const inOrder = heads.flatMap((head) => {
    const nodes = found.get(head);
    return nodes === undefined ? [] : [[head, nodes] as const];
  });
  return complete ? Object.fromEntries(inOrder) : null;
}

/**
 * The layers of a head: one, or those of a block.
 * @param seen what they see; null after an error
 * @returns null after an error
 */
function headOf(
  name: string,
  written: LabelledCall,
  seen: Pick<NamedLayer, 'output' | 'range'> | null,
  place: BlockPlace,
): readonly LayerNode[] | null {
  const { chain, library, labels, collector } = place;
  const address = `${chain.nextAddress}/${name}`;
  const head = new HeadChain(library, address, seen?.output ?? null, seen?.range ?? realLine, chain);
  const isFine = labels.hidden(name, null, () => checkLayers([written], { ...place, chain: head, isNested: true }));
  chain.steps.push(...head.steps);
  if (!isFine) return null;
  if (head.nodes.length > 0) return head.nodes;
  collector.error('AE302', `the head '${name}' has no layers`, written.span);
  return null;
}

/** What the layers in a layer's braces see; null after an error. */
function seenByHeads(
  { definition, plain }: Bound<LayerWord>,
  chain: LayerChain,
): Pick<NamedLayer, 'output' | 'range'> | null {
  if (definition.headsSee !== undefined) {
    const [named] = layersNamedBy(ownValue(plain, definition.headsSee) ?? null);
    return named ? chain.namedLayer(named) : null;
  }
  return chain.shape === null ? null : { output: chain.shape, range: chain.range };
}

/**
 * Places the layers of a block where it is used.
 * @returns false after an error
 */
function checkBlock(block: ScopedDefinition, { label, call }: LabelledCall, place: BlockPlace): boolean {
  const { chain, labels, collector } = place;
  const { name } = block.node.name;
  const before = chain.nodes.length;
  const expanded = place.blocks.expand(block, call, place.opened);
  const complete =
    expanded !== null &&
    counted(name, expanded.layers.length, call.span, place) &&
    collector.within({ span: call.span, message: `the block '${name}' is used here` }, () =>
      labels.hidden(name, block.node.span, () =>
        checkLayers(expanded.layers, { ...place, opened: expanded.opened, isNested: true }),
      ),
    );
  return named(label, name, complete, before, place);
}

/** Counts layers that are about to be placed. @returns false after reporting once that they are too many */
function counted(name: string, layers: number, span: Span, { placed, collector }: BlockPlace): boolean {
  placed.count += layers;
  if (placed.count <= mostPlaced) return true;
  if (!placed.isTooMany) {
    const limit = groupedText(mostPlaced);
    collector.error('AE310', `'${name}' makes more than ${limit} layers, which is the limit`, span);
  }
  placed.isTooMany = true;
  return false;
}

/** Gives what a structure or a block has placed its label. @returns false if it has placed nothing to be labelled */
function named(label: Identifier | null, owner: string, complete: boolean, before: number, place: BlockPlace): boolean {
  const { chain, labels, collector } = place;
  if (label === null) return complete;
  if (complete && chain.nodes.length === before) {
    collector.error('AE211', `'${label.name}' names no layer: '${owner}' places none`, label.span);
  }
  if (!complete || chain.nodes.length === before) {
    labels.declareBroken(label.name);
    return false;
  }
  if (!labels.areHidden) chain.nameLast(label.name);
  declareLabel(label, [], place);
  return true;
}

/**
 * Places the layers in a structure's braces as often as it says, and what joins them with the layer before.
 * @returns false after an error
 */
function checkStructure(written: LabelledCall, place: BlockPlace): boolean {
  const { label, call } = written;
  const { chain, checker, collector, library } = place;
  const { join, shares } = library.find('structure', call.word.name) ?? {};
  if (chain instanceof HeadChain && (join !== undefined || shares !== undefined)) {
    const message = `'${call.word.name}' cannot be within a head, whose layers follow one another`;
    collector.error('AE209', message, call.span, { hint: 'put it before the layer with the heads' });
    return false;
  }
  const shortcut = shortcutOf(call, place);
  const bound = checker.bind('structure', shortcut === null ? call : shortcut.without);
  const layers = call.block ?? [];
  if (shares !== undefined) {
    const before = chain.nodes.length;
    return named(label, call.word.name, bound !== null && checkShared(bound, call, place), before, place);
  }
  if (bound && layers.length === 0) {
    collector.error('AE302', `'${bound.definition.name}' needs layers in braces`, call.span, {
      hint: `${bound.definition.name}${call.arguments.length === 0 ? '' : '(…)'} { dense(64, activation=relu)  dense(64) }`,
    });
  }
  const before = chain.nodes.length;
  const complete = bound !== null && layers.length > 0 && placeCopies(bound, layers, shortcut?.block ?? null, place);
  if (!bound) checkUnplaced(layers, place);
  return named(label, call.word.name, complete, before, place);
}

/**
 * Places what an earlier label names once more, with the same weights.
 * @returns false after an error
 */
function checkShared(bound: Bound<StructureWord>, call: CallExpression, place: BlockPlace): boolean {
  const { definition, plain, span } = bound;
  const { collector } = place;
  if (call.block !== null && call.block.length > 0) {
    collector.error('AE209', `'${definition.name}' takes no layers in braces`, call.block[0]?.span ?? span);
    return false;
  }
  const [reference] = layersNamedBy(ownValue(plain, definition.shares ?? '') ?? null);
  if (reference === undefined) return false;
  const { nodes, range } = layersShared(reference, place);
  if (!haveWeights(nodes)) {
    const words = nodes.map(({ word }) => word).join(' ');
    collector.error('AE402', `what this names has no weights to share${words === '' ? '' : `: ${words}`}`, span, {
      hint: words === '' ? 'name a layer with weights' : `write ${words} again`,
    });
    return false;
  }
  return counted(definition.name, nodes.length, span, place) && placeAgain(nodes, range, span, place);
}

/** A block of layers that is given where a structure takes a layer, and the call without it; null if none is. */
function shortcutOf(
  call: CallExpression,
  { library, blocks, opened }: BlockPlace,
): { readonly block: CallExpression; readonly without: CallExpression } | null {
  const argument = library.find('structure', call.word.name)?.join?.argument;
  const given = call.arguments.find(({ name }, i) => (name === null ? i === 0 : name.name === argument));
  if (argument === undefined || given === undefined) return null;
  const { value } = given;
  const block: CallExpression | null =
    value.kind === 'call'
      ? value
      : value.kind === 'name'
        ? { kind: 'call', word: value, arguments: [], block: null, span: value.span }
        : null;
  if (block === null || blocks.find(block.word.name, opened) === undefined) return null;
  return { block, without: { ...call, arguments: call.arguments.filter((each) => each !== given) } };
}

function placeCopies(
  bound: Bound<StructureWord>,
  layers: readonly LabelledCall[],
  shortcut: CallExpression | null,
  place: BlockPlace,
): boolean {
  const { definition, plain } = bound;
  const { chain, labels } = place;
  const { end, shape } = chain;
  const inside = { ...place, isNested: true };
  const copies = definition.copies(plain);
  if (copies === 0) checkUnplaced(layers, place);
  const first = chain.nodes.length;
  // Layers of the first copy.
  let size = 0;
  const isShared = definition.sharesCopies?.(plain) === true;
  for (let copy = 0; copy < copies; copy++) {
    if (isShared && copy > 0) {
      const last = first + size - 1;
      const nodes = chain.nodes.slice(first, last + 1);
      if (!counted(definition.name, size, bound.span, place)) return false;
      if (!placeAgain(nodes, { block: place.block, first, last }, bound.span, place)) return false;
      continue;
    }
    if (!counted(definition.name, layers.length, bound.span, place)) return false;
    const complete = definition.hidesLabels
      ? labels.hidden(definition.name, null, () => checkLayers(layers, inside))
      : checkLayers(layers, inside);
    if (!complete) return false;
    size = chain.nodes.length - first;
  }
  return definition.join === undefined || join(bound, definition.join, shortcut, { end, shape }, place);
}

/** Most layers that structures may place in an experiment. */
const mostPlaced = 10_000;

/** Reports what is wrong with layers that no network will have. */
function checkUnplaced(layers: readonly LabelledCall[], place: BlockPlace): void {
  const chain = new LayerChain(place.library, place.block, null, realLine);
  place.labels.hidden('', null, () => checkLayers(layers, { ...place, chain, isNested: true }));
}

/** Adds the layer that joins the output of a structure with its input. */
function join(
  { plain, places, span }: Bound<StructureWord>,
  { word, reference, head, argument, layer: layerOf, mismatch }: StructureJoin,
  shortcut: CallExpression | null,
  input: Pick<LayerChain, 'end' | 'shape'>,
  place: BlockPlace,
): boolean {
  const { chain, library, collector } = place;
  const layer = knownWord(library, 'layer', { word });
  const own = layerOf(plain);
  const heads: Record<string, readonly LayerNode[]> = {};
  const seen = chain.namedLayer(input.end);
  if (shortcut !== null) {
    const nodes = headOf(head, { label: null, call: shortcut, span: shortcut.span }, seen, place);
    if (nodes === null) return false;
    heads[head] = nodes;
  } else if (own !== null) {
    const at = places.get(argument) ?? span;
    const address = `${chain.nextAddress}/${head}`;
    const nodes = new HeadChain(library, address, seen?.output ?? null, seen?.range ?? realLine, chain);
    nodes.add(
      {
        definition: knownWord(library, 'layer', own),
        arguments: own.arguments,
        ...{ label: null, origin: 'given', heads: {}, tied: {} },
        refuse: refusal(collector, at, nodes.shape),
      },
      at,
    );
    if (nodes.shape === null) return false;
    heads[head] = nodes.nodes;
  }
  const isPlain = Object.keys(heads).length === 0;
  const output = chain.shape;
  const refuse: LayerRequest['refuse'] = (code, message, hint = null, note) => {
    const told = isPlain && input.shape && output ? mismatch(input.shape, output) : { message, hint };
    collector.error(code, told.message, span, { hint: told.hint, note });
  };
  chain.add(
    {
      definition: layer,
      arguments: joining(layer, reference, input.end, library),
      ...{ label: null, origin: 'inserted', heads, tied: {}, refuse },
    },
    span,
  );
  return chain.shape !== null;
}
