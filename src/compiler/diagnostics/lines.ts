import { lineStarts, type Position, type Source } from '../syntax/source.js';

/** Line starts of a text, computed once so that a thousand diagnostics don't scan it a thousand times. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor({ text }: Source) {
    this.#text = text;
    this.#starts = lineStarts(text);
  }

  /** Same as `positionAt`, by binary search. */
  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** Inverse of `position`; a line or column that the text does not have counts as the nearest that it has. */
  offset(line: number, column: number): number {
    const start = this.#starts[line - 1];
    if (start === undefined) return line < 1 ? 0 : this.#text.length;
    return start + Math.min(Math.max(0, column - 1), this.text(line).length);
  }

  /** Text of a line, counted from 1, without its line ending. */
  text(line: number): string {
    const start = this.#starts[line - 1] ?? this.#text.length;
    return this.#text.slice(start, this.#starts[line]).replace(/\r\n?$|\n$/, '');
  }
}

const known = new WeakMap<Source, Lines>();

/** Lines of a source, computed only once per source. */
export function linesOf(source: Source): Lines {
  const lines = known.get(source) ?? new Lines(source);
  known.set(source, lines);
  return lines;
}
