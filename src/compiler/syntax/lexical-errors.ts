import type { IToken } from 'chevrotain';
import {
  HashComment,
  MalformedNumber,
  NumberLiteral,
  Semicolon,
  SingleQuotedString,
  StringLiteral,
  UnclosedString,
} from '../../../grammar/tokens.js';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import { abridged, type LiteralProblem, malformedNumber, numberProblem, stringProblem } from './literals.js';
import type { Span } from './source.js';

/** Characters that people type, or editors substitute, for something spelled differently here. */
const instead: ReadonlyMap<string, string> = new Map([
  ['“', 'use straight quotes for strings: "…"'],
  ['”', 'use straight quotes for strings: "…"'],
  ['‘', 'use straight double quotes for strings: "…"'],
  ['’', 'use straight double quotes for strings: "…"'],
  ["'", 'use double quotes for strings: "…"'],
  ['`', 'use double quotes for strings: "…"'],
  ['–', "write a minus sign as '-'"],
  ['—', "write a minus sign as '-'"],
  ['−', "write a minus sign as '-'"],
  ['×', "write '*' for a product"],
  ['·', "write '*' for a product"],
  ['÷', "write '/' for a quotient"],
  ['≤', "write '<='"],
  ['≥', "write '>='"],
  ['≠', "write '!='"],
  ['^', "write '**' for a power"],
  ['&', "write 'and'"],
  ['&&', "write 'and'"],
  ['|', "write 'or'"],
  ['||', "write 'or'"],
  ['!', "write 'not'"],
  ['%', 'expressions have + - * / and **'],
  ['?', 'expressions have no conditions: give a param another value from outside, or extend the experiment'],
  ['@', 'an .ae file is data and has no decorators: remove it'],
  ['$', 'a param is used by its name: dense(hidden)'],
]);

export function reportUnknownCharacters(span: Span, collector: DiagnosticCollector): void {
  const text = span.source.text.slice(span.start, span.end);
  const characters = [...text];
  const shown = characters.slice(0, 8).map(visible).join('');
  const message =
    characters.length === 1
      ? `the character ${quoted(shown)} has no meaning in the language`
      : `the characters ${quoted(characters.length > 8 ? `${shown}…` : shown)} have no meaning in the language`;
  collector.error('AE101', message, span, { hint: instead.get(text) ?? hintFor(characters) });
}

function hintFor(characters: readonly string[]): string | null {
  if (characters.every((character) => /\p{L}/u.test(character)))
    return 'names consist of the letters a to z, digits and _';
  return instead.get(characters[0] ?? '') ?? null;
}

function quoted(shown: string): string {
  return shown.startsWith('U+') ? shown : `'${shown}'`;
}

/** Shows control characters, lone surrogates and the like by code point. */
function visible(character: string): string {
  if (!/[\p{C}\p{Z}]/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Reports a token that is lexed only to explain a common mistake or a missing end. */
export function reportMistake(token: IToken, span: Span, collector: DiagnosticCollector): void {
  if (token.tokenType === HashComment) {
    collector.error('AE101', "comments do not begin with '#'", span, {
      hint: { hint: 'comments begin with //', replacement: token.image.replace(/^#+/, '//') },
    });
  } else if (token.tokenType === Semicolon) {
    collector.error('AE101', "a ';' has no meaning in the language", span, {
      hint: { hint: 'statements need no terminator: remove it', replacement: '' },
    });
  } else {
    const opening: Span = { ...span, end: span.start + 2 };
    collector.error('AE104', 'this comment is never closed', opening, { hint: "close it with '*/'" });
  }
}

/** Reports errors inside a number or string; ignores all other tokens. */
export function reportLiteral(token: IToken, span: Span, collector: DiagnosticCollector): void {
  if (token.tokenType === UnclosedString) {
    collector.error('AE103', 'this string is never closed', span, {
      hint: `a string must end on the same line, with "`,
    });
    return;
  }
  if (token.tokenType === SingleQuotedString) {
    const text = abridged(token.image.slice(1, -1));
    const isName = /^[A-Za-z_]\w*$/.test(text);
    const hint = `write "${text}"${isName ? `, or ${text} where a word is meant` : ''}`;
    const replacement = `"${token.image.slice(1, -1).replaceAll('"', '\\"')}"`;
    collector.error('AE101', 'strings do not use single quotes', span, { hint: { hint, replacement } });
    return;
  }
  const problem = problemOf(token);
  if (problem !== null) collector.error(problem.code, problem.message, span, { hint: problem.hint });
}

function problemOf(token: IToken): LiteralProblem | null {
  if (token.tokenType === MalformedNumber) return malformedNumber(token.image);
  if (token.tokenType === NumberLiteral) return numberProblem(token.image);
  return token.tokenType === StringLiteral ? stringProblem(token.image) : null;
}
