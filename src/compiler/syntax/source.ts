/** One text the compiler reads: an `.ae` file, or an expression from the command line. */
export interface Source {
  /** As the person named it; shown in diagnostics. */
  readonly path: string;
  readonly text: string;
}

/** A stretch of a source, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in code units. */
  readonly column: number;
}

/**
 * What ends a line, wherever lines matter: a comment, the place of a diagnostic, the layout. Other separators of Unicode
 * (U+2028, U+0085) are white space, and ordinary characters in a comment.
 */
const lineEnd = /\r\n?|\n/g;

/** Where the lines of a text begin: the first at 0. */
export function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(lineEnd), ({ index, 0: end }) => index + end.length)];
}

/** The text with `\n` at the end of every line. */
export function withNewlines(text: string): string {
  return text.replaceAll(lineEnd, '\n');
}

export function hasLineEnd(text: string): boolean {
  return text.search(lineEnd) !== -1;
}

export function positionAt(source: Source, offset: number): Position {
  // A place between `\r` and `\n` is on the line that they end.
  const starts = lineStarts(source.text).filter((start) => start <= offset);
  return { line: starts.length, column: offset - (starts.at(-1) ?? 0) + 1 };
}

/** The smallest stretch that contains both; they must be of one source. */
export function spanning(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
