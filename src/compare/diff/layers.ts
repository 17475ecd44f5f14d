import type { LayerNode } from '../../compiler/ir/experiment.js';
import { type Library, wordOfUse } from '../../compiler/library/library.js';
import { align } from './alignment.js';
import { layerName, type WordTexts } from './word-text.js';

/** A layer with its activation, as users see it. */
export interface LayerUnit {
  /** `encoder.code` */
  readonly place: string;
  readonly label: string | null;
  /** Block index of its last node, whose output is the unit's. */
  readonly last: number;
  readonly node: LayerNode;
  readonly activation: LayerNode | null;
  /** Everything except label and place. */
  readonly content: string;
}

export interface LayerMatch {
  readonly old: LayerUnit | null;
  readonly new: LayerUnit | null;
  /** Whether it is at another place in its block. */
  readonly moved: boolean;
}

/** The layers of a block, without those inserted to fit shapes. */
export function layerUnits(
  name: 'encoder' | 'decoder',
  block: readonly LayerNode[],
  library: Library,
  texts: WordTexts,
): readonly LayerUnit[] {
  const units: LayerUnit[] = [];
  // Index of the last node of the last unit, or inserted after it.
  let end = -1;
  for (const [index, node] of block.entries()) {
    const last = units.at(-1);
    if (isActivation(node, library) && last && last.activation === null && end === index - 1) {
      const label = node.label ?? last.label;
      const content = `${last.content} ${texts.layer(node)}`;
      units[units.length - 1] = { ...last, label, activation: node, last: index, content };
    } else if (!isInsertedShape(node, library)) {
      units.push({
        place: '',
        label: node.label,
        node,
        activation: null,
        last: index,
        content: texts.layer(node),
      });
    }
    end = index;
  }
  return units.map((unit) => ({ ...unit, place: `${name}.${shortName(name, block, unit)}` }));
}

function shortName(name: 'encoder' | 'decoder', block: readonly LayerNode[], { label, last, node }: LayerUnit): string {
  if (label !== null) return label;
  const index = name === 'encoder' && last === block.length - 1 ? last : block.indexOf(node);
  const found = layerName(block, index, name);
  return found.startsWith(name) ? found.slice(name.length).replace(/^\./, '') : found;
}

/** Whether the compiler inserted a layer that only changes the shape. */
function isInsertedShape({ origin, word }: LayerNode, library: Library): boolean {
  return origin === 'inserted' && library.find('layer', word)?.reshapes !== undefined;
}

function isActivation(node: LayerNode, library: Library): boolean {
  return wordOfUse(library, 'layer', node)?.activation === true;
}

/** Matches old and new layers. */
export function matchLayers(before: readonly LayerUnit[], after: readonly LayerUnit[]): readonly LayerMatch[] {
  const labels = (units: readonly LayerUnit[]) => new Set(units.flatMap(({ label }) => label ?? []));
  const [oldLabels, newLabels] = [labels(before), labels(after)];
  const aligned = align(before, after, (a, b) => distance(a, b, oldLabels, newLabels));
  const alone = aligned.filter((pair) => pair.old === null || pair.new === null);
  const partners = new Map<LayerUnit, LayerUnit>();
  for (const { old } of alone) {
    if (old === null) continue;
    const place = alone.find(({ new: unit }) => unit !== null && !partners.has(unit) && isSame(old, unit))?.new;
    if (place) partners.set(place, old);
  }
  const taken = new Set(partners.values());
  return aligned.flatMap((pair): readonly LayerMatch[] => {
    if (pair.new !== null && partners.has(pair.new)) {
      return [{ old: partners.get(pair.new) ?? null, new: pair.new, moved: true }];
    }
    return pair.new === null && pair.old !== null && taken.has(pair.old) ? [] : [{ ...pair, moved: false }];
  });
}

function isSame(a: LayerUnit, b: LayerUnit): boolean {
  return a.content === b.content && (a.label === b.label || a.label === null || b.label === null);
}

/** The cost of matching two layers. A label that both versions have stays with its layer. */
function distance(a: LayerUnit, b: LayerUnit, oldLabels: ReadonlySet<string>, newLabels: ReadonlySet<string>): number {
  const relabelled = a.label !== b.label;
  const kept = (a.label !== null && newLabels.has(a.label)) || (b.label !== null && oldLabels.has(b.label));
  const label = !relabelled ? 0 : kept ? 2.2 : 0.3;
  if (a.content === b.content) return label;
  const sameLabel = a.label !== null && !relabelled;
  if (a.node.word !== b.node.word) return sameLabel ? 2.5 : 4 + label;
  return label + (sameLabel ? 0.6 : 1) + Math.min(2, 0.4 * differingArguments(a, b));
}

function differingArguments(a: LayerUnit, b: LayerUnit): number {
  const text = (node: LayerNode, name: string) => JSON.stringify(node.arguments[name]?.value ?? null);
  const names = new Set([...Object.keys(a.node.arguments), ...Object.keys(b.node.arguments)]);
  const own = [...names].filter((name) => text(a.node, name) !== text(b.node, name)).length;
  return own + Number(a.activation?.word !== b.activation?.word);
}
