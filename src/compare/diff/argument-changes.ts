import { formulaText } from '../../compiler/ir/formula-text.js';
import {
  type Arguments,
  isLayerReference,
  isList,
  isWordValue,
  type LayerReference,
  ownValue,
  type Value,
  type WordUse,
} from '../../compiler/ir/value.js';
import { type Library, wordOfUse } from '../../compiler/library/library.js';
import type { Parameters } from '../../compiler/library/parameter.js';
import { type Change, changed, withoutEffect } from './change.js';
import { isPositional, type WordTexts } from './word-text.js';

/** Both sides of a comparison: how each formats values, and which layers correspond. */
export interface Sides {
  readonly library: Library;
  readonly old: WordTexts;
  readonly new: WordTexts;
  /** Whether an old layer corresponds to a new one. */
  sameLayer(a: LayerReference, b: LayerReference): boolean;
}

/** Compares two calls of one word, argument by argument, including nested words. */
export function argumentChanges(
  place: string,
  word: string,
  before: Arguments,
  after: Arguments,
  parameters: Parameters,
  sides: Sides,
): readonly Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): readonly Change[] => {
    const [from = null, to = null] = [ownValue(before, name)?.value, ownValue(after, name)?.value];
    if (sameValue(from, to, sides)) return [];
    const what = isPositional(name, parameters) ? word : `${word} ${name}`.trim();
    if (isWordValue(from) && isWordValue(to) && from.word === to.word) {
      const inner = wordOfUse(sides.library, from.family, from)?.parameters ?? {};
      return [
        ...definitionChanges(place, from, to),
        ...argumentChanges(place, `${what} ${from.word}`, from.arguments, to.arguments, inner, sides),
      ];
    }
    const parameter = ownValue(parameters, name);
    const change = changed(place, what, sides.old.argument(from, parameter), sides.new.argument(to, parameter));
    // The checksum of the data replaces paths.
    return [parameter?.type === 'text' && parameter.path ? withoutEffect(change) : change];
  });
}

/** Changes of what a word means that the experiment defines. */
export function definitionChanges(place: string, before: WordUse, after: WordUse): readonly Change[] {
  const [old, now] = [before.definition, after.definition];
  if (old === undefined && now === undefined) return [];
  const text = (definition: WordUse['definition']): string =>
    definition === undefined ? `the word '${before.word}'` : formulaText(definition.formula);
  const conditions = (definition: WordUse['definition']): string => {
    const all = definition?.parameters.flatMap((each) => (each.kind === 'number' ? (each.condition ?? []) : [])) ?? [];
    return all.length === 0 ? 'none' : all.join(', ');
  };
  const [from, to] = [text(old), text(now)];
  const [was, is] = [conditions(old), conditions(now)];
  return [
    ...(from === to ? [] : [changed(place, `definition of ${after.word}`, from, to)]),
    ...(was === is ? [] : [changed(place, `condition of ${after.word}`, was, is)]),
  ];
}

function sameValue(a: Value, b: Value, sides: Sides): boolean {
  if (isLayerReference(a) && isLayerReference(b)) return a.head === b.head && sides.sameLayer(a, b);
  if (isWordValue(a) && isWordValue(b)) {
    const names = [...new Set([...Object.keys(a.arguments), ...Object.keys(b.arguments)])];
    const same = (name: string) =>
      sameValue(ownValue(a.arguments, name)?.value ?? null, ownValue(b.arguments, name)?.value ?? null, sides);
    const isSame = a.word === b.word && a.family === b.family && definitionChanges('', a, b).length === 0;
    return isSame && names.every(same);
  }
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, i) => sameValue(item, b[i] ?? null, sides));
  }
  return a === b;
}
