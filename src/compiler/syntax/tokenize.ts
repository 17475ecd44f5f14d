import type { IToken } from 'chevrotain';
import { BlockComment, commentGroup, mistakeGroup } from '../../../grammar/tokens.js';
import { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { lexer } from './concrete-syntax.js';
import { reportLiteral, reportMistake, reportUnknownCharacters } from './lexical-errors.js';
import type { Source, Span } from './source.js';

/** Most errors to show; a text with more is nonsense, and must not take forever. */
export const errorLimit = 100;

export interface Comment {
  readonly text: string;
  readonly kind: 'line' | 'block';
  readonly span: Span;
}

export interface Tokenized {
  readonly tokens: readonly IToken[];
  readonly comments: readonly Comment[];
  /** Unknown characters: a token may be missing there. */
  readonly unknownCharacters: readonly Span[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Span of a token; empty for an invented one. */
export function spanOf({ startOffset, endOffset, image }: IToken, source: Source): Span {
  return { source, start: startOffset, end: endOffset === undefined ? startOffset + image.length : endOffset + 1 };
}

/** Splits a text into tokens and comments, and checks each token on its own. */
export function tokenize(source: Source): Tokenized {
  const { tokens, groups, errors } = lexer().tokenize(source.text);
  const collector = new DiagnosticCollector();
  const unknownCharacters = errors
    .slice(0, errorLimit + 1)
    .map(({ offset, length }): Span => ({ source, start: offset, end: offset + length }));
  for (const span of unknownCharacters) reportUnknownCharacters(span, collector);
  for (const token of (groups[mistakeGroup] ?? []).slice(0, errorLimit + 1)) {
    reportMistake(token, spanOf(token, source), collector);
  }
  for (const token of tokens) {
    if (collector.all.length > 3 * errorLimit) break;
    reportLiteral(token, spanOf(token, source), collector);
  }
  const comments = (groups[commentGroup] ?? []).map(
    (token): Comment => ({
      text: token.image,
      kind: token.tokenType === BlockComment ? 'block' : 'line',
      span: spanOf(token, source),
    }),
  );
  return { tokens, comments, unknownCharacters, diagnostics: collector.all };
}
