import type { IToken } from 'chevrotain';
import type { Position, Range } from 'vscode-languageserver';
import { linesOf } from '../compiler/diagnostics/lines.js';
import type { Source } from '../compiler/syntax/source.js';
import { endOf } from './reading.js';

// The protocol counts lines and UTF-16 code units from 0, the compiler from 1.

export function positionOf(source: Source, offset: number): Position {
  const { line, column } = linesOf(source).position(offset);
  return { line: line - 1, character: column - 1 };
}

export function rangeOf(source: Source, start: number, end: number): Range {
  return { start: positionOf(source, start), end: positionOf(source, end) };
}

export function rangeOfToken(source: Source, token: IToken): Range {
  return rangeOf(source, token.startOffset, endOf(token));
}

/** The offset of a position, which a client may put anywhere: within the text, and within its line. */
export function offsetOf(source: Source, { line, character }: Position): number {
  return linesOf(source).offset(line + 1, character + 1);
}
