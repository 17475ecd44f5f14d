/** A text to compile: an `.ae` file, or an expression from the command line. */
export interface Source {
  /** Path as the user gave it, for diagnostics. */
  readonly path: string;
  readonly text: string;
}

/** A range of a source, in UTF-16 code units; `end` is exclusive. */
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
 * Line endings, in comments, diagnostics and the formatter alike. Other Unicode separators (U+2028, U+0085) are white
 * space, and ordinary characters in a comment.
 */
const lineEnd = /\r\n?|\n/g;

/** Offsets of the line starts, the first at 0. */
export function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(lineEnd), ({ index, 0: end }) => index + end.length)];
}

/** Normalises line endings to `\n`. */
export function withNewlines(text: string): string {
  return text.replaceAll(lineEnd, '\n');
}

export function hasLineEnd(text: string): boolean {
  return text.search(lineEnd) !== -1;
}

export function positionAt(source: Source, offset: number): Position {
  // An offset between `\r` and `\n` is on the line they end.
  const starts = lineStarts(source.text).filter((start) => start <= offset);
  return { line: starts.length, column: offset - (starts.at(-1) ?? 0) + 1 };
}

/** Smallest span that contains both, which must be of one source. */
export function spanning(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
