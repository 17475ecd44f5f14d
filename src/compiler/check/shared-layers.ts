import type { LayerNode } from '../ir/experiment.js';
import { realLine } from '../ir/interval.js';
import {
  type Arguments,
  type ArgumentValue,
  inputReference,
  isLayerReference,
  isList,
  type LayerReference,
  layersNamedBy,
  ownValue,
  type Value,
} from '../ir/value.js';
import { knownWord } from '../library/library.js';
import type { Span } from '../syntax/source.js';
import { HeadChain, type LayerChain, refusal } from './layers.js';
import type { BlockPlace } from './written-layers.js';

/** Layers that follow each other in a block. */
export interface LayerRange {
  readonly block: 'encoder' | 'decoder';
  readonly first: number;
  readonly last: number;
}

/** The layers that a reference names: those that its call placed, or those of a head. */
export function layersShared(
  { block, index, head }: LayerReference,
  { chain, placed }: BlockPlace,
): { readonly nodes: readonly LayerNode[]; readonly range: LayerRange | null } {
  const nodes = chain.placed(block);
  if (head !== null) return { nodes: ownValue(nodes[index]?.heads ?? {}, head) ?? [], range: null };
  const range = { block, first: placed.firstOf.get(placeKey(block, index)) ?? index, last: index };
  return { nodes: nodes.slice(range.first, index + 1), range };
}

/** The key of a layer, by which the first one of its call is found. */
export function placeKey(block: 'encoder' | 'decoder', index: number): string {
  return `${block}/${index}`;
}

/** Whether any of some layers has weights. */
export function haveWeights(nodes: readonly LayerNode[]): boolean {
  return nodes.some(({ weights, heads }) => weights.length > 0 || Object.values(heads).some(haveWeights));
}

/**
 * Places layers once more, with the weights that they have.
 * @param range where they are; null for those of a head
 * @returns false after an error
 */
export function placeAgain(
  nodes: readonly LayerNode[],
  range: LayerRange | null,
  span: Span,
  { chain, library, collector }: BlockPlace,
): boolean {
  const moves = new Moves(range, chain);
  for (const [i, node] of nodes.entries()) {
    const definition = knownWord(library, 'layer', node);
    // The chain inserts its own where one is needed.
    if (node.origin !== 'inserted' || definition.reshapes === undefined) {
      const args = moves.of(node.arguments);
      const [named] = layersNamedBy(definition.headsSee ? (ownValue(args, definition.headsSee)?.value ?? null) : null);
      const seen = named ? chain.namedLayer(named) : { output: chain.shape, range: chain.range };
      const heads: Record<string, readonly LayerNode[]> = {};
      for (const [head, inner] of Object.entries(node.heads)) {
        const address = `${chain.nextAddress}/${head}`;
        const own = new HeadChain(library, address, seen?.output ?? null, seen?.range ?? realLine, chain);
        if (!addAgain(own, inner, span, { library, collector })) return false;
        heads[head] = own.nodes;
      }
      const refuse = refusal(collector, span, chain.shape);
      chain.add(
        { definition, arguments: args, label: null, origin: node.origin, heads, tied: {}, shares: node, refuse },
        span,
      );
      if (chain.shape === null) return false;
    }
    moves.moved(i);
  }
  return true;
}

function addAgain(
  head: HeadChain,
  nodes: readonly LayerNode[],
  span: Span,
  { library, collector }: Pick<BlockPlace, 'library' | 'collector'>,
): boolean {
  for (const node of nodes) {
    const definition = knownWord(library, 'layer', node);
    if (node.origin === 'inserted' && definition.reshapes !== undefined) continue;
    const { arguments: args, origin } = node;
    const refuse = refusal(collector, span, head.shape);
    head.add({ definition, arguments: args, label: null, origin, heads: {}, tied: {}, shares: node, refuse }, span);
  }
  return head.shape !== null;
}

/** The layers that arguments name, where the layers that have these arguments are placed once more. */
class Moves {
  readonly #range: LayerRange | null;
  readonly #chain: LayerChain;
  /** What came before the layers, there and here. */
  readonly #before: LayerReference | null;
  readonly #entry: LayerReference;
  readonly #places = new Map<number, LayerReference>();

  constructor(range: LayerRange | null, chain: LayerChain) {
    this.#range = range;
    this.#chain = chain;
    this.#entry = chain.end;
    this.#before = range && endBefore(range, chain);
  }

  /** A layer of the range is placed. @param offset from the first one */
  moved(offset: number): void {
    if (this.#range !== null) this.#places.set(this.#range.first + offset, this.#chain.end);
  }

  of(args: Arguments): Arguments {
    const entries = Object.entries(args).map(([name, argument]): readonly [string, ArgumentValue] => {
      const isJoin = argument.origin === 'inserted';
      return [name, { ...argument, value: this.#value(argument.value, isJoin) }];
    });
    return Object.fromEntries(entries);
  }

  #value(value: Value, isJoin: boolean): Value {
    if (isLayerReference(value)) return this.#reference(value, isJoin);
    const named = isList(value) ? layersNamedBy(value) : [];
    return named.length > 0 ? named.map((reference) => this.#reference(reference, isJoin)) : value;
  }

  /** @param isJoin whether a structure names it, of which the input is another one here */
  #reference(reference: LayerReference, isJoin: boolean): LayerReference {
    const { block, index, head } = reference;
    const own = block === this.#range?.block ? this.#places.get(index) : undefined;
    if (own !== undefined) return { ...own, head };
    const isInput = isJoin && block === this.#before?.block && index === this.#before.index;
    return isInput ? this.#entry : reference;
  }
}

function endBefore({ block, first }: LayerRange, chain: LayerChain): LayerReference {
  if (first > 0) return { kind: 'layer', block, index: first - 1, head: null };
  if (block === 'encoder') return inputReference;
  return { kind: 'layer', block: 'encoder', index: chain.placed('encoder').length - 1, head: null };
}
