import {
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentSymbol,
  type Location,
  type Range,
  SymbolKind,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { constantWords, Identifier, operatorWords, statementKeywords } from '../../grammar/tokens.js';
import { formulaFunctions, formulaNames } from '../compiler/definitions/formula-functions.js';
import { removableStatements } from '../compiler/syntax/ast.js';
import type { Source } from '../compiler/syntax/source.js';
import { is } from '../compiler/syntax/token-kinds.js';
import { type DefinedName, definedName, definitionIn, isSameName, usedFile } from './defined-names.js';
import { type Asked, isSame, type Located } from './names.js';
import { rangeOf, rangeOfToken } from './positions.js';
import { endOf, placeAt, type Reading, type ReadToken } from './reading.js';

/** The declaration that a name refers to, with the information to find all references. */
type Target =
  | { readonly kind: 'variable' | 'label'; readonly name: string; readonly from: Located }
  | { readonly kind: 'experiment'; readonly name: string; readonly at: Located }
  | { readonly kind: 'definition'; readonly name: string; readonly at: DefinedName };

/** A place in a file. */
interface Found {
  readonly reading: Reading;
  readonly place: ReadToken;
}

/** Reason why a name cannot be changed, for the user. */
export interface NotRenamed {
  readonly problem: string;
}

/** Location of the declaration of the name at an offset. */
export function definitionAt(asked: Asked, offset: number, uriOf: (source: Source) => string): Location | null {
  const place = placeAt(asked.reading, offset);
  if (place === null) return null;
  const used = usedFile(place, asked.reading, asked.names);
  if (used !== null) return { uri: uriOf(used.source), range: rangeOf(used.source, 0, 0) };
  const defined = definedName(place, asked.reading, asked.names);
  if (defined !== null) {
    const { source } = defined.reading;
    return { uri: uriOf(source), range: rangeOfToken(source, defined.place.token) };
  }
  const from = asked.names.located(asked.reading, place.experiment);
  if (from === null) return null;
  const { role, token } = place;
  if (role.kind === 'parent' || role.kind === 'experiment') {
    const at = role.kind === 'parent' ? asked.names.parentOf(from) : from;
    if (at === null) return null;
    const { name, keyword } = at.experiment;
    const { source } = at.reading;
    return { uri: uriOf(source), range: rangeOfToken(source, name?.token ?? keyword) };
  }
  const found = isName(place) ? asked.names.find(token.image, from) : null;
  if (found === null) return null;
  const { source } = found.at.reading;
  return { uri: uriOf(source), range: rangeOfToken(source, found.place.token) };
}

/** Whether a place may name a param, a let or a label. */
function isName({ role, token }: ReadToken): boolean {
  if (!is(token, Identifier)) return false;
  return ['value', 'param', 'let', 'label', 'axis'].includes(role.kind);
}

/** Every place that the name at an offset stands at, in the files that are given. */
export function referencesAt(
  asked: Asked,
  offset: number,
  files: readonly Reading[],
  uriOf: (source: Source) => string,
): readonly Location[] {
  const target = targetAt(asked, offset);
  if (target === null) return [];
  return placesOf(target, asked, files).map(({ reading: { source }, place }) => ({
    uri: uriOf(source),
    range: rangeInToken(source, place),
  }));
}

export function highlightsAt(asked: Asked, offset: number): readonly DocumentHighlight[] {
  const target = targetAt(asked, offset);
  if (target === null) return [];
  return placesOf(target, asked, [asked.reading])
    .filter(({ reading }) => reading === asked.reading)
    .map(({ place }) => ({
      range: rangeInToken(asked.reading.source, place),
      kind: ['param', 'let', 'label', 'experiment', 'defined'].includes(place.role.kind)
        ? DocumentHighlightKind.Write
        : DocumentHighlightKind.Read,
    }));
}

/** The name at an offset that can be given another one; null for what is none. */
export function renamedAt(asked: Asked, offset: number): { range: Range; placeholder: string } | NotRenamed | null {
  const place = placeAt(asked.reading, offset);
  const target = targetAt(asked, offset);
  if (place === null || target === null) return null;
  if (target.name === 'code') return { problem: "'code' is the name of the encoder's output everywhere" };
  return { range: rangeInToken(asked.reading.source, place), placeholder: target.name };
}

/** Renames a param, a let, a label, an experiment or a definition everywhere, unless the new name is invalid or already taken. */
export function renameAt(
  asked: Asked,
  offset: number,
  name: string,
  files: readonly Reading[],
  uriOf: (source: Source) => string,
): WorkspaceEdit | NotRenamed | null {
  const renamed = renamedAt(asked, offset);
  const target = targetAt(asked, offset);
  if (renamed === null || target === null) return null;
  if ('problem' in renamed) return renamed;
  if (!/^[A-Za-z_]\w*$/.test(name)) return { problem: `'${name}' is not a name: letters, digits and underscores` };
  if (reserved.has(name)) return { problem: `'${name}' is a reserved word` };
  const places = placesOf(target, asked, files);
  const taken =
    target.kind === 'definition'
      ? isTakenBeside(target, name, asked, [...new Set([asked.reading, ...files])])
      : takenIn(target, places, asked).has(name);
  if (taken && name !== target.name) return { problem: `'${name}' means something else here already` };
  const changes: Record<string, TextEdit[]> = {};
  for (const { reading, place } of places) {
    const uri = uriOf(reading.source);
    changes[uri] = [...(changes[uri] ?? []), { range: rangeInToken(reading.source, place), newText: name }];
  }
  return { changes };
}

const reserved: ReadonlySet<string> = new Set([
  ...[...statementKeywords, ...operatorWords, ...constantWords].map(({ PATTERN }) => String(PATTERN)),
  'input',
  'code',
  'seed',
  'seeds',
]);

/** Names that have a meaning in the experiments where a target is named. */
function takenIn(
  target: Exclude<Target, { kind: 'definition' }>,
  places: readonly Found[],
  { names }: Asked,
): ReadonlySet<string> {
  if (target.kind === 'experiment') {
    return new Set(target.at.reading.experiments.flatMap(({ name }) => (name === null ? [] : [name.token.image])));
  }
  const at = new Map<Reading, Set<number>>();
  for (const { reading, place } of places) {
    const indices = at.get(reading) ?? new Set<number>();
    at.set(reading, indices.add(place.experiment));
  }
  const taken = new Set<string>();
  for (const [reading, indices] of at) {
    for (const index of indices) {
      const from = names.located(reading, index);
      const lineage = from === null ? [] : names.lineage(from);
      for (const each of lineage) {
        // Values of any kind too: a param that is called relu would hide the activation.
        for (const { role, token, experiment } of each.reading.places) {
          if (experiment === each.index && (isName({ role, token, experiment, index: 0 }) || role.kind === 'head')) {
            taken.add(token.image);
          }
        }
      }
    }
  }
  return taken;
}

/** Whether a name means something already in a file that knows a definition. */
function isTakenBeside(
  { name: before, at }: Extract<Target, { kind: 'definition' }>,
  name: string,
  { names, library }: Asked,
  files: readonly Reading[],
): boolean {
  if (library.familiesOf(name).length > 0 || [...formulaFunctions, ...formulaNames].includes(name)) return true;
  const knowing = files.filter((file) => {
    const known = definitionIn(file, before, names);
    return known !== null && isSameName(known, at);
  });
  return [at.reading, ...knowing].some(
    (file) =>
      definitionIn(file, name, names) !== null ||
      file.places.some(({ token, role }) => token.image === name && role.kind !== 'argument'),
  );
}

function targetAt(asked: Asked, offset: number): Target | null {
  const place = placeAt(asked.reading, offset);
  if (place === null) return null;
  const defined = definedName(place, asked.reading, asked.names);
  if (defined !== null) return { kind: 'definition', name: place.token.image, at: defined };
  const from = asked.names.located(asked.reading, place.experiment);
  if (from === null) return null;
  if (place.role.kind === 'experiment' || place.role.kind === 'parent') {
    const at = place.role.kind === 'parent' ? asked.names.parentOf(from) : from;
    const name = at?.experiment.name?.token.image;
    const isWritten = place.role.kind === 'experiment' || from.experiment.parent?.name !== null;
    return at === null || name === undefined || !isWritten ? null : { kind: 'experiment', name, at };
  }
  if (!isName(place)) return null;
  const found = asked.names.find(place.token.image, from);
  if (found === null) return null;
  return { kind: found.kind === 'label' ? 'label' : 'variable', name: place.token.image, from };
}

function placesOf(target: Target, { names, reading }: Asked, files: readonly Reading[]): readonly Found[] {
  const all = [...new Set([reading, ...files])];
  if (target.kind === 'experiment') {
    return all.flatMap((of) =>
      of.experiments.flatMap(({ name, parent }, index): Found[] => {
        const at = names.located(of, index);
        if (at === null) return [];
        const isIt = isSame(at, target.at);
        const itsParent = parent?.name == null ? null : names.parentOf(at);
        return [
          ...(isIt && name !== null ? [{ reading: of, place: name }] : []),
          ...(parent !== null && itsParent !== null && isSame(itsParent, target.at)
            ? [{ reading: of, place: parent.place }]
            : []),
        ];
      }),
    );
  }
  if (target.kind === 'definition') {
    return all.flatMap((of) =>
      of.places
        .filter((place) => place.token.image === target.name)
        .filter((place) => {
          const defined = definedName(place, of, names);
          return defined !== null && isSameName(defined, target.at);
        })
        .map((place) => ({ reading: of, place })),
    );
  }
  const root = rootOf(target, names);
  return all.flatMap((of) =>
    of.experiments.flatMap((_, index): Found[] => {
      const at = names.located(of, index);
      if (at === null || !names.lineage(at).some((each) => isSame(each, root))) return [];
      return of.places
        .filter((place) => place.experiment === index && place.token.image === target.name && isName(place))
        .filter((place) => isOf(target, place, at, names))
        .map((place) => ({ reading: of, place }));
    }),
  );
}

/** The oldest ancestor that declares a name. */
function rootOf({ kind, name, from }: Extract<Target, { kind: 'variable' | 'label' }>, names: Asked['names']): Located {
  const declares = ({ experiment }: Located) =>
    experiment.declarations.some((each) => each.token.image === name && (each.kind === 'label') === (kind === 'label'));
  return names.lineage(from).findLast(declares) ?? from;
}

/** Whether a name at a place matches the target's kind: a param or a let hides a label. */
function isOf(target: Target, { role, token }: ReadToken, at: Located, names: Asked['names']): boolean {
  if (role.kind === 'label') return target.kind === 'label';
  if (role.kind === 'param' || role.kind === 'let' || role.kind === 'axis') return target.kind === 'variable';
  const found = names.find(token.image, at);
  return found !== null && (found.kind === 'label') === (target.kind === 'label');
}

/** The range of a name; in `"sparse.ae:name"` that of the part behind the colon. */
function rangeInToken(source: Source, { token, role }: ReadToken): Range {
  if (role.kind !== 'parent' || is(token, Identifier)) return rangeOfToken(source, token);
  const start = token.startOffset + token.image.lastIndexOf(':') + 1;
  return rangeOf(source, start, endOf(token) - 1);
}

/** The definitions and experiments of a text, with what they declare. */
export function symbolsOf(reading: Reading): readonly DocumentSymbol[] {
  const { source, places } = reading;
  const definitions = places.flatMap(({ role, token, index }): readonly DocumentSymbol[] => {
    const written = places[index - 1];
    const keyword = places[index - 2];
    if (role.kind !== 'defined' || written === undefined || keyword === undefined) return [];
    let last = token;
    for (let next = places[index + 1]; next !== undefined && !beginsAtTop(next); next = places[next.index + 1]) {
      last = next.token;
    }
    return [
      {
        name: token.image,
        detail: written.token.image,
        kind: SymbolKind.Function,
        range: rangeOf(source, keyword.token.startOffset, endOf(last)),
        selectionRange: rangeOfToken(source, token),
      },
    ];
  });
  return [...definitions, ...experimentSymbols(reading)].toSorted((a, b) => order(a.range, b.range));
}

function beginsAtTop({ role }: ReadToken): boolean {
  return role.kind === 'keyword' && ['experiment', 'define', 'use'].includes(role.statement);
}

function experimentSymbols({ source, experiments, places }: Reading): readonly DocumentSymbol[] {
  return experiments.map(({ name, keyword, end, declarations, parent }, index) => {
    const range = rangeOf(source, keyword.startOffset, end);
    const statements = places.filter(
      ({ role, experiment }) => experiment === index && role.kind === 'keyword' && shownStatements.has(role.statement),
    );
    const children = [
      ...declarations.map(
        ({ token, kind }): DocumentSymbol => ({
          name: token.image,
          detail: kind,
          kind: symbolKinds[kind],
          range: rangeOfToken(source, token),
          selectionRange: rangeOfToken(source, token),
        }),
      ),
      ...statements.map(
        ({ token }): DocumentSymbol => ({
          name: token.image,
          kind: SymbolKind.Namespace,
          range: rangeOfToken(source, token),
          selectionRange: rangeOfToken(source, token),
        }),
      ),
    ];
    return {
      name: name?.token.image ?? 'experiment',
      ...(parent === null ? {} : { detail: `extends ${parent.place.token.image}` }),
      kind: SymbolKind.Class,
      range,
      selectionRange: name === null ? rangeOfToken(source, keyword) : rangeOfToken(source, name.token),
      children: children.toSorted((a, b) => order(a.range, b.range)),
    };
  });
}

const symbolKinds = { param: SymbolKind.Variable, let: SymbolKind.Constant, label: SymbolKind.Field } as const;
const shownStatements: ReadonlySet<string> = new Set(removableStatements);

function order(a: Range, b: Range): number {
  return a.start.line - b.start.line || a.start.character - b.start.character;
}
