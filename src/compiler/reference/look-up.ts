import { describedFunctions } from '../definitions/formula-functions.js';
import { closest } from '../diagnostics/suggest.js';
import { type Family, families } from '../ir/value.js';
import type { Library } from '../library/library.js';
import type { Parameters } from '../library/parameter.js';
import { wordOfPeer } from '../library/peers.js';
import { describeParameters, describeWord, firstSentence, type WordDescription } from '../library/reference.js';
import { stageSettings, trainSettings } from '../library/settings/train.js';
import { axisUsages, statementUsages, sweepSettingUsages } from '../library/statements.js';
import type { AnyWord } from '../library/word.js';
import { pageName } from './family-pages.js';

/** Kinds of entries other than words, as listed by `aedsl words`. */
export const otherKinds = ['statement', 'setting', 'axis', 'function'] as const;
export type OtherKind = (typeof otherKinds)[number];
export type Kind = Family | OtherKind;

export const kinds: readonly Kind[] = [...families, ...otherKinds];

/** A statement, a setting, an axis, or a function of formulas. */
export interface Described {
  readonly kind: OtherKind;
  readonly name: string;
  /** The enclosing block, if not an experiment: "sweep". */
  readonly within: string | null;
  readonly usage: string;
  /** Markdown. */
  readonly doc: string;
  /** For a setting: its values, as for an argument. */
  readonly values: string | null;
  readonly default: string | null;
}

export type Entry = { readonly kind: Family; readonly word: WordDescription } | Described;

export function nameOf(entry: Entry): string {
  return 'word' in entry ? entry.word.name : entry.name;
}

/** Its first sentence, up to a colon. */
export function summaryOf(entry: Entry): string {
  const sentence = firstSentence('word' in entry ? entry.word.doc : entry.doc);
  const colon = sentence.indexOf(': ');
  return colon < 0 ? sentence : `${sentence.slice(0, colon)}.`;
}

/** Everything of a kind, in the order of the reference. */
export function entriesOf(library: Library, kind: Kind): readonly Entry[] {
  switch (kind) {
    case 'statement':
      return usages(kind, null, statementUsages);
    case 'axis':
      return usages(kind, 'sweep', axisUsages);
    case 'function':
      return usages(kind, null, Object.fromEntries(describedFunctions.map((each) => [each.name, each])));
    case 'setting':
      return [
        ...settings('train', trainSettings),
        ...settings('pretrain', stageSettings),
        ...usages(kind, 'sweep', sweepSettingUsages),
      ];
    default:
      return library.words.filter((word) => word.family === kind).map(entryOf);
  }
}

function entryOf(word: AnyWord): Entry {
  return { kind: word.family, word: describeWord(word) };
}

function usages(
  kind: OtherKind,
  within: string | null,
  all: Readonly<Record<string, { readonly usage: string; readonly doc: string }>>,
): readonly Entry[] {
  return Object.entries(all).map(([name, { usage, doc }]) => ({
    ...{ kind, name, within, usage: usage.replaceAll('`', ''), doc, values: null, default: null },
  }));
}

function settings(within: string, parameters: Parameters): readonly Entry[] {
  return describeParameters(parameters).map(({ name, doc, values, default: byDefault }) => ({
    ...{ kind: 'setting', name, within, usage: `${name} = ${byDefault ?? '…'}`, doc, values, default: byDefault },
  }));
}

/** The kind that a name means: `loss`, or `losses` as its page is called; null for none. */
export function kindNamed(name: string): Kind | null {
  const wanted = name.toLowerCase();
  const isMeant = (kind: Kind) => kind === wanted || `${kind}s` === wanted || (kind === 'axis' && wanted === 'axes');
  return kinds.find(isMeant) ?? families.find((family) => pageName(family) === `${wanted}.md`) ?? null;
}

/** Everything of this name; an experiment's statement may be called as a word is. */
export function entriesNamed(library: Library, name: string): readonly Entry[] {
  return kinds.flatMap((kind) => entriesOf(library, kind)).filter((entry) => nameOf(entry) === name);
}

/** Suggestion for an unknown name: the word with that name in PyTorch or Keras, or one spelled similarly. */
export interface Meant {
  readonly name: string;
  readonly how: 'peer' | 'near';
}

/** @param others further candidates, such as command names */
export function meantByName(library: Library, name: string, others: readonly string[] = []): Meant | null {
  for (const family of families) {
    const word = wordOfPeer(library, family, name);
    if (word !== null) return { name: word.name, how: 'peer' };
  }
  const known = [...kinds.flatMap((kind) => entriesOf(library, kind).map(nameOf)), ...kinds, ...others];
  const near = closest(name, known);
  return near === null ? null : { name: near, how: 'near' };
}
