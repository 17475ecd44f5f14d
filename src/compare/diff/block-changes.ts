import type { LayerNode } from '../../compiler/ir/experiment.js';
import { wordOfUse } from '../../compiler/library/library.js';
import { argumentChanges, definitionChanges, type Sides } from './argument-changes.js';
import { added, type Change, changed, removed, withoutEffect } from './change.js';
import type { LayerMatch, LayerUnit } from './layers.js';

/** Lists the changes to a block's layers. */
export function blockChanges(matches: readonly LayerMatch[], sides: Sides): readonly Change[] {
  const olds = matches.flatMap(({ old }) => old ?? []).sort((a, b) => a.last - b.last);
  const news = matches.flatMap((match) => match.new ?? []);
  return matches.flatMap(({ old, new: unit, moved }): readonly Change[] => {
    if (old === null) return unit === null ? [] : [added(unit.place, unitText(unit, sides.new))];
    if (unit === null) return [removed(old.place, unitText(old, sides.old))];
    const place = unit.place;
    const relabelled: Change = {
      ...withoutEffect(changed(old.place, '', old.label, unit.label)),
      kind: 'renamed',
    };
    const position = (list: readonly LayerUnit[], of: LayerUnit) => `layer ${list.indexOf(of) + 1}`;
    return [
      ...(old.label === unit.label ? [] : [relabelled]),
      ...(moved
        ? [{ ...changed(place, '', position(olds, old), position(news, unit)), kind: 'moved' as const }]
        : unitChanges(place, old, unit, sides)),
    ];
  });
}

function unitChanges(place: string, old: LayerUnit, unit: LayerUnit, sides: Sides): readonly Change[] {
  if (old.node.word !== unit.node.word) {
    return [changed(place, '', unitText(old, sides.old), unitText(unit, sides.new))];
  }
  return [
    ...nodeChanges(place, old.node, unit.node, sides),
    ...activationChanges(place, old.activation, unit.activation, sides),
  ];
}

function activationChanges(
  place: string,
  old: LayerNode | null,
  unit: LayerNode | null,
  sides: Sides,
): readonly Change[] {
  if (old !== null && unit !== null && old.word === unit.word) return nodeChanges(place, old, unit, sides);
  const none = sides.library.byFamily.layer.find(({ isIdentity }) => isIdentity === true)?.name ?? 'none';
  const text = (node: LayerNode | null, texts: Sides['old']) => (node === null ? none : shortWord(texts.layer(node)));
  const [from, to] = [text(old, sides.old), text(unit, sides.new)];
  return from === to ? [] : [changed(place, 'activation', from, to)];
}

function nodeChanges(place: string, old: LayerNode, unit: LayerNode, sides: Sides): readonly Change[] {
  const parameters = wordOfUse(sides.library, 'layer', unit)?.parameters ?? {};
  const own = [
    ...definitionChanges(place, old, unit),
    ...argumentChanges(place, unit.word, old.arguments, unit.arguments, parameters, sides),
  ];
  const heads = Object.entries(unit.heads).flatMap(([head, nodes]) => {
    const before = old.heads[head] ?? [];
    return nodes.flatMap((node, i) => {
      const was = before[i];
      const where = `${place}.${head}`;
      if (was === undefined) return [added(where, sides.new.layer(node))];
      return was.word === node.word
        ? nodeChanges(where, was, node, sides)
        : [changed(where, '', sides.old.layer(was), sides.new.layer(node))];
    });
  });
  const gone = Object.entries(old.heads).flatMap(([head, nodes]) =>
    unit.heads[head] === undefined ? nodes.map((node) => removed(`${place}.${head}`, sides.old.layer(node))) : [],
  );
  const [before, after] = [sides.old.sharedText(old), sides.new.sharedText(unit)];
  const shared = before === after ? [] : [changed(place, 'weights', before ?? 'its own', after ?? 'its own')];
  return [...own, ...shared, ...heads, ...gone];
}

function unitText({ node, activation }: LayerUnit, texts: Sides['old']): string {
  return activation === null
    ? texts.layer(node)
    : texts.layer(node, `activation=${shortWord(texts.layer(activation))}`);
}

/** Writes `relu()` as `relu` in a value's place. */
function shortWord(text: string): string {
  return text.endsWith('()') ? text.slice(0, -2) : text;
}
