import type { IToken } from 'chevrotain';
import type { DiagnosticCollector } from '../diagnostics/collector.js';
import type { Identifier } from './ast.js';
import type { Source, Span } from './source.js';
import { spanOf } from './tokenize.js';

/** Context shared by all parts of the AST builder: the source, and where to report problems. */
export interface Building {
  readonly source: Source;
  readonly collector: DiagnosticCollector;
}

/** The single child that the grammar guarantees in a tree without errors. */
export function only<T>(children: readonly T[] | undefined): T {
  return at(children ?? [], 0);
}

/** One of several children that the grammar guarantees in a tree without errors. */
export function at<T>(children: readonly T[], index: number): T {
  const child = children[index];
  if (child === undefined) throw new Error('the syntax tree lacks a child that the grammar requires');
  return child;
}

export function identifier(token: IToken, { source }: Building): Identifier {
  return { name: token.image, span: spanOf(token, source) };
}

/** Span from the start of one token to the end of another. */
export function stretch(first: IToken, last: IToken, { source }: Building): Span {
  return { source, start: first.startOffset, end: spanOf(last, source).end };
}
