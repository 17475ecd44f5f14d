import type { IToken } from 'chevrotain';
import { Identifier, StringLiteral } from '../../grammar/tokens.js';
import type { Library } from '../compiler/library/library.js';
import { splitReference } from '../compiler/resolve/resolve.js';
import { stringValue } from '../compiler/syntax/literals.js';
import type { Source } from '../compiler/syntax/source.js';
import { is, isInvented, noToken } from '../compiler/syntax/token-kinds.js';
import { type Comment, tokenize } from '../compiler/syntax/tokenize.js';
import type { CallFrame, Frame, Role } from './frames.js';
import { Reader } from './reader.js';

/** Longest text to tokenise; a longer one only gets diagnostics. */
export const longestRead = 1_000_000;

/** A token with what it is. */
export interface ReadToken {
  readonly token: IToken;
  readonly role: Role;
  /** Index of its experiment; -1 for what stands before the first. */
  readonly experiment: number;
  /** Index of its token. */
  readonly index: number;
}

export type DeclarationKind = 'param' | 'let' | 'label';

export interface ReadExperiment {
  readonly name: ReadToken | null;
  readonly parent: ReadParent | null;
  readonly keyword: IToken;
  /** Offset after its last token. */
  readonly end: number;
  /** Params, lets and labels, in the order of the text. */
  readonly declarations: readonly Declared[];
  /** Kinds of statements that it has. */
  readonly statements: ReadonlySet<string>;
}

export interface Declared extends ReadToken {
  readonly kind: DeclarationKind;
  /** The statement that it stands in: `encoder` for most labels. */
  readonly statement: string;
}

/** `extends sparse` or `extends "sparse.ae:name"`. */
export interface ReadParent {
  readonly place: ReadToken;
  /** Null for an experiment of the same file. */
  readonly path: string | null;
  /** Null for the first of the file. */
  readonly name: string | null;
}

/** A text token by token: complete or not, right or wrong. */
export interface Reading {
  readonly source: Source;
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  readonly places: readonly ReadToken[];
  readonly experiments: readonly ReadExperiment[];
}

const readings = new WeakMap<Library, WeakMap<Source, Reading>>();

/** Reads a text; remembers what it was, as every question about a text begins with it. */
export function readTokens(source: Source, library: Library): Reading {
  const ofLibrary = readings.get(library) ?? new WeakMap<Source, Reading>();
  readings.set(library, ofLibrary);
  const known = ofLibrary.get(source) ?? read(source, library);
  ofLibrary.set(source, known);
  return known;
}

function read(source: Source, library: Library): Reading {
  if (source.text.length > longestRead) return { source, tokens: [], comments: [], places: [], experiments: [] };
  const { tokens, comments } = tokenize(source);
  const reader = new Reader(library);
  const places = tokens.map((token, index): ReadToken => {
    const role = reader.read(token, tokens[index + 1] ?? noToken);
    return { token, role, experiment: reader.experiment, index };
  });
  return { source, tokens, comments, places, experiments: experimentsOf(places) };
}

function experimentsOf(places: readonly ReadToken[]): readonly ReadExperiment[] {
  const found: { -readonly [K in keyof ReadExperiment]: ReadExperiment[K] }[] = [];
  let declarations: Declared[] = [];
  let statements = new Set<string>();
  let statement = '';
  for (const place of places) {
    const { role, token, experiment } = place;
    if (role.kind === 'keyword') {
      statement = role.statement;
      if (statement === 'experiment') {
        [declarations, statements] = [[], new Set()];
        found.push({ name: null, parent: null, keyword: token, end: endOf(token), declarations, statements });
      }
      statements.add(statement);
    }
    const current = found[experiment];
    if (current === undefined) continue;
    current.end = endOf(token);
    if (role.kind === 'experiment') current.name = place;
    if (role.kind === 'parent') current.parent = parentOf(place);
    if (role.kind === 'param' || role.kind === 'let' || role.kind === 'label') {
      declarations.push({ ...place, kind: role.kind, statement });
    }
  }
  return found;
}

function parentOf(place: ReadToken): ReadParent {
  const { token } = place;
  if (!is(token, StringLiteral)) return { place, path: null, name: token.image };
  const [path, name] = splitReference(stringValue(token.image));
  return { place, path, name };
}

/** Offset after a token. */
export function endOf(token: IToken): number {
  return isInvented(token) ? token.startOffset : token.startOffset + token.image.length;
}

/** The place whose token touches an offset; a name before anything else, since a cursor stands between two tokens. */
export function placeAt({ places }: Reading, offset: number): ReadToken | null {
  const first = firstFrom(places, ({ token }) => endOf(token) >= offset);
  const touching = places.slice(first, first + 2).filter(({ token }) => token.startOffset <= offset);
  return touching.find(({ token }) => is(token, Identifier)) ?? touching.at(-1) ?? null;
}

/** Reader state at an offset, for completion. */
export interface Cursor {
  /** Innermost first. */
  readonly frames: readonly Frame[];
  /** Innermost call whose parentheses enclose the offset. */
  readonly call: CallFrame | null;
  readonly experiment: number;
  /** The token before the one being typed. */
  readonly previous: IToken;
  /** The token after the one being typed. */
  readonly next: IToken;
  /** The token being typed: a name or a string with the offset inside or at its end. */
  readonly typed: IToken | null;
}

/** Reader state before the token being typed at an offset; null within a comment. */
export function cursorAt(reading: Reading, offset: number, library: Library): Cursor | null {
  const { tokens, comments } = reading;
  if (
    comments.some(
      ({ span, kind }) => span.start < offset && (offset < span.end || (kind === 'line' && offset === span.end)),
    )
  )
    return null;
  const after = firstFrom(tokens, (token) => token.startOffset >= offset);
  const before = tokens[after - 1];
  const isTyping = before !== undefined && endOf(before) >= offset && isWritten(before, offset);
  const count = isTyping ? after - 1 : after;
  const reader = new Reader(library);
  for (const [i, token] of tokens.slice(0, count).entries()) reader.read(token, tokens[i + 1] ?? noToken);
  const { frames } = reader;
  const call = frames.find((frame) => frame.kind === 'call' || frame.kind === 'items' || frame.kind === 'statements');
  return {
    frames,
    call: call?.kind === 'call' ? call : null,
    experiment: reader.experiment,
    previous: reader.previous,
    next: tokens[after] ?? noToken,
    typed: isTyping ? before : null,
  };
}

/** Whether a token that touches an offset is still being typed: a name, or a string around the offset. */
function isWritten(token: IToken, offset: number): boolean {
  return /^[A-Za-z_"']/.test(token.image) && !(isClosed(token) && offset === endOf(token));
}

function isClosed({ image }: IToken): boolean {
  return image.length > 1 && image.startsWith('"') && image.endsWith('"');
}

/** Index of the first value for which something holds that holds for all after it. */
export function firstFrom<T>(sorted: readonly T[], holds: (value: T) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle];
    if (value !== undefined && holds(value)) high = middle;
    else low = middle + 1;
  }
  return low;
}
