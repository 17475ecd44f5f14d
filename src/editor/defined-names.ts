import { Dot, Equals, Identifier } from '../../grammar/tokens.js';
import { stringValue } from '../compiler/syntax/literals.js';
import { is, noToken } from '../compiler/syntax/token-kinds.js';
import type { Names } from './names.js';
import type { Reading, ReadToken } from './reading.js';

/** A definition, at the name that it gives. */
export interface DefinedName {
  readonly reading: Reading;
  readonly place: ReadToken;
}

/** The definition that a name stands for, in an experiment, a formula or a block; null for any other name. */
export function definedName(place: ReadToken, reading: Reading, names: Names): DefinedName | null {
  const { role, token } = place;
  if (role.kind === 'defined') return { reading, place };
  if (!mayNameDefinition(place, reading) || isHidden(place, reading, names)) return null;
  const from = names.located(reading, place.experiment);
  const files = from === null ? [reading] : names.lineage(from).map((each) => each.reading);
  for (const file of files) {
    const found = definitionIn(file, token.image, names);
    if (found !== null) return found;
  }
  return null;
}

export function isSameName(one: DefinedName, other: DefinedName): boolean {
  return one.reading.source.path === other.reading.source.path && one.place.index === other.place.index;
}

/** The file that the path after `use` names; null if it cannot be read. */
export function usedFile({ role, token }: ReadToken, from: Reading, names: Names): Reading | null {
  return role.kind === 'used' ? names.file(stringValue(token.image), from) : null;
}

/** The definition of a name that a file can use: its own, or one of a file that it names with `use`. */
export function definitionIn(file: Reading, name: string, names: Names): DefinedName | null {
  const own = ownDefinition(file, name);
  if (own !== null) return own;
  for (const place of headsOf(file).uses) {
    const used = usedFile(place, file, names);
    const found = used === null ? null : ownDefinition(used, name);
    if (found !== null) return found;
  }
  return null;
}

function ownDefinition(reading: Reading, name: string): DefinedName | null {
  const place = headsOf(reading).definitions.get(name);
  return place === undefined ? null : { reading, place };
}

interface Heads {
  readonly uses: readonly ReadToken[];
  readonly definitions: ReadonlyMap<string, ReadToken>;
}

const heads = new WeakMap<Reading, Heads>();

/** What a text uses and defines; remembered, since every place of a name asks for it. */
function headsOf(reading: Reading): Heads {
  const known = heads.get(reading);
  if (known !== undefined) return known;
  const uses: ReadToken[] = [];
  const definitions = new Map<string, ReadToken>();
  for (const place of reading.places) {
    const { role, token } = place;
    if (role.kind === 'used') uses.push(place);
    if (role.kind === 'defined' && !definitions.has(token.image)) definitions.set(token.image, place);
  }
  const found = { uses, definitions };
  heads.set(reading, found);
  return found;
}

function mayNameDefinition({ role, token, experiment, index }: ReadToken, { places, tokens }: Reading): boolean {
  const before = places[index - 1];
  const isInFormula = role.kind === 'formula' || (role.kind === 'other' && experiment === -1);
  if (!is(token, Identifier) || (role.kind !== 'word' && role.kind !== 'value' && !isInFormula)) return false;
  if (before?.role.kind === 'keyword' && before.role.statement === 'define') return false;
  return !is(before?.token ?? noToken, Dot) && !is(tokens[index + 1] ?? noToken, Equals);
}

/** Whether a param, a let, a parameter of the definition around it, or a label takes the place of a definition. */
function isHidden({ role, token, experiment, index }: ReadToken, reading: Reading, names: Names): boolean {
  const { image } = token;
  const from = names.located(reading, experiment);
  if (from !== null) {
    const found = names.find(image, from);
    return found !== null && (found.kind !== 'label' || role.kind === 'value');
  }
  let start = index;
  while (start > 0 && reading.places[start]?.role.kind !== 'defined') start--;
  for (let at = start + 1; at < reading.places.length; at++) {
    const each = reading.places[at];
    if (each === undefined) break;
    if (each.role.kind === 'keyword' && ['define', 'experiment', 'use'].includes(each.role.statement)) break;
    if (each.token.image !== image) continue;
    if (each.role.kind === 'parameter' || (each.role.kind === 'label' && role.kind === 'value')) return true;
  }
  return false;
}
